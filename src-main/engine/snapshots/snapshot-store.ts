import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rawName, ReplicationError } from '../../base/index.ts';
import { RunRecords } from '../../config/index.ts';
import { codedError } from '../fs/index.ts';
import type { SnapshotRecord } from './record.ts';

/**
 * The list of snapshots of a target, of all connections, also of those that ended: one file for each, durable when a call returns. It names every
 * folder that is made for a snapshot before it is made, so that nothing is ever removed that was not ours.
 */
export class SnapshotStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** In whatever state, newest first; `connectionId` null: of all connections. */
  list(connectionId: string | null): readonly SnapshotRecord[] {
    if (connectionId !== null) return this.#of(connectionId).list();
    const all = namesIn(this.#folder).flatMap((name) => this.#of(name).list());
    return all.sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
  }

  /** One that is whole. Throws `not-found`. */
  ready(connectionId: string, id: string): SnapshotRecord {
    const record = this.#of(connectionId).get(id);
    if (record.state !== 'ready') throw new ReplicationError('not-found', { path: `the snapshot ${id}` });
    return record;
  }

  put(record: SnapshotRecord): void {
    const records = this.#of(record.connectionId);
    try {
      records.makeFolder();
      records.finish(record);
      this.#flush(record.connectionId);
    } catch (error) {
      throw codedError(error, rawName(this.#folder));
    }
  }

  /** Its folders are gone. */
  drop({ connectionId, id }: SnapshotRecord): void {
    try {
      this.#of(connectionId).remove(id);
      this.#flush(connectionId);
    } catch (error) {
      throw codedError(error, rawName(this.#folder));
    }
  }

  #of(connectionId: string): RunRecords<SnapshotRecord> {
    return new RunRecords(join(this.#folder, connectionId), { mostKept: Infinity, what: 'the snapshot' });
  }

  /** A new name, or the lack of one, is on disk only with its folder. */
  #flush(connectionId: string): void {
    const folders = [join(this.#folder, connectionId), this.#folder];
    for (const folder of folders) {
      const fd = openSync(folder, 'r');
      fsyncSync(fd);
      closeSync(fd);
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // none was ever taken
  }
}
