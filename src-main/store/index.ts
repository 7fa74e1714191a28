/**
 * Embedded databases: one SQLite file, opened by one process, brought to the newest shape before anyone reads it.
 * The only room that knows better-sqlite3. Every statement is synchronous; keep them short on the main thread.
 */
export { isDamagedDatabase, openDatabase, readDatabase, removeDatabase, type Database, type Statement } from './open-database.ts';
export { takeLock, type Lock } from './lock.ts';
