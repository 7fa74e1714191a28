import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isDamagedDatabase, openDatabase, readDatabase, removeDatabase } from '../../../src-main/store/index.ts';

const first = 'CREATE TABLE pets (name TEXT NOT NULL) STRICT';
const second = "ALTER TABLE pets ADD COLUMN kind TEXT NOT NULL DEFAULT 'cat'";

describe('openDatabase', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'understudy-store-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a new migration runs once on a file that had the older ones, and keeps its rows', () => {
    const file = join(folder, 'a.db');
    const old = openDatabase(file, [first]);
    old.prepare('INSERT INTO pets VALUES (?)').run('Tom');
    old.close();
    for (let i = 0; i < 2; i++) {
      const database = openDatabase(file, [first, second]);
      expect(database.prepare('SELECT * FROM pets').all()).toEqual([{ name: 'Tom', kind: 'cat' }]);
      database.close();
    }
  });

  test('a reader sees what the owner has committed, and changes nothing', () => {
    const file = join(folder, 'a.db');
    const owner = openDatabase(file, [first]);
    const reader = readDatabase(file);
    owner.prepare('INSERT INTO pets VALUES (?)').run('Tom');
    expect(reader.prepare('SELECT name FROM pets').pluck(true).all()).toEqual(['Tom']);
    expect(() => reader.exec('DELETE FROM pets')).toThrow('readonly');
    reader.close();
    owner.close();
  });

  test('a file that is no database is told from other failures, and goes with its side files', () => {
    const file = join(folder, 'a.db');
    openDatabase(file, [first]).close();
    const failure = (migrations: readonly string[]): unknown => {
      try {
        return openDatabase(file, migrations).close();
      } catch (error) {
        return error;
      }
    };
    expect(isDamagedDatabase(failure([first, 'CREATE TABLE pets (a)']))).toBe(false);
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(file + suffix, 'no database at all, but long enough to look at');
    expect(isDamagedDatabase(failure([first]))).toBe(true);
    removeDatabase(file);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a failing migration leaves the file as it was', () => {
    const file = join(folder, 'a.db');
    expect(() => openDatabase(file, [first, 'CREATE TABLE x (a); CREATE TABLE pets (a)'])).toThrow(/pets/);
    const database = openDatabase(file, [first]);
    expect(database.pragma('user_version', { simple: true })).toBe(1);
    database.close();
  });

  test('a file of a newer program is refused with both numbers', () => {
    const file = join(folder, 'a.db');
    openDatabase(file, [first, second]).close();
    expect(() => openDatabase(file, [first])).toThrow(
      expect.objectContaining({ code: 'newer-data', details: { path: file, found: 2, known: 1 } }),
    );
  });

  test('pragmas are those of a durable, checked database', () => {
    const database = openDatabase(join(folder, 'a.db'), []);
    expect(database.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(database.pragma('synchronous', { simple: true })).toBe(1);
    expect(database.pragma('foreign_keys', { simple: true })).toBe(1);
    database.close();
  });
});
