import { execFile } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { startCapture } from '../../../src-main/engine/capture/index.ts';
import { initialConnectionSettings } from '../../../src-main/api/index.ts';
import { median } from '../measure.ts';
import type { Figure } from '../results.ts';
import type { Wrote } from '../writer.ts';
import { followAlone, type Following, type Method } from './follow-alone.ts';
import type { Scenario } from './scenario.ts';

const FILES = 3_000;
const WRITES = 10_000;
const LARGE_BYTES = 64 * 1024 * 1024;
const methods: readonly Method[] = ['inotify', 'fanotify', 'ranges'];

const works = {
  small: 'create and write a file of 4 KiB',
  large: 'write 4 KiB at a random place of a large file',
} as const;
type Work = keyof typeof works;
const slowed = (work: Work, method: Method) => `writers: ${works[work]}, slowed by ${method}`;

/**
 * What the source's writers pay for being followed. For each method a program writes alone and followed, in turn, and each pair of neighbours
 * gives one ratio, so that what else the machine does hits both; every other pair is the other way round. Nothing is sent: on a source with
 * processors to spare this is all that writers pay.
 */
export const writers: Scenario = {
  name: 'writers',
  about: 'what a program that writes pays for being followed',
  goals: () =>
    (['small', 'large'] as const).flatMap((work) => [
      { work: slowed(work, 'fanotify'), peer: null, most: 5 },
      { work: slowed(work, 'inotify'), peer: null, most: 5 },
      { work: slowed(work, 'ranges'), peer: null, most: 15 },
    ]),
  run: async ({ base, own, sizes, say }) => {
    if (own === null) return [];
    const figures: Figure[] = [];
    for (const method of methods) {
      const pairs = await measurePairs(base, method, 3 * sizes.runs + 2, say);
      if (pairs === null) continue;
      for (const work of ['small', 'large'] as const) {
        const alone = median(pairs.map((pair) => pair.alone[work]));
        const followed = median(pairs.map((pair) => pair.followed[work]));
        say(`${works[work]}: ${alone.toFixed(1)} µs alone, ${followed.toFixed(1)} µs with ${method} (medians)`);
        const runs = pairs.map((pair) => (pair.followed[work] / pair.alone[work] - 1) * 100);
        const remark = `${alone.toFixed(1)} to ${followed.toFixed(1)} µs`;
        figures.push({ work: slowed(work, method), tool: own.name, unit: '%', runs, remark });
      }
    }
    say(`an event outside the set costs the capture ${median(foreign(base)).toFixed(1)} µs`);
    return figures;
  },
};

interface Pair {
  readonly alone: Wrote;
  readonly followed: Wrote;
}

/** Null where the method cannot be had. */
async function measurePairs(
  base: string,
  method: Method,
  rounds: number,
  say: (line: string) => void,
): Promise<readonly Pair[] | null> {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    const place = (who: string) => `${base}/writers-${method}-${round}-${who}`;
    const write = async (isFollowed: boolean) => measure(place(isFollowed ? 'followed' : 'alone'), isFollowed ? method : null);
    try {
      const isFollowedFirst = round % 2 === 1;
      const first = await write(isFollowedFirst);
      const second = await write(!isFollowedFirst);
      pairs.push(isFollowedFirst ? { alone: second, followed: first } : { alone: first, followed: second });
    } catch (error) {
      say(`${method} is left out: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
  return pairs;
}

/** µs for each write of a program in a fresh folder, which is followed by `method` or by nobody. */
async function measure(folder: string, method: Method | null): Promise<Wrote> {
  mkdirSync(folder);
  let following: Following | null = null;
  try {
    makeLarge(`${folder}/large`);
    if (method !== null) following = await followAlone(folder, method, LARGE_BYTES);
    const writer = `${import.meta.dirname}/../writer.ts`;
    const sizes = [FILES, WRITES, LARGE_BYTES].map(String);
    const { stdout } = await promisify(execFile)(process.execPath, [writer, folder, ...sizes]);
    // A number for something else than what it is called would be worse than none.
    if (method === 'ranges' && following?.rangesTold() !== true) throw new Error('the large file was not covered');
    return JSON.parse(stdout) as Wrote;
  } finally {
    await following?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On disk before anything is timed: writing it out later would be in the way. */
function makeLarge(path: string): void {
  const fd = openSync(path, 'w');
  writeSync(fd, Buffer.alloc(LARGE_BYTES, 1));
  fsyncSync(fd);
  closeSync(fd);
}

const ROUNDS = 7;
const EVENTS = 1_000;

/** Time to read past one event of a place outside the set, µs. */
function foreign(base: string): number[] {
  const [set, outside] = [`${base}/set`, `${base}/outside`];
  mkdirSync(set);
  mkdirSync(outside);
  const all = () => true;
  const choice = { ...initialConnectionSettings.capture, method: 'fanotify' as const };
  const { capture } = startCapture(choice, { roots: [set], selects: all, descends: all, selectsAllBelow: all });
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < EVENTS; i++) writeFileSync(`${outside}/${round}-${i}`, 'x');
    const start = performance.now();
    // Creating, writing and closing one file waits as one event.
    capture.read(0);
    capture.read(0);
    costs.push(((performance.now() - start) * 1000) / EVENTS);
  }
  capture.close();
  return costs;
}
