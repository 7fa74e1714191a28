import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { percentile } from '../measure.ts';
import type { Figure } from '../results.ts';
import { never, type Server } from '../tools/understudy.ts';
import { makeFiles } from '../trees.ts';
import { drop, newJob, type Scenario, type Sizes } from './scenario.ts';

const ASK_MS = 10;
const IDLE_SETTLE_MS = 20_000;
const IDLE_MS = 30_000;
/** Of one processor, as the kernel counts it. */
const TICKS_PER_S = 100;

const works = {
  memory: (side: string, { files }: Sizes) => `memory of the ${side}'s service, mirror of ${files} files, peak`,
  delay: (side: string, { files }: Sizes) => `answer of the ${side}'s control plane, mirror of ${files} files, p99`,
  idle: (side: string, { watchedFiles }: Sizes) => `idle processor of the ${side}, ${watchedFiles} files watched`,
};
const sides = ['source', 'target'] as const;

/** What the two services hold and how soon they answer while they mirror, and what they cost when nothing happens. */
export const resources: Scenario = {
  name: 'resources',
  about: 'memory and control plane during a mirror, processor time at rest',
  goals: (sizes) =>
    sides.flatMap((side) => [
      { work: works.memory(side, sizes), peer: null, most: 150 },
      { work: works.delay(side, sizes), peer: null, most: 20 },
      { work: works.idle(side, sizes), peer: null, most: 0.5 },
    ]),
  run: async (context) => {
    const { base, own, sizes, say } = context;
    if (own === null) return [];
    const source = `${base}/source`;
    const figures: Figure[] = [];
    // Services that have just started: what earlier work left behind is no part of this.
    for (const side of sides) {
      await own.stopServer(own[side]);
      await own.startServer(own[side]);
    }
    const mirrored = newJob(context, source, await makeFiles(source, sizes.files, 4096));
    for (const side of sides) forgetPeak(own[side]);
    const stop = new AbortController();
    const asked = sides.map((side) => askOften(own[side], stop.signal));
    const connection = await own.connect(mirrored, { kind: 'all' });
    await connection.until('the mirror', isQuiet, never);
    stop.abort();
    for (const [i, side] of sides.entries()) {
      const answers = (await asked[i]) ?? [];
      const [peak, p99] = [peakMegabytes(own[side]), percentile(answers, 99)];
      say(`${side}: peak ${peak.toFixed(0)} MB; ${answers.length} answers, p99 ${p99.toFixed(1)} ms`);
      figures.push({ work: works.memory(side, sizes), tool: own.name, unit: 'MB', runs: [peak] });
      figures.push({ work: works.delay(side, sizes), tool: own.name, unit: 'ms', runs: [p99] });
    }
    await own.forget(mirrored);
    await drop(context, mirrored);

    const watched = newJob(context, source, await makeFiles(source, sizes.watchedFiles, 0));
    const idle = await own.connect(watched, { kind: 'all' });
    await idle.until('the mirror', isQuiet, never);
    // A console that looks costs something too: nobody looks now.
    idle.close();
    await delay(IDLE_SETTLE_MS);
    const before = sides.map((side) => ticks(own[side]));
    await delay(IDLE_MS);
    for (const [i, side] of sides.entries()) {
      const percent = ((ticks(own[side]) - (before[i] ?? 0)) / TICKS_PER_S / (IDLE_MS / 1000)) * 100;
      say(`${side}: idle ${percent.toFixed(2)} %`);
      figures.push({ work: works.idle(side, sizes), tool: own.name, unit: '%', runs: [percent] });
    }
    await own.forget(watched);
    await drop(context, watched);
    return figures;
  },
};

/** Round trips of a call in ms, this program's own waits included. */
async function askOften({ session }: Server, signal: AbortSignal): Promise<number[]> {
  const answers: number[] = [];
  while (!signal.aborted) {
    const startMs = performance.now();
    await session.call('connection.list', null);
    answers.push(performance.now() - startMs);
    await delay(ASK_MS);
  }
  return answers;
}

function forgetPeak({ service }: Server): void {
  if (service.pid !== null) writeFileSync(`/proc/${service.pid}/clear_refs`, '5');
}

function peakMegabytes({ service }: Server): number {
  const status = readFileSync(`/proc/${String(service.pid)}/status`, 'latin1');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1000;
}

/** Processor time used so far, in ticks of the kernel. */
function ticks({ service }: Server): number {
  const fields =
    readFileSync(`/proc/${String(service.pid)}/stat`, 'latin1')
      .split(') ')[1]
      ?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
