import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { backUp, type Backup } from '../support/back-up.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import { PostgresCluster, whyNoPostgres, type Books } from '../support/postgres-cluster.ts';
import { recipe } from '../support/recipe.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const why = whyNoPostgres();
if (why !== null) console.warn(`postgresql.test.ts: no backup of PostgreSQL is tested: ${why}.`);
const whyNoXfs = whyNoVolume('xfs');
if (whyNoXfs !== null) console.warn(`postgresql.test.ts: nothing is tested on xfs: ${whyNoXfs}.`);

/** Who writes without a gap at the wrong moment has no point in time; so often it does not happen twice. */
const MOST_BACKUPS = 6;

describe.skipIf(why !== null)('PostgreSQL under pgbench', () => {
  let pair: ServicePair;
  /** A filled data folder, of a server that was shut down. */
  let filled: string;

  beforeAll(async () => {
    pair = await ServicePair.start();
    chmodSync(pair.folder, 0o755); // the server's user has to come by
    const home = `${pair.folder}/filled`;
    mkdirSync(home);
    filled = `${home}/data`;
    const cluster = new PostgresCluster(filled);
    giveTo(home);
    await cluster.init();
    await cluster.start('fsync=off');
    await cluster.fill(2);
    await cluster.stop();
  });
  afterAll(async () => {
    await pair.close();
  });

  async function startOn(data: string): Promise<PostgresCluster> {
    execFileSync('cp', ['-a', filled, data]);
    const cluster = new PostgresCluster(data);
    // Small, so that checkpoints and recycled segments of the log come in the time of the test.
    await cluster.start('max_wal_size=48MB', 'min_wal_size=32MB', 'checkpoint_timeout=30s');
    onTestFinished(() => cluster.stop('immediate'));
    return cluster;
  }

  /** A server whose data folder is replicated, and pgbench's clients, who never rest. */
  async function scene(name: string, source: string) {
    const cluster = await startOn(source);
    const replica = new Replica(pair, name, undefined, source);
    const rules = ['postmaster.pid', 'postmaster.opts'].map((file) => {
      return { path: `${source}/${file}`, verdict: 'exclude', recursive: false } as const;
    });
    await replica.connect({ kind: 'all' }, rules);
    await replica.mirrored();
    const load = cluster.load(2);
    onTestFinished(() => void load.kill('SIGKILL'));
    const program = recipe('postgresql', `${pair.folder}/hooks-${name}`, [`DATA_FOLDER=${source}`]);
    const configure = (hooks: object) =>
      pair.call('source', 'connection.configure', { connectionId: replica.id, settings: { hooks } });
    let before = 0;
    const backUpAndCheck = async (by: 'pause' | 'hold'): Promise<Backup> => {
      const { transactions } = await cluster.books();
      const backup = await backUp(pair, replica, by);
      // A cut that is no point in time promises nothing of files together.
      if (backup.label !== 'point-in-time') return backup;
      const books = await open(backup.folder);
      expect(books).toMatchObject({ tellers: books.accounts, branches: books.accounts, history: books.accounts });
      // What was committed before the cut was asked for is in it.
      expect(books.transactions).toBeGreaterThanOrEqual(Math.max(transactions, before));
      before = books.transactions;
      return backup;
    };
    return { configure, program, backUpAndCheck };
  }

  /** Starts a server of its own on a backup, checks all of its tables and indexes, and tells the books. */
  async function open(folder: string): Promise<Books> {
    const restored = new PostgresCluster(folder);
    await restored.start('fsync=off');
    try {
      await restored.check();
      return await restored.books();
    } finally {
      await restored.stop('immediate');
    }
  }

  test('on any file system, backups are points in time and consistent with the recipe as hooks', async () => {
    const { configure, program, backUpAndCheck } = await scene('plain', `${pair.folder}/plain`);
    await backUpAndCheck('pause'); // whatever it is worth without them
    await configure({ freeze: program, thaw: program });
    for (const by of ['pause', 'hold'] as const)
      expect(await backUpAndCheck(by)).toMatchObject({ label: 'point-in-time', freeze: 'ok' });
  });

  test('a server that nobody thaws goes on by itself', async () => {
    const cluster = await startOn(`${pair.folder}/forgotten`);
    const program = recipe('postgresql', `${pair.folder}/hooks-alone`, [`DATA_FOLDER=${cluster.data}`, 'FROZEN_SECONDS=1']);
    execFileSync(program, ['freeze']);
    const before = performance.now();
    await cluster.query('SELECT 1');
    expect(performance.now() - before).toBeGreaterThan(500);
  });

  test.skipIf(whyNoXfs !== null)('on xfs, backups are points in time and consistent without hooks', async () => {
    const volume = `${pair.folder}/xfs`;
    // Clones are made only where all of their files could be rewritten meanwhile.
    mountFresh('xfs', volume, 1024);
    const { backUpAndCheck } = await scene('xfs', join(volume, 'data'));
    const labels: string[] = [];
    const isEnough = () => labels.filter((label) => label === 'point-in-time').length === 2;
    while (!isEnough() && labels.length < MOST_BACKUPS)
      labels.push((await backUpAndCheck(labels.length % 2 === 0 ? 'pause' : 'hold')).label);
    expect(labels).toSatisfy(isEnough);
  });

  /** The folder belongs to the server's user from now on. */
  function giveTo(folder: string): void {
    const uid = Number(spawnSync('id', ['-u', 'postgres'], { encoding: 'utf8' }).stdout);
    chownSync(folder, uid, statSync(folder).gid);
  }
});
