import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../src-main/cli/build-state.ts';
import { soak, type SoakResult } from './soak.ts';
import type { Growth } from './vitals.ts';

const usage = `npm run soak -- [--minutes N] [--seed S]
Two services and trees that change without rest, with kills, cuts, pauses, holds and mirrors; all trees are compared again and again.
--minutes: how long, 30 if not given. --seed: the same changes and disturbances again, though not the same timing.
Ends with 0 when nothing differed and nothing grew.`;

const { values: options } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string' }, help: { type: 'boolean', default: false } },
});

async function main(): Promise<void> {
  const minutes = Number(options.minutes);
  const seed = Number(options.seed ?? Date.now() % 1_000_000);
  if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error(usage);
  ensureBuilt(process.cwd(), console.log);
  const file = join(tmpdir(), `understudy-soak-${seed}.log`);
  writeFileSync(file, '');
  const startedMs = Date.now();
  const say = (text: string): void => {
    const line = `${clock(Date.now() - startedMs)} ${text}`;
    console.log(line);
    appendFileSync(file, `${line}\n`);
  };
  say(`soak of ${minutes} minutes, seed ${seed}; log ${file}`);
  try {
    const result = await soak({ minutes, seed, say });
    for (const line of summary(result)) say(line);
    process.exitCode = complaintsOf(result).length === 0 ? 0 : 1;
  } catch (error) {
    say(`FAILED: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function summary(result: SoakResult): string[] {
  const disturbances = Object.entries(result.disturbances).sort(([, a], [, b]) => b - a);
  return [
    `${result.operations} operations; compared ${result.comparisons} times, each time with 0 differences`,
    `disturbances: ${disturbances.map(([name, count]) => `${name} ${count}`).join(', ')}`,
    `source: ${inWords(result.growth.source)}`,
    `target: ${inWords(result.growth.target)}`,
    complaintsOf(result).length === 0 ? 'PASSED' : `FAILED: ${complaintsOf(result).join('; ')}`,
  ];
}

function inWords({ samples, residentMib, residentMibPerHour, descriptors }: Growth): string {
  const [first, last] = residentMib.map((value) => value.toFixed(0));
  const memory = `memory ${first ?? ''} to ${last ?? ''} MiB (${residentMibPerHour.toFixed(0)} MiB an hour)`;
  return `${memory}, descriptors ${descriptors[0]} to ${descriptors[1]}, from ${samples} looks`;
}

function complaintsOf({ growth }: SoakResult): string[] {
  return (['source', 'target'] as const).flatMap((side) => growth[side].complaints.map((text) => `${side}: ${text}`));
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

if (options.help) console.log(usage);
else {
  await main();
  // Node's own clean-up at a natural end was seen to spin for ever.
  process.exit();
}
