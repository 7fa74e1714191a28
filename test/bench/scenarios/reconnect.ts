import { setTimeout as delay } from 'node:timers/promises';
import { writeFileSync } from 'node:fs';
import { FollowedConnection, isQuiet } from '../../../src-main/cli/demo/followed-connection.ts';
import { never, type Server, type Understudy } from '../tools/understudy.ts';
import type { Job } from '../tools/tool.ts';
import type { Figure } from '../results.ts';
import { makeFiles } from '../trees.ts';
import { drop, mustBeEqual, newJob, show, type Scenario, type Sizes } from './scenario.ts';

const SETTLE_MS = 3_000;
const work = (side: string, changed: number, { files }: Sizes) =>
  `${side} stopped and started, ${changed} of ${files} files changed meanwhile`;

/**
 * From the start of the stopped side until everything is acknowledged. A target that was away costs what changed; a source that was away
 * must look at every entry once, because nobody watched.
 */
export const reconnect: Scenario = {
  name: 'reconnect',
  about: 'the target, then the source, stopped cleanly and started again after some changes',
  goals: () => [],
  run: async (context) => {
    const { base, own, sizes, say } = context;
    if (own === null) return [];
    const source = `${base}/source`;
    const job = newJob(context, source, await makeFiles(source, sizes.files, 4096));
    const figures: Figure[] = [];
    try {
      const connection = await own.connect(job, { kind: 'all' });
      await connection.until('the mirror', isQuiet, never);
      for (const side of ['target', 'source'] as const) {
        for (const changed of [0, Math.round(sizes.files / 500), Math.round(sizes.files / 50)]) {
          const seconds: number[] = [];
          for (let run = 0; run < sizes.runs; run++) seconds.push((await again(own, job, own[side], changed, run)) / 1000);
          say(`${work(side, changed, sizes)}: ${show(seconds)} s`);
          figures.push({ work: work(side, changed, sizes), tool: own.name, unit: 's', runs: seconds });
        }
      }
      await mustBeEqual(own, job);
    } finally {
      await own.forget(job);
      await drop(context, job);
    }
    return figures;
  },
};

async function again(own: Understudy, job: Job, server: Server, changed: number, run: number): Promise<number> {
  await delay(SETTLE_MS);
  const { id } = own.connectionOf(job);
  await own.stopServer(server);
  for (let i = 0; i < changed; i++) {
    const folder = `d${String(Math.floor(i / 500)).padStart(4, '0')}`;
    writeFileSync(`${job.source}/${folder}/f${String(i).padStart(6, '0')}`, `changed ${run} ${changed}`);
  }
  await delay(SETTLE_MS);
  const startMs = performance.now();
  await own.startServer(server);
  const snapshot = await own.source.session.call('connection.get', { connectionId: id });
  const connection = new FollowedConnection(own.source.session, snapshot);
  await connection.until('the link', ({ link, replication }) => link.kind === 'up' && replication === 'replicating', never);
  await connection.until('all of it', isQuiet, never);
  connection.close();
  return performance.now() - startMs;
}
