/**
 * Stored settings: small JSON files that people may read, each with a version, a schema and the way from every older version.
 * A write is atomic and durable: after a crash the file holds the old or the new value, whole. One process owns a file at a time. And the
 * records of finished runs, one set of files for each in a folder.
 */
export { replaceFile, writeFileAtomic } from './atomic-file.ts';
export { runId, RunRecords } from './run-records.ts';
export { openSettings, type SettingsFile, type SettingsShape } from './settings-file.ts';
