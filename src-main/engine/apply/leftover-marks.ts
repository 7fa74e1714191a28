import { existsSync } from 'node:fs';
import { readDatabase } from '../../store/index.ts';
import type { AbsolutePath } from '../model/index.ts';

/** What a target's records say of a path, for a thread that does not own them. */
export interface LeftoverMarks {
  /** ISO time of the target's clock, when it is a kept deleted entry. */
  keptSince(path: AbsolutePath): string | null;
  /** The newest search in the connection's replica found it, and it was left there. */
  isOrphan(path: AbsolutePath): boolean;
  close(): void;
}

/** Reads the file of `ReplicaRecords` beside its owner; what the owner has committed is seen. */
export function readLeftoverMarks(file: string, connectionId: string): LeftoverMarks {
  if (!existsSync(file)) return { keptSince: () => null, isOrphan: () => false, close: () => undefined };
  const database = readDatabase(file);
  const kept = database.prepare('SELECT deleted_at FROM kept WHERE path = ?').pluck(true);
  const orphan = database
    .prepare("SELECT 1 FROM orphans WHERE connection = ? AND path = ? AND outcome IN ('reported', 'stayed')")
    .pluck(true);
  return {
    keptSince(path) {
      const deletedAtMs = kept.get(path);
      return typeof deletedAtMs === 'number' ? new Date(deletedAtMs).toISOString() : null;
    },
    isOrphan: (path) => orphan.get(connectionId, path) !== undefined,
    close: () => void database.close(),
  };
}
