import type { ConnectionId, MessageEntry } from '../api/index.ts';
import { openDatabase, type Database } from '../store/index.ts';

const MOST_MESSAGES = 2000;
const migrations = [
  `CREATE TABLE messages (
     id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, severity TEXT NOT NULL, text TEXT NOT NULL, connection_id TEXT
   ) STRICT`,
];

/** What the service told people, the newest 2000; kept over restarts. */
export class Messages {
  readonly #database: Database;
  readonly #onMessage: (message: MessageEntry) => void;

  constructor(file: string, onMessage: (message: MessageEntry) => void) {
    this.#database = openDatabase(file, migrations);
    this.#onMessage = onMessage;
  }

  add(severity: MessageEntry['severity'], text: string, connectionId: ConnectionId | null = null): void {
    if (!this.#database.open) return; // a call that ends after the stop
    const at = new Date().toISOString();
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO messages (at, severity, text, connection_id) VALUES (?, ?, ?, ?)')
      .run(at, severity, text, connectionId);
    const id = Number(lastInsertRowid);
    this.#database.prepare('DELETE FROM messages WHERE id <= ?').run(id - MOST_MESSAGES);
    this.#onMessage({ id, at, severity, text, connectionId });
  }

  /** The newest `limit` of those after `afterId`, oldest first. */
  list(afterId: number, limit: number): readonly MessageEntry[] {
    const rows = this.#database
      .prepare<[number, number], MessageEntry>(
        'SELECT id, at, severity, text, connection_id AS connectionId FROM messages WHERE id > ? ORDER BY id DESC LIMIT ?',
      )
      .all(afterId, limit);
    return rows.reverse();
  }

  close(): void {
    this.#database.close();
  }
}
