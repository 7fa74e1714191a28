import { isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { coldCache } from '../measure.ts';
import { completedAt, never, type Understudy } from '../tools/understudy.ts';
import type { Job } from '../tools/tool.ts';
import { makeFiles } from '../trees.ts';
import { drop, mustBeEqual, newJob, show, type Context, type Scenario, type Sizes } from './scenario.ts';

const works = {
  ratio: ({ connections }: Sizes) => `${connections} connections to one target, throughput beside one`,
  spread: ({ connections }: Sizes) => `${connections} connections to one target, from the first to the last end`,
  all: ({ connections, files }: Sizes) => `mirror ${files} files over ${connections} connections at once`,
  one: ({ files }: Sizes) => `mirror ${files} files over one connection`,
};

/** Many connections to one target: what they do together, and whether each gets its share. */
export const connections: Scenario = {
  name: 'connections',
  about: 'the same files over one connection and over many at once: aggregate and fairness',
  goals: (sizes) => [
    { work: works.ratio(sizes), peer: null, least: 1 },
    { work: works.spread(sizes), peer: null, most: 20 },
  ],
  run: async (context) => {
    const { own, sizes, say } = context;
    if (own === null) return [];
    const ratios: number[] = [];
    const spreads: number[] = [];
    const seconds = { one: [] as number[], all: [] as number[] };
    for (let run = 0; run < sizes.runs; run++) {
      const one = await mirrorAll(context, own, 1, sizes.files);
      const all = await mirrorAll(context, own, sizes.connections, sizes.files);
      const last = Math.max(...all);
      seconds.one.push((one[0] ?? NaN) / 1000);
      seconds.all.push(last / 1000);
      ratios.push((one[0] ?? NaN) / last);
      spreads.push(((last - Math.min(...all)) / last) * 100);
      say(`one ${show(seconds.one)} s, ${sizes.connections} at once ${show(seconds.all)} s, spread ${show(spreads, 0)} %`);
    }
    const tool = own.name;
    return [
      { work: works.one(sizes), tool, unit: 's', runs: seconds.one },
      { work: works.all(sizes), tool, unit: 's', runs: seconds.all },
      { work: works.ratio(sizes), tool, unit: '×', runs: ratios },
      { work: works.spread(sizes), tool, unit: '%', runs: spreads },
    ];
  },
};

/** Mirrors `files` over `count` connections that start together; when each was durable, in ms after the start. */
async function mirrorAll(context: Context, own: Understudy, count: number, files: number): Promise<number[]> {
  const jobs: Job[] = [];
  for (let i = 0; i < count; i++) {
    const source = `${context.base}/source-${i}`;
    jobs.push(newJob(context, source, await makeFiles(source, Math.floor(files / count), 4096)));
  }
  const followed = [];
  // Connected first, mirrored then: making a connection is no part of it, and all start in the same moment.
  for (const job of jobs) followed.push(await own.connect(job, null));
  await coldCache();
  const startMs = Date.now();
  const options = { kind: 'all' } as const;
  for (const { id } of followed) await own.source.session.call('mirror.start', { connectionId: id, options });
  for (const connection of followed)
    await connection.until('the mirror', (now) => isQuiet(now) && completedAt(now) >= startMs, never, { stallMs: 300_000 });
  const ends = followed.map((connection) => completedAt(connection.snapshot) - startMs);
  for (const job of jobs) {
    await mustBeEqual(own, job);
    await own.forget(job);
    await drop(context, job);
  }
  return ends;
}
