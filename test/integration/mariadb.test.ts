import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { backUp, type Backup } from '../support/back-up.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import { MariaDbServer, whyNoMariaDb } from '../support/mariadb-server.ts';
import { recipe } from '../support/recipe.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const ACCOUNTS = 1000;
/** Who writes without a gap at the wrong moment has no point in time; so often it does not happen twice. */
const MOST_BACKUPS = 6;
/** Moves money between two accounts, and notes it in a table of either kind: InnoDB with the transaction, MyISAM, which knows none, behind it. */
const SCHEMA = `
  CREATE DATABASE bank; USE bank;
  CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL, filler CHAR(100) NOT NULL DEFAULT 'x', KEY (balance)) ENGINE=InnoDB;
  INSERT INTO account (id, balance) SELECT seq, 0 FROM seq_1_to_${ACCOUNTS};
  CREATE TABLE move (n INT AUTO_INCREMENT PRIMARY KEY, amount INT NOT NULL) ENGINE=InnoDB;
  CREATE TABLE note (n INT AUTO_INCREMENT PRIMARY KEY, amount INT NOT NULL) ENGINE=MyISAM;
  DELIMITER //
  CREATE PROCEDURE work()
  BEGIN
    DECLARE much, payer, payee INT;
    LOOP
      SET much = FLOOR(RAND() * 1000), payer = 1 + FLOOR(RAND() * ${ACCOUNTS / 2}), payee = payer + ${ACCOUNTS / 2};
      START TRANSACTION;
      UPDATE account SET balance = balance - much WHERE id = payer;
      UPDATE account SET balance = balance + much WHERE id = payee;
      INSERT INTO move (amount) VALUES (much);
      COMMIT;
      INSERT INTO note (amount) VALUES (much);
    END LOOP;
  END //`;

const why = whyNoMariaDb();
if (why !== null) console.warn(`mariadb.test.ts: no backup of MariaDB is tested: ${why}.`);

const whyNoXfs = whyNoVolume('xfs');
if (whyNoXfs !== null) console.warn(`mariadb.test.ts: nothing is tested on xfs: ${whyNoXfs}.`);

describe.skipIf(why !== null)('MariaDB under transactions without rest', () => {
  let pair: ServicePair;
  /** A filled data folder, of a server that was shut down. */
  let filled: string;

  beforeAll(async () => {
    pair = await ServicePair.start();
    chmodSync(pair.folder, 0o755); // the server's user has to come by
    filled = `${pair.folder}/filled`;
    const server = new MariaDbServer(filled);
    await server.init();
    await server.start();
    execFileSync('mariadb', ['--no-defaults', `--socket=${server.socket}`], { input: SCHEMA });
    await server.stop();
  });
  afterAll(async () => {
    await pair.close();
  });

  /** A server whose data folder is replicated, and a client who never rests. */
  async function scene(name: string, source?: string) {
    const replica = new Replica(pair, name, undefined, source);
    execFileSync('cp', ['-a', `${filled}/.`, replica.source]);
    const server = new MariaDbServer(replica.source);
    await server.start();
    onTestFinished(() => server.kill());
    await replica.connect({ kind: 'all' });
    await replica.mirrored();
    const load = server.load('CALL bank.work()');
    onTestFinished(() => void load.kill('SIGKILL'));
    let before = 0;
    const backUpAndOpen = async (by: 'pause' | 'hold'): Promise<{ backup: Backup; opened: Opened | null }> => {
      const committed = Number(await server.query('SELECT count(*) FROM bank.move'));
      const backup = await backUp(pair, replica, by);
      // A cut that is no point in time promises nothing of files together.
      if (backup.label !== 'point-in-time') return { backup, opened: null };
      const opened = await open(backup.folder);
      // What was committed before the cut was asked for is in it.
      expect(opened.moves).toBeGreaterThanOrEqual(Math.max(committed, before));
      before = opened.moves;
      return { backup, opened };
    };
    return { replica, server, backUpAndOpen };
  }

  test('backups are points in time and consistent with the recipe as hooks, tables without a log too', async () => {
    const { replica, server, backUpAndOpen } = await scene('plain');
    writeFileSync(server.defaultsFile, `[client]\nsocket=${server.socket}\n`, { mode: 0o600 });
    const program = recipe('mariadb', `${pair.folder}/hooks`, [`DEFAULTS_FILE=${server.defaultsFile}`]);
    await pair.call('source', 'connection.configure', {
      connectionId: replica.id,
      settings: { hooks: { freeze: program, thaw: program } },
    });
    for (const by of ['pause', 'hold'] as const) {
      const { backup, opened } = await backUpAndOpen(by);
      expect(backup).toMatchObject({ label: 'point-in-time', freeze: 'ok' });
      expect(opened).toMatchObject({ total: 0, difference: 0, faults: [] });
      // One client, at most between its commit and its note.
      expect([0, 1]).toContain(opened?.unnoted);
    }
    await expect(server.query('INSERT INTO bank.note (amount) VALUES (0)')).resolves.toBe('');
  });

  test.skipIf(whyNoXfs !== null)(
    'on xfs, backups of tables with a log are points in time and consistent without hooks',
    async () => {
      const volume = `${pair.folder}/xfs`;
      // Clones are made only where all of their files could be rewritten meanwhile.
      mountFresh('xfs', volume, 1024);
      const { backUpAndOpen } = await scene('xfs', join(volume, 'data'));
      const found: Opened[] = [];
      for (let i = 0; found.length < 2 && i < MOST_BACKUPS; i++) {
        const { opened } = await backUpAndOpen(i % 2 === 0 ? 'pause' : 'hold');
        if (opened !== null) found.push(opened);
      }
      expect(found).toHaveLength(2);
      for (const { total, difference, faults } of found) {
        expect({ total, difference }).toEqual({ total: 0, difference: 0 });
        expect(faults.filter((line) => !line.startsWith('bank.note'))).toEqual([]);
      }
    },
  );
});

interface Opened {
  /** Of all accounts, and of those that are paid less what was moved: 0. */
  readonly total: number;
  readonly difference: number;
  readonly moves: number;
  /** Moves that the table without a log does not have. */
  readonly unnoted: number;
  readonly faults: readonly string[];
}

/** Starts a server on a backup, checks all of its tables, and sums them up. */
async function open(folder: string): Promise<Opened> {
  const restored = new MariaDbServer(folder);
  try {
    await restored.start();
    const faults = await restored.faults('bank');
    const sums = await restored.query(`SELECT (SELECT sum(balance) FROM bank.account),
      (SELECT sum(balance) FROM bank.account WHERE id > ${ACCOUNTS / 2}) - (SELECT coalesce(sum(amount), 0) FROM bank.move),
      (SELECT count(*) FROM bank.move), (SELECT count(*) FROM bank.move) - (SELECT count(*) FROM bank.note)`);
    const [total = NaN, difference = NaN, moves = NaN, unnoted = NaN] = sums.split('\t').map(Number);
    return { total, difference, moves, unnoted, faults };
  } finally {
    await restored.kill();
  }
}
