import { closeSync, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { quickly } from '../measure.ts';
import type { Figure } from '../results.ts';
import type { FollowOptions, Job, Tool } from '../tools/tool.ts';
import { makeBigFile } from '../trees.ts';
import { drop, mustBeEqual, newJob, show, type Context, type Scenario, type Sizes } from './scenario.ts';

const BYTES = 4096;
const SETTLE_MS = 3_000;

const title = ({ bigMebibytes }: Sizes) => `4 KiB changed in ${bigMebibytes} MiB`;
const withRanges = (sizes: Sizes) => `${title(sizes)}, ranges noticed`;
const bytesWithRanges = (sizes: Sizes) => `${title(sizes)}, ranges noticed, on the line`;

/** A small change in a large file: followed where the tool follows, else brought by a run of it. */
export const largeChange: Scenario = {
  name: 'large-change',
  about: '4 KiB changed in one large file',
  goals: (sizes) => [
    { work: title(sizes), peer: 'rsync, daemon', most: 0.5 },
    { work: title(sizes), peer: 'lsyncd', most: 0.5 },
    { work: withRanges(sizes), peer: null, most: 0.03 },
    { work: bytesWithRanges(sizes), peer: null, most: 64 },
  ],
  run: async (context) => {
    const { sizes, tools } = context;
    const figures: Figure[] = [];
    for (const tool of tools) {
      if (tool.follow === null) {
        if (tool.again !== null) figures.push(await byHand(context, tool));
        continue;
      }
      const plain = await followed(context, tool, {});
      figures.push({ work: title(sizes), tool: tool.name, unit: 's', runs: plain.seconds });
      if (tool.name !== 'understudy') continue;
      const noticed = await followed(context, tool, { ranges: true });
      figures.push({ work: withRanges(sizes), tool: tool.name, unit: 's', runs: noticed.seconds });
      figures.push({ work: bytesWithRanges(sizes), tool: tool.name, unit: 'KB', runs: noticed.kilobytes });
    }
    return figures;
  },
};

async function byHand(context: Context, tool: Tool): Promise<Figure> {
  const { base, sizes, say } = context;
  const source = `${base}/source`;
  const job = newJob(context, source, await makeBigFile(source, sizes.bigMebibytes));
  await tool.mirror(job);
  const seconds: number[] = [];
  for (let run = 0; run < sizes.runs; run++) {
    change(job, sizes, run);
    const measure = await tool.again?.(job, false);
    if (measure !== undefined) seconds.push(measure.equalMs / 1000);
  }
  say(`${tool.name}: ${title(sizes)}: ${show(seconds)} s`);
  await mustBeEqual(tool, job);
  await tool.forget(job);
  await drop(context, job);
  return { work: title(sizes), tool: tool.name, unit: 's', runs: seconds };
}

async function followed(
  context: Context,
  tool: Tool,
  options: FollowOptions,
): Promise<{ readonly seconds: number[]; readonly kilobytes: number[] }> {
  const { base, sizes, say } = context;
  const source = `${base}/source`;
  const job = newJob(context, source, await makeBigFile(source, sizes.bigMebibytes));
  const following = await tool.follow?.(job, options);
  const seconds: number[] = [];
  const kilobytes: number[] = [];
  try {
    await delay(SETTLE_MS);
    // The first changes of a file are found by comparing, and are what begins the notice of its ranges.
    for (let run = -2; run < sizes.runs; run++) {
      const before = (await following?.wireBytes()) ?? null;
      const [offset, content] = change(job, sizes, run + 2);
      const ms = await quickly(() => reads(`${job.target}/big`, offset, content), 300_000);
      // A large file that was just sent rests for a while.
      await delay(SETTLE_MS + 5 * ms);
      const after = (await following?.wireBytes()) ?? null;
      if (run < 0) continue;
      seconds.push(ms / 1000);
      if (before !== null && after !== null) kilobytes.push((after - before) / 1000);
    }
    say(
      `${tool.name}${options.ranges === true ? ', ranges' : ''}: ${title(sizes)}: ${show(seconds, 3)} s, ${show(kilobytes, 1)} KB`,
    );
    await mustBeEqual(tool, job);
  } finally {
    await following?.stop();
    await drop(context, job);
  }
  return { seconds, kilobytes };
}

/** Writes 4 KiB that were not there before, each time elsewhere. */
function change({ source }: Job, { bigMebibytes }: Sizes, run: number): readonly [number, Buffer] {
  const content = Buffer.alloc(BYTES, `change ${run} `);
  const offset = ((run * 7919 * BYTES) % (bigMebibytes * 2 ** 20 - BYTES)) & ~(BYTES - 1);
  const fd = openSync(`${source}/big`, 'r+');
  writeSync(fd, content, 0, BYTES, offset);
  closeSync(fd);
  return [offset, content];
}

function reads(path: string, offset: number, content: Buffer): boolean {
  // A tool that replaces files in two steps has none there for a moment.
  if (!existsSync(path)) return false;
  const found = Buffer.alloc(BYTES);
  const fd = openSync(path, 'r');
  try {
    return readSync(fd, found, 0, BYTES, offset) === BYTES && found.equals(content);
  } finally {
    closeSync(fd);
  }
}
