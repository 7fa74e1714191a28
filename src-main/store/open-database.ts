import SqliteDatabase from 'better-sqlite3';
import { closeSync, openSync, rmSync } from 'node:fs';
import { ReplicationError } from '../base/index.ts';

export type Database = SqliteDatabase.Database;
export type Statement = SqliteDatabase.Statement;

const CACHE_KIB = 4000;

/**
 * Opens (or creates) the database and runs the migrations it has not had yet, each in its own transaction. A migration's number is its
 * place in the list, counted from 1; entries are only ever appended. A file from a newer program is refused, never downgraded.
 * `:memory:` is allowed. The caller closes the database.
 */
export function openDatabase(file: string, migrations: readonly string[]): Database {
  // SQLite gives its side files the mode of the database: names of files are nobody else's business.
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
  const database = new SqliteDatabase(file);
  try {
    // WAL with synchronous NORMAL survives a killed process without loss; after a power cut the newest commits may be missing,
    // but the file is whole. Whoever needs more than that flushes elsewhere first.
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    database.pragma('busy_timeout = 5000');
    // Pages that it lacks come from the system's cache. Else each database takes up to 16 MB for itself.
    database.pragma(`cache_size = -${CACHE_KIB}`);
    migrate(database, file, migrations);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens a database that another connection of this program keeps, for reading only; what that one commits is seen. The caller closes it. */
export function readDatabase(file: string): Database {
  return new SqliteDatabase(file, { readonly: true, fileMustExist: true, timeout: 5000 });
}

/** Whether what a database or its opening threw says that its file is no database any more. */
export function isDamagedDatabase(error: unknown): boolean {
  return error instanceof SqliteDatabase.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

/** Removes a database that nobody has open, with its side files. */
export function removeDatabase(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

function migrate(database: Database, file: string, migrations: readonly string[]): void {
  const found = database.pragma('user_version', { simple: true }) as number;
  if (found > migrations.length) {
    throw new ReplicationError('newer-data', { path: file, found, known: migrations.length });
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < found) continue;
    database
      .transaction(() => {
        // Read again inside the transaction: another process may have migrated the file meanwhile.
        if ((database.pragma('user_version', { simple: true }) as number) > index) return;
        database.exec(sql);
        database.pragma(`user_version = ${index + 1}`);
      })
      .immediate();
  }
}
