import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { compareTrees } from '../../../src-main/engine/verify/index.ts';
import { rawName } from '../../../src-main/base/index.ts';
import type { Figure, Goal } from '../results.ts';
import type { Job, Measure, Tool } from '../tools/tool.ts';
import type { Understudy } from '../tools/understudy.ts';

export interface Sizes {
  /** Small files of a mirror. */
  readonly files: number;
  readonly bigMebibytes: number;
  /** A tree that is on most machines. */
  readonly share: string;
  /** Files of the set in which single changes are timed. */
  readonly watchedFiles: number;
  readonly latencies: number;
  readonly burst: number;
  readonly connections: number;
  readonly runs: number;
}

export const fullSizes: Sizes = {
  files: 50_000, bigMebibytes: 1024, share: '/usr/share', watchedFiles: 200_000, latencies: 300, burst: 10_000, connections: 20, runs: 3,
}; // prettier-ignore
export const quickSizes: Sizes = {
  files: 5_000, bigMebibytes: 128, share: '/usr/share/doc', watchedFiles: 10_000, latencies: 100, burst: 2_000, connections: 20, runs: 1,
}; // prettier-ignore

export interface Context {
  readonly tools: readonly Tool[];
  /** Null when it is not among the tools of this run. */
  readonly own: Understudy | null;
  readonly base: string;
  readonly sizes: Sizes;
  readonly say: (line: string) => void;
}

/** A piece of work, its figures and what is aimed at. */
export interface Scenario {
  readonly name: string;
  readonly about: string;
  run(context: Context): Promise<readonly Figure[]>;
  goals(sizes: Sizes): readonly Goal[];
}

let jobs = 0;
let discarded = 0;
/** A tree of so few entries may be large, and is removed for its room. */
const FEW = 5;

/** A new, empty target for a tree. */
export function newJob({ base }: Pick<Context, 'base'>, source: string, last: string): Job {
  const target = `${base}/targets/${jobs++}`;
  mkdirSync(target, { recursive: true });
  return { source, target, last };
}

/** Done with the trees of a job; `source` false: only with the copy. */
export async function drop(context: Pick<Context, 'base'>, job: Job, source = true): Promise<void> {
  for (const folder of source ? [job.source, job.target] : [job.target]) await discard(context, folder);
}

/**
 * Done with a tree. One of many files stays until the bench ends, under another name: ext4 does not give inodes again that were deleted
 * within the last minutes, and looks at each of them whenever it needs a new one.
 */
export async function discard({ base }: Pick<Context, 'base'>, folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  if (readdirSync(folder).length < FEW) return rm(folder, { recursive: true });
  mkdirSync(`${base}/discarded`, { recursive: true });
  renameSync(folder, `${base}/discarded/${discarded++}`);
}

/** A fast copy that is not a copy is no result. A tool that follows changes may need a moment for the last attributes. */
export async function mustBeEqual(tool: Tool, { source, target }: Job): Promise<void> {
  for (let i = 0; ; i++) {
    const bytes = i > 0 || tool.follow === null;
    const comparison = await compareTrees([{ from: rawName(source), to: rawName(target) }], { bytes });
    const list = comparison.list.filter(
      ({ what, path }) => (what !== 'modified' || tool.keepsFolderTimes) && !path.includes('.stfolder'),
    );
    if (list.length === 0 && bytes) return;
    if (list.length > 0 && i > 50) throw new Error(`${tool.name} left differences: ${JSON.stringify(list.slice(0, 3))}`);
    await delay(200);
  }
}

/** Seconds until the trees were equal, and until the copy was durable. */
export function copied(work: string, tool: Tool, measures: readonly Measure[]): Figure {
  return {
    work,
    tool: tool.name,
    unit: 's',
    runs: measures.map(({ equalMs }) => equalMs / 1000),
    durable: measures.map(({ durableMs }) => durableMs / 1000),
  };
}

export function show(values: readonly number[], digits = 2): string {
  return values.length === 0 ? '-' : values.map((value) => value.toFixed(digits)).join(', ');
}
