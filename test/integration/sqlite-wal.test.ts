import Database from 'better-sqlite3';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { backUp, type Backup } from '../support/back-up.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import { recipe } from '../support/recipe.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const ACCOUNTS = 2000;
/** Who writes without a gap at the wrong moment has no point in time; so often it does not happen three times. */
const MOST_BACKUPS = 9;

const whyNoRecipe = spawnSync('sqlite3', ['--version']).error === undefined ? null : 'the program sqlite3 is not installed';
if (whyNoRecipe !== null) console.warn(`sqlite-wal.test.ts: the recipe is not tested: ${whyNoRecipe}.`);
const whyNoXfs = whyNoVolume('xfs');
if (whyNoXfs !== null) console.warn(`sqlite-wal.test.ts: nothing is tested on xfs: ${whyNoXfs}.`);

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/** A database in WAL mode that is replicated while a program writes it without rest. */
async function scene(name: string, source?: string) {
  const replica = new Replica(pair, name, undefined, source);
  const file = `${replica.source}/ledger.db`;
  const database = new Database(file);
  onTestFinished(() => void database.close());
  database.pragma('journal_mode = WAL');
  database.exec(`CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, filler TEXT NOT NULL);
    CREATE INDEX by_balance ON account (balance);
    CREATE TABLE move (n INTEGER PRIMARY KEY, amount INTEGER NOT NULL, filler TEXT NOT NULL)`);
  const insert = database.prepare('INSERT INTO account VALUES (?, 0, ?)');
  database.transaction(() => {
    for (let id = 1; id <= ACCOUNTS; id++) insert.run(id, 'x'.repeat(500));
  })();
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  const writer = spawn(process.execPath, [join(import.meta.dirname, '../support/ledger-writer.js'), file]);
  onTestFinished(() => void writer.kill('SIGKILL'));
  const committed = () => database.prepare('SELECT count(*) FROM move').pluck().get() as number;
  let before = 0;
  const backUpAndCheck = async (by: 'pause' | 'hold'): Promise<Backup> => {
    const moves = committed();
    const backup = await backUp(pair, replica, by);
    // A cut that is no point in time promises nothing of the database and its log together.
    if (backup.label !== 'point-in-time') return backup;
    before = check(`${backup.folder}/ledger.db`, Math.max(moves, before));
    return backup;
  };
  return { replica, file, committed, backUpAndCheck };
}

/** Opens a database as after a crash, finds it whole with at least so many moves, and tells how many they are. */
function check(file: string, least: number): number {
  const database = new Database(file);
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    const one = (sql: string) => database.prepare(sql).pluck().get() as number;
    expect(one('SELECT sum(balance) FROM account')).toBe(0);
    expect(one(`SELECT sum(balance) FROM account WHERE id > ${ACCOUNTS / 2}`)).toBe(
      one('SELECT coalesce(sum(amount), 0) FROM move'),
    );
    const moves = one('SELECT count(*) FROM move');
    expect(moves).toBeGreaterThanOrEqual(least);
    return moves;
  } finally {
    database.close();
  }
}

describe('SQLite in WAL mode under a writer without rest', () => {
  test.skipIf(whyNoRecipe !== null)('backups are points in time and consistent with the recipe as hooks', async () => {
    const { replica, file, committed, backUpAndCheck } = await scene('plain');
    await backUpAndCheck('pause'); // whatever it is worth without them
    const program = recipe('sqlite', `${pair.folder}/hooks`, [`DATABASES='${file}'`]);
    await pair.call('source', 'connection.configure', {
      connectionId: replica.id,
      settings: { hooks: { freeze: program, thaw: program } },
    });
    for (const by of ['pause', 'hold', 'pause', 'hold'] as const) {
      const moves = committed();
      expect(await backUpAndCheck(by)).toMatchObject({ label: 'point-in-time', freeze: 'ok' });
      await expect.poll(committed).toBeGreaterThan(moves);
    }
    expect(existsSync(`${file}-wal`) && statSync(file).size > 0).toBe(true);
  });

  test.skipIf(whyNoXfs !== null)('on xfs, backups are points in time and consistent without hooks', async () => {
    const volume = `${pair.folder}/xfs`;
    mountFresh('xfs', volume);
    const { backUpAndCheck } = await scene('xfs', join(volume, 'tree'));
    const labels: string[] = [];
    const isEnough = () => labels.filter((label) => label === 'point-in-time').length === 3;
    while (!isEnough() && labels.length < MOST_BACKUPS)
      labels.push((await backUpAndCheck(labels.length % 2 === 0 ? 'pause' : 'hold')).label);
    expect(labels).toSatisfy(isEnough);
  });
});
