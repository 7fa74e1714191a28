import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runSeed } from '../support/property/run-seed.ts';
import { ServicePair } from '../support/service-pair.ts';

const BATCH = 20;
/** One seed is replayed alone; without one the runs differ each time, and a failure prints its seed. */
const replay = process.env.UNDERSTUDY_SEED;
const runs = replay === undefined ? Number(process.env.UNDERSTUDY_RUNS ?? 200) : 1;
const first = replay === undefined ? Math.floor(Date.now() / 1000) % 1_000_000 : Number(replay);

describe('random operations on the source, with random pauses, cuts and kills, end with equal trees', () => {
  let pair: ServicePair;
  beforeAll(async () => {
    pair = await ServicePair.start();
  });
  afterAll(async () => {
    await pair.close();
  });

  for (let from = 0; from < runs; from += BATCH) {
    const seeds = Array.from({ length: Math.min(BATCH, runs - from) }, (_, i) => first + from + i);
    test(`seeds ${seeds[0] ?? ''} to ${seeds.at(-1) ?? ''} (replay one with UNDERSTUDY_SEED)`, { timeout: 300_000 }, async () => {
      for (const seed of seeds) await runSeed(pair, seed);
      expect(pair.logs()).not.toContain('a worker ended');
    });
  }
});
