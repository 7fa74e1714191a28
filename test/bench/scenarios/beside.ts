import { statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { percentile, until } from '../measure.ts';
import type { Figure } from '../results.ts';
import { makeBigFile } from '../trees.ts';
import { never, type Understudy } from '../tools/understudy.ts';
import { drop, mustBeEqual, newJob, type Context, type Scenario, type Sizes } from './scenario.ts';

const BYTES = 4096;
const BETWEEN_MS = 20;
/** The line of the limited run takes so long for the large file. */
const LIMITED_SECONDS = 15;

const works = {
  p50: ({ bigMebibytes }: Sizes) => `create a file while ${bigMebibytes} MiB are mirrored, p50`,
  p99: ({ bigMebibytes }: Sizes) => `create a file while ${bigMebibytes} MiB are mirrored, p99`,
  limited: ({ bigMebibytes }: Sizes) => `create a file while ${bigMebibytes} MiB are mirrored within a limit, p99`,
};

/** New files while the mirror sends one large file, over a free line and over one with a limit. */
export const beside: Scenario = {
  name: 'beside',
  about: 'single new files while a mirror sends one large file',
  goals: (sizes) => [
    { work: works.p99(sizes), peer: null, most: 100 },
    { work: works.limited(sizes), peer: null, most: 600 },
  ],
  run: async (context) => {
    const { own, sizes } = context;
    if (own === null) return [];
    const free: number[] = [];
    for (let run = 0; run < sizes.runs; run++) free.push(...(await latencies(context, own, null)));
    const limited = await latencies(context, own, (sizes.bigMebibytes * 2 ** 20) / LIMITED_SECONDS);
    const line = { tool: own.name, unit: 'ms' as const };
    return [
      { ...line, work: works.p50(sizes), runs: [percentile(free, 50)] },
      { ...line, work: works.p99(sizes), runs: [percentile(free, 99)] },
      { ...line, work: works.limited(sizes), runs: [percentile(limited, 99)] },
    ] satisfies Figure[];
  },
};

/** From the end of each write until the file is complete under its final name, ms; for as long as the large file is not. */
async function latencies(context: Context, own: Understudy, bytesPerSec: number | null): Promise<number[]> {
  const { base, sizes, say } = context;
  const source = `${base}/source`;
  const job = newJob(context, source, await makeBigFile(source, sizes.bigMebibytes));
  const connection = await own.connect(job, null);
  await connection.until('the capture', ({ replication, link }) => replication === 'replicating' && link.kind === 'up', never);
  const limit = (limits: { readonly bytesPerSec: number | null }) => {
    const { targetFingerprint } = connection.snapshot;
    return own.source.session.call('line.configure', { targetFingerprint, settings: { limits } });
  };
  await limit({ bytesPerSec: bytesPerSec === null ? null : Math.round(bytesPerSec) });
  const { wireBytes } = connection.snapshot.statistics;
  await own.source.session.call('mirror.start', { connectionId: connection.id, options: { kind: 'all' } });
  await connection.until('the large file', ({ statistics }) => statistics.wireBytes > wireBytes + 2 ** 20, never);
  const startMs = performance.now();
  const results: number[] = [];
  const size = statSync(`${source}/big`).size;
  while (statSync(`${job.target}/big`, { throwIfNoEntry: false })?.size !== size) {
    const name = `new ${results.length}`;
    writeFileSync(`${source}/${name}`, Buffer.alloc(BYTES, results.length));
    const writtenMs = performance.now();
    // Not `quickly`: where it takes as long as the large file, the session to the service must be kept alive.
    await until(name, () => statSync(`${job.target}/${name}`, { throwIfNoEntry: false })?.size === BYTES);
    results.push(performance.now() - writtenMs);
    await delay(BETWEEN_MS);
  }
  const figures = [50, 99, 100].map((percent) => percentile(results, percent).toFixed(1)).join(', ');
  say(`${results.length} files in ${((performance.now() - startMs) / 1000).toFixed(1)} s: p50, p99, worst ${figures} ms`);
  await limit({ bytesPerSec: null });
  await connection.until('the rest', isQuiet, never);
  await mustBeEqual(own, job);
  await own.forget(job);
  await drop(context, job);
  return results;
}
