import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../src-main/cli/build-state.ts';
import { FollowedConnection, isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { LocalService } from '../../src-main/cli/local-service.ts';
import { establishConnection } from '../../src-main/control/index.ts';
import { Meter, type MeterReading } from './meter.ts';
import { makeFiles } from './trees.ts';

const usage = `npm run bench:memory -- [--files N] [--bytes N] [--only-mirror]
What two services hold in memory with a set of N files (1000000, empty): after the start, during and after the first mirror, while a
burst of changes waits in a pause, and through a restart of the source. Needs root for nothing and about 4 KiB of disk a file, twice.
Ends with what is aimed at and was measured; the exit code is 1 when an aim is missed. --only-mirror leaves out what comes after the mirror.`;

const { values: options } = parseArgs({
  options: {
    files: { type: 'string', default: '1000000' },
    bytes: { type: 'string', default: '0' },
    'only-mirror': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const SAMPLE_MS = 100;
const names = ['source', 'target'] as const;

/** What is aimed at for each service: at most so many MB at any moment of these phases. */
const SMALL_SET_FILES = 50_000;
const aims = {
  small: { mostMb: 150, phases: ['mirror'] },
  large: { mostMb: 200, phases: ['mirror', 'waiting', 'sent', 'restart'] },
} as const;

interface Peak {
  readonly phase: string;
  readonly side: string;
  readonly mb: number;
}

/** One line for each phase and side that is aimed at; returns whether all keep to it. */
function judge(files: number, peaks: readonly Peak[]): boolean {
  const { mostMb, phases } = files <= SMALL_SET_FILES ? aims.small : aims.large;
  const judged = peaks.filter(({ phase }) => phases.some((one) => one === phase));
  console.log(`Aim: at most ${mostMb} MB resident (VmHWM) in each service.`);
  for (const { phase, side, mb } of judged)
    console.log(`${mb <= mostMb ? 'met   ' : 'MISSED'} ${phase.padEnd(8)} ${side} ${mb.toFixed(0)} MB`);
  return judged.every(({ mb }) => mb <= mostMb);
}

/** Figures since the last call, for a table's row. */
function text({ residentBytes, peakBytes, peakOwnBytes, cpuSec }: MeterReading): string {
  return `${inMb(residentBytes)} MB, peak ${inMb(peakBytes)} (own ${inMb(peakOwnBytes)}), CPU ${cpuSec.toFixed(1)} s`;
}

function inMb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

/** Resolves to whether the aims are met. */
async function main(): Promise<boolean> {
  const files = Number(options.files);
  const root = resolve(import.meta.dirname, '../..');
  ensureBuilt(root, (line) => {
    console.error(line);
  });
  const base = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-memory-'));
  const password = randomBytes(18).toString('base64url');
  const never = new AbortController().signal;
  const services: LocalService[] = [];
  try {
    for (const name of names) {
      mkdirSync(`${base}/${name}`);
      const service = await LocalService.init({
        program: `${root}/dist/main/understudy.js`,
        name,
        folder: `${base}/${name}`,
        password,
      });
      await service.start();
      services.push(service);
    }
    const [source, target] = services;
    if (source === undefined || target === undefined) throw new Error('two services were started');
    const meters = services.map((service) => new Meter(service));
    const timer = setInterval(() => meters.forEach((meter) => meter.sample()), SAMPLE_MS);
    const peaks: Peak[] = [];
    timer.unref();
    let sinceMs = performance.now();
    const tell = (phase: string, what: string) => {
      const readings = meters.map((meter) => meter.read());
      const figures = readings.map((reading, i) => `${names[i] ?? ''} ${text(reading)}`);
      readings.forEach(({ peakBytes }, i) => peaks.push({ phase, side: names[i] ?? '', mb: peakBytes / 1e6 }));
      const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1);
      console.log(`${what.padEnd(42)} ${seconds.padStart(8)} s   ${figures.join('   ')}`);
      sinceMs = performance.now();
    };
    await makeFiles(`${base}/tree`, files, Number(options.bytes));
    sinceMs = performance.now();
    tell('start', 'started');
    let session = await source.session();
    const targetSession = await target.session();
    await session.call('set.create', { name: 'all' });
    await session.call('set.add-rule', { name: 'all', rule: { path: `${base}/tree`, verdict: 'include', recursive: true } });
    await session.call('set.save', { name: 'all' });
    const map = { kind: 'pairs', pairs: [{ from: `${base}/tree`, to: `${base}/replica` }] } as const;
    const snapshot = await establishConnection(session, targetSession, {
      setName: 'all',
      map,
      mirror: { kind: 'all' },
      targetHost: '127.0.0.1',
    });
    let connection = new FollowedConnection(session, snapshot);
    await connection.until('the mirror', isQuiet, never);
    tell('mirror', `mirror of ${files} files`);
    const finish = () => {
      connection.close();
      session.close();
    };
    if (options['only-mirror']) {
      finish();
      targetSession.close();
      return judge(files, peaks);
    }
    const connectionId = snapshot.id;
    await session.call('transmission.pause', { connectionId, reason: 'bench' });
    await connection.until('the pause', ({ transmission }) => transmission.kind === 'paused', never);
    await touchAll(`${base}/tree`, files);
    await connection.until('all notices', ({ statistics, queue }) => statistics.queuedOps >= files || queue.percent > 99, never);
    const { statistics } = connection.snapshot;
    tell('waiting', `${statistics.queuedOps} changes wait, ${statistics.queuedDiskOps} on disk`);
    await session.call('transmission.resume', { connectionId });
    await connection.until('all changes', isQuiet, never);
    tell('sent', 'all of them sent');
    finish();
    await source.stop();
    await source.start();
    session = await source.session();
    connection = new FollowedConnection(session, (await session.call('connection.list', null))[0] ?? snapshot);
    await connection.until('the comparison', (now) => isQuiet(now) && now.replication === 'replicating', never);
    tell('restart', 'source started again, disk compared');
    const sent = connection.snapshot.statistics.sentOps;
    console.log(`After the restart ${sent} ops were sent.`);
    finish();
    targetSession.close();
    return judge(files, peaks);
  } finally {
    for (const service of services) await service.stop();
    rmSync(base, { recursive: true, force: true });
  }
}

/** A change of every file's attributes, as `touch` makes it. The sessions are let in between: one that is silent for long is closed. */
async function touchAll(tree: string, files: number): Promise<void> {
  const seconds = Math.floor(Date.now() / 1000) - 60;
  for (let i = 0; i < files; i++) {
    if (i % 1000 === 0) await nextTurn();
    const folder = `d${String(Math.floor(i / 500)).padStart(4, '0')}`;
    utimesSync(`${tree}/${folder}/f${String(i).padStart(6, '0')}`, seconds, seconds);
  }
}

if (options.help) console.log(usage);
else process.exitCode = (await main()) ? 0 : 1;
