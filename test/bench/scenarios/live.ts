import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile, quickly } from '../measure.ts';
import type { Figure } from '../results.ts';
import { makeFiles } from '../trees.ts';
import type { Following, Job, Tool } from '../tools/tool.ts';
import { drop, mustBeEqual, newJob, show, type Context, type Scenario, type Sizes } from './scenario.ts';

const BYTES = 4096;
/** Between two changes whose time is taken: each finds everything at rest. */
const BETWEEN_MS = 20;
/** A tool that gathers changes for a second or more is not asked for all of them. */
const MOST_LATENCIES_MS = 60_000;
/** After the first mirror: comparisons that follow it, and what other tools do after theirs. */
const SETTLE_MS = 5_000;

const works = {
  p50: ({ watchedFiles }: Sizes) => `create a file in a set of ${watchedFiles}, p50`,
  p99: ({ watchedFiles }: Sizes) => `create a file in a set of ${watchedFiles}, p99`,
  worst: ({ watchedFiles }: Sizes) => `create a file in a set of ${watchedFiles}, worst`,
  removed: ({ watchedFiles }: Sizes) => `remove a file of a set of ${watchedFiles}, p50`,
  burst: ({ burst }: Sizes) => `burst of ${burst} files, after the last write`,
  rename: ({ burst }: Sizes) => `rename a folder of ${burst} files`,
  renameBytes: ({ burst }: Sizes) => `rename a folder of ${burst} files, on the line`,
};

/** Single changes and bursts while the set is watched; empty files make up the set, so that only their number counts. */
export const live: Scenario = {
  name: 'live',
  about: 'single new files, removals, a burst and the rename of a folder in a watched set',
  goals: (sizes) => [
    { work: works.p50(sizes), peer: null, most: 5 },
    { work: works.p99(sizes), peer: null, most: 20 },
    { work: works.burst(sizes), peer: null, most: 0.5 },
    { work: works.rename(sizes), peer: null, most: 50 },
    { work: works.renameBytes(sizes), peer: null, most: 100 },
  ],
  run: async (context) => {
    const figures: Figure[] = [];
    for (const tool of context.tools)
      if (tool.follow !== null) figures.push(...(await follow(context, tool, tool.follow.bind(tool))));
    return figures;
  },
};

async function follow(context: Context, tool: Tool, start: NonNullable<Tool['follow']>): Promise<Figure[]> {
  const { base, sizes, say } = context;
  const source = `${base}/source`;
  // One that needs minutes for the set is shown with a small one, and says so.
  const count = tool.isSlow ? Math.min(sizes.watchedFiles, 1_000) : sizes.watchedFiles;
  const remark = count < sizes.watchedFiles ? { remark: `in a set of ${count}` } : {};
  const job = newJob(context, source, await makeFiles(source, count, 0));
  const following = await start(job);
  try {
    await delay(SETTLE_MS);
    const created = await createLatencies(job, sizes.latencies);
    const removed = tool.isSlow ? [] : await removeLatencies(job, Math.min(50, sizes.latencies));
    say(`${tool.name}: create p50 ${percentile(created, 50).toFixed(1)} ms, p99 ${percentile(created, 99).toFixed(1)} ms`);
    const bursts: number[] = [];
    const renames: number[] = [];
    const kilobytes: number[] = [];
    for (let run = 0; run < (tool.isSlow ? 1 : sizes.runs); run++) {
      bursts.push((await burst(job, `burst ${run}`, sizes.burst)) / 1000);
      await delay(SETTLE_MS);
      const renamed = await rename(job, following, `burst ${run}`, `renamed ${run}`, sizes.burst);
      renames.push(renamed.ms);
      if (renamed.bytes !== null) kilobytes.push(renamed.bytes / 1000);
      say(`${tool.name}: burst ${show(bursts)} s, rename ${show(renames, 1)} ms, ${show(kilobytes, 1)} KB`);
    }
    await mustBeEqual(tool, job);
    const line = { tool: tool.name, ...remark };
    return [
      { ...line, work: works.p50(sizes), unit: 'ms', runs: [percentile(created, 50)] },
      { ...line, work: works.p99(sizes), unit: 'ms', runs: [percentile(created, 99)] },
      { ...line, work: works.worst(sizes), unit: 'ms', runs: [Math.max(...created)] },
      ...(removed.length > 0
        ? [{ ...line, work: works.removed(sizes), unit: 'ms' as const, runs: [percentile(removed, 50)] }]
        : []),
      { ...line, work: works.burst(sizes), unit: 's', runs: bursts },
      { ...line, work: works.rename(sizes), unit: 'ms', runs: renames },
      ...(kilobytes.length > 0 ? [{ ...line, work: works.renameBytes(sizes), unit: 'KB' as const, runs: kilobytes }] : []),
    ];
  } finally {
    await following.stop();
    await drop(context, job);
  }
}

/** From the end of the write until the file is complete under its final name, ms each. */
async function createLatencies({ source, target }: Job, count: number): Promise<number[]> {
  const giveUpAtMs = performance.now() + MOST_LATENCIES_MS;
  const latencies: number[] = [];
  for (let i = 0; i < count && performance.now() < giveUpAtMs; i++) {
    writeFileSync(`${source}/new ${i}`, Buffer.alloc(BYTES, i));
    latencies.push(await quickly(() => statSync(`${target}/new ${i}`, { throwIfNoEntry: false })?.size === BYTES));
    await delay(BETWEEN_MS);
  }
  return latencies;
}

/** As often as an ordinary program removes files: ten in a second. */
async function removeLatencies({ source, target }: Job, count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const name = `d0000/f${String(i).padStart(6, '0')}`;
    rmSync(`${source}/${name}`);
    latencies.push(await quickly(() => !existsSync(`${target}/${name}`)));
    await delay(100);
  }
  return latencies;
}

/** From the last write until all are there, ms. */
async function burst({ source, target }: Job, folder: string, count: number): Promise<number> {
  const content = Buffer.alloc(BYTES, count);
  mkdirSync(`${source}/${folder}`);
  for (let i = 0; i < count; i++) writeFileSync(`${source}/${folder}/${i}`, content);
  const startMs = performance.now();
  await quickly(() => statSync(`${target}/${folder}/${count - 1}`, { throwIfNoEntry: false })?.size === BYTES, 300_000);
  for (let i = 0; i < count; i++)
    await quickly(() => statSync(`${target}/${folder}/${i}`, { throwIfNoEntry: false })?.size === BYTES);
  return performance.now() - startMs;
}

async function rename(
  { source, target }: Job,
  following: Following,
  from: string,
  to: string,
  count: number,
): Promise<{ readonly ms: number; readonly bytes: number | null }> {
  const before = await following.wireBytes();
  renameSync(`${source}/${from}`, `${source}/${to}`);
  const ms = await quickly(() => existsSync(`${target}/${to}/${count - 1}`) && !existsSync(`${target}/${from}`), 300_000);
  await delay(SETTLE_MS / 5);
  const after = await following.wireBytes();
  return { ms, bytes: before === null || after === null ? null : after - before };
}
