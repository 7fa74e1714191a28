import Database from 'better-sqlite3';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { recipe } from '../support/recipe.ts';
import { tempFolder } from '../support/temp-folder.ts';

const isMissing = process.platform !== 'linux' || spawnSync('sqlite3', ['--version']).error !== undefined;
if (isMissing)
  console.warn(
    'recipes.test.ts: the recipe for SQLite is not tested: this is not Linux, or the program sqlite3 is not installed.',
  );

/** A database, and the recipe for it. */
function scene(...settings: readonly string[]) {
  const folder = tempFolder();
  const file = `${folder}/it's one.db`;
  const database = new Database(file, { timeout: 0 });
  onTestFinished(() => void database.close());
  database.exec('PRAGMA journal_mode = WAL; CREATE TABLE row (n)');
  const program = recipe('sqlite', `${folder}/hooks`, [`DATABASES="${file}"`, ...settings]);
  const run = (purpose: string) => {
    const { status, stderr } = spawnSync(program, {
      env: { PATH: process.env.PATH, UNDERSTUDY_PURPOSE: purpose },
      encoding: 'utf8',
    });
    return { status, said: stderr.trim() };
  };
  onTestFinished(() => void run('thaw'));
  const mayWrite = () => {
    try {
      database.exec('INSERT INTO row VALUES (1)');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error;
      return false;
    }
  };
  return { folder, database, program, run, mayWrite };
}

describe.skipIf(isMissing)('a recipe', () => {
  test('freezes until the thaw, which may come twice, or before', () => {
    const { folder, run, mayWrite } = scene();
    expect(run('thaw')).toEqual({ status: 0, said: '' });
    expect(run('freeze')).toEqual({ status: 0, said: '' });
    expect(mayWrite()).toBe(false);
    // As after a service that was killed: the earlier freeze is not in the way.
    expect(run('freeze')).toEqual({ status: 0, said: '' });
    expect(run('thaw')).toEqual({ status: 0, said: '' });
    expect(mayWrite()).toBe(true);
    expect(run('thaw')).toEqual({ status: 0, said: '' });
    expect(existsSync(`${folder}/hooks/state/sqlite.kept`)).toBe(false);
  });

  test('lets the application go on by itself when nobody thaws', async () => {
    const { run, mayWrite } = scene('FROZEN_SECONDS=5');
    expect(run('freeze').status).toBe(0);
    expect(mayWrite()).toBe(false);
    await eventually('it goes on', mayWrite);
  });

  test('fails in its time where somebody else holds the lock, and leaves nothing frozen', () => {
    const { database, run, mayWrite } = scene('WAIT_SECONDS=1');
    database.exec('BEGIN IMMEDIATE');
    const { status, said } = run('freeze');
    expect(status).toBe(1);
    expect(said).toContain('lock');
    database.exec('COMMIT');
    expect(mayWrite()).toBe(true);
  });

  test('takes no settings that others may change', () => {
    const { program, run } = scene();
    chmodSync(`${program}.conf`, 0o666);
    expect(run('freeze')).toEqual({
      status: 1,
      said: `sqlite: others may change ${program}.conf; take that away with chmod go-w`,
    });
  });
});
