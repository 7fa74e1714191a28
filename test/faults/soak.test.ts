import { expect, test } from 'vitest';
import { soak } from '../soak/soak.ts';

const MINUTES = 2;

/** `npm run soak` is the same for as long as one likes. */
test(
  `${MINUTES} minutes of changes, kills, cuts and orders end equal, and nothing grows`,
  { timeout: (MINUTES + 5) * 60_000 },
  async () => {
    const seed = Number(process.env.UNDERSTUDY_SEED ?? Date.now() % 1_000_000);
    const lines: string[] = [];
    const result = await soak({ minutes: MINUTES, seed, say: (line) => lines.push(line) });
    expect(result.comparisons, lines.join('\n')).toBeGreaterThan(3);
    expect([...result.growth.source.complaints, ...result.growth.target.complaints], lines.join('\n')).toEqual([]);
  },
);
