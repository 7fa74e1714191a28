import { openDatabase, type Database, type Statement } from '../../store/index.ts';

/**
 * `kept`: entries of replicas that the source deleted and that stay, by absolute raw path, so that the list outlives a connection: the
 * next one to the same place must not take them for orphans. `orphans`: what the newest search in a replica found, and what became of it.
 */
const migrations: readonly string[] = [
  `
  CREATE TABLE kept (
    path TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL,
    set_name TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX kept_by_age ON kept (deleted_at);
  CREATE TABLE orphans (
    connection TEXT NOT NULL,
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (connection, path)
  ) WITHOUT ROWID;
  CREATE TABLE searches (
    connection TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    ended_at INTEGER
  ) WITHOUT ROWID;
  `,
];

/** The path with all below it, as bounds for a comparison by bytes: '/' sorts right before '0'. */
export function below(folder: string): readonly [from: string, before: string] {
  return folder === '/' ? ['/', '0'] : [`${folder}/`, `${folder}0`];
}

/**
 * What a target remembers of its replicas beside their queues: one file for all of them, one owner, one thread. Changes gather in a
 * transaction that `commit` makes durable; the flush of a replica commits before it calls ops applied, so a power cut forgets no entry
 * whose op does not come again.
 */
export class ReplicaRecords {
  readonly #database: Database;
  #inTransaction = false;

  constructor(file: string) {
    this.#database = openDatabase(file, migrations);
    // A forgotten entry would look like an orphan, which may be deleted: here a commit waits for the disk.
    this.#database.pragma('synchronous = FULL');
  }

  prepare(sql: string): Statement {
    return this.#database.prepare(sql);
  }

  /** Begins a change; to be called before each write. */
  begin(): void {
    if (this.#inTransaction) return;
    this.#database.exec('BEGIN');
    this.#inTransaction = true;
  }

  commit(): void {
    if (!this.#inTransaction) return;
    this.#database.exec('COMMIT');
    this.#inTransaction = false;
  }

  close(): void {
    this.commit();
    this.#database.close();
  }
}
