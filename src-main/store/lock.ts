import SqliteDatabase from 'better-sqlite3';
import { readFileSync, writeFileSync } from 'node:fs';
import { ReplicationError } from '../base/index.ts';

/** Keeps held locks from being collected with a caller's forgotten reference, which would let them go. */
const held = new Set<SqliteDatabase.Database>();

/** A held lock; it ends with `release` or with the process, however the process ends. */
export interface Lock {
  /** Tells whoever is refused where the holder can be reached. */
  announce(address: string): void;
  release(): void;
}

/**
 * Makes this process the only one to use `folder`, or throws `data-in-use`. The lock is the operating system's own on a small SQLite file, so
 * it cannot go stale: the kernel drops it with its process, and there is no number of a dead process to judge.
 */
export function takeLock(folder: string, file: string): Lock {
  const holder = `${file}.pid`;
  const database = new SqliteDatabase(file, { timeout: 0 });
  try {
    database.pragma('journal_mode = DELETE'); // in WAL mode an exclusive transaction would not lock the file for others
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (error instanceof SqliteDatabase.SqliteError && error.code.startsWith('SQLITE_BUSY')) {
      throw new ReplicationError('data-in-use', { path: folder, ...readHolder(holder) }, { cause: error });
    }
    throw error;
  }
  held.add(database);
  writeFileSync(holder, `${process.pid}\n`);
  return {
    announce: (address) => writeFileSync(holder, `${process.pid}\n${address}\n`),
    release: () => {
      if (!held.delete(database)) return;
      database.exec('ROLLBACK');
      database.close();
    },
  };
}

/** For the message only; the lock does not depend on it. */
function readHolder(file: string): { readonly pid: number | null; readonly address: string | null } {
  try {
    const [first, address = ''] = readFileSync(file, 'utf8').split('\n');
    const pid = Number(first);
    return { pid: Number.isInteger(pid) && pid > 0 ? pid : null, address: address === '' ? null : address };
  } catch {
    return { pid: null, address: null }; // the other process has not written it yet
  }
}
