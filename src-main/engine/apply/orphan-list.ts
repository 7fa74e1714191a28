import type { Statement } from '../../store/index.ts';
import type { AbsolutePath, EntryKind } from '../model/index.ts';
import type { ReplicaRecords } from './replica-records.ts';

/** `reported`: found and left, as the settings say. `stayed`: left for the reason in `why`. */
export type OrphanOutcome = 'reported' | 'deleted' | 'moved' | 'stayed';

export interface OrphanEntry {
  readonly path: AbsolutePath;
  readonly kind: EntryKind;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly outcome: OrphanOutcome;
  /** In words; '' when the outcome says all. For `moved`, where to. */
  readonly why: string;
}

/** What a search found; bytes are those of files. */
export interface OrphanFigures {
  readonly startedAtMs: number;
  /** Null while it goes on. */
  readonly endedAtMs: number | null;
  readonly found: number;
  readonly foundBytes: number;
  readonly deleted: number;
  readonly moved: number;
  /** Found and still there. */
  readonly left: number;
}

/** The newest search for orphans in one replica and what it found, one line for each. */
export class OrphanList {
  readonly #records: ReplicaRecords;
  readonly #connectionId: string;
  /** Another number whenever the list has changed. */
  changes = 0;
  readonly #sql: Record<'clear' | 'begin' | 'end' | 'put' | 'search' | 'counts', Statement>;

  constructor(records: ReplicaRecords, connectionId: string) {
    this.#records = records;
    this.#connectionId = connectionId;
    this.#sql = {
      clear: records.prepare('DELETE FROM orphans WHERE connection = ?'),
      begin: records.prepare(
        'INSERT INTO searches (connection, started_at, ended_at) VALUES (?, ?, NULL) ' +
          'ON CONFLICT (connection) DO UPDATE SET started_at = excluded.started_at, ended_at = NULL',
      ),
      end: records.prepare('UPDATE searches SET ended_at = ? WHERE connection = ?'),
      put: records.prepare(
        'INSERT INTO orphans (connection, path, kind, size, mtime, outcome, why) VALUES (?,?,?,?,?,?,?) ' +
          'ON CONFLICT (connection, path) DO UPDATE SET outcome = excluded.outcome, why = excluded.why',
      ),
      search: records.prepare('SELECT started_at AS startedAtMs, ended_at AS endedAtMs FROM searches WHERE connection = ?'),
      counts: records.prepare(
        `SELECT count(*) AS found, coalesce(sum(CASE kind WHEN 'file' THEN size ELSE 0 END), 0) AS foundBytes,
           coalesce(sum(outcome = 'deleted'), 0) AS deleted, coalesce(sum(outcome = 'moved'), 0) AS moved FROM orphans WHERE connection = ?`,
      ),
    };
  }

  began(nowMs: number): void {
    this.#records.begin();
    this.changes++;
    this.#sql.clear.run(this.#connectionId);
    this.#sql.begin.run(this.#connectionId, nowMs);
  }

  ended(nowMs: number): void {
    this.#records.begin();
    this.changes++;
    this.#sql.end.run(nowMs, this.#connectionId);
  }

  put({ path, kind, size, mtimeNs, outcome, why }: OrphanEntry): void {
    this.#records.begin();
    this.changes++;
    this.#sql.put.run(this.#connectionId, path, kind, size, mtimeNs, outcome, why);
  }

  /** Null when none was ever looked for. */
  figures(): OrphanFigures | null {
    const search = this.#sql.search.get(this.#connectionId) as Pick<OrphanFigures, 'startedAtMs' | 'endedAtMs'> | undefined;
    if (search === undefined) return null;
    const counts = this.#sql.counts.get(this.#connectionId) as Omit<OrphanFigures, 'startedAtMs' | 'endedAtMs' | 'left'>;
    return { ...search, ...counts, left: counts.found - counts.deleted - counts.moved };
  }

  /** By path, `limit` from `offset` on. */
  page(offset: number, limit: number): OrphanEntry[] {
    return this.#records
      .prepare('SELECT path, kind, size, mtime, outcome, why FROM orphans WHERE connection = ? ORDER BY path LIMIT ? OFFSET ?')
      .safeIntegers(true)
      .all(this.#connectionId, limit, offset)
      .map((row) => {
        const { size, mtime, ...rest } = row as Omit<OrphanEntry, 'size' | 'mtimeNs'> & { size: bigint; mtime: bigint };
        return { ...rest, size: Number(size), mtimeNs: mtime };
      });
  }
}
