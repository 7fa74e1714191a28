import type { Statement } from '../../store/index.ts';
import type { AbsolutePath, EntryKind, EntryStat } from '../model/index.ts';
import { below, type ReplicaRecords } from './replica-records.ts';

/** One entry that the source deleted and that stays on the target. `deletedAtMs`: by the target's clock. */
export interface KeptEntry {
  readonly path: AbsolutePath;
  readonly kind: EntryKind;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly deletedAtMs: number;
  readonly setName: string;
}

export interface KeptTotals {
  readonly count: number;
  readonly bytes: number;
}

/** The list of deleted entries that stay, of all replicas of a target. Paths are absolute. An entry that comes back leaves the list. */
export class KeptDeleted {
  readonly #records: ReplicaRecords;
  readonly #sql: Record<'put' | 'drop' | 'get' | 'anyBelow' | 'movedBelow' | 'all', Statement>;
  /** Whether the list holds anything: every op asks, and mostly it does not. */
  #isEmpty: boolean;
  /** Another number whenever the list may have changed. */
  changes = 0;

  constructor(records: ReplicaRecords) {
    this.#records = records;
    const read = (sql: string) => records.prepare(sql).safeIntegers(true);
    this.#sql = {
      put: records.prepare(
        'INSERT INTO kept (path, kind, size, mtime, deleted_at, set_name) VALUES (?,?,?,?,?,?) ON CONFLICT (path) DO UPDATE SET ' +
          'kind = excluded.kind, size = excluded.size, mtime = excluded.mtime',
      ),
      drop: records.prepare('DELETE FROM kept WHERE path = ?'),
      get: read('SELECT * FROM kept WHERE path = ?'),
      anyBelow: records.prepare('SELECT 1 FROM kept WHERE path >= ? AND path < ? LIMIT 1').pluck(true),
      movedBelow: records.prepare(
        'UPDATE OR REPLACE kept SET path = ? || substr(path, ?) WHERE path = ? OR (path >= ? AND path < ?)',
      ),
      all: records.prepare('SELECT 1 FROM kept LIMIT 1').pluck(true),
    };
    this.#isEmpty = this.#sql.all.get() === undefined;
  }

  /** The source deleted it and it stays. A second telling keeps the first time. */
  add(path: AbsolutePath, stat: EntryStat, setName: string, nowMs: number): void {
    this.#records.begin();
    this.changes++;
    this.#isEmpty = false;
    this.#sql.put.run(path, stat.kind, stat.size, stat.mtimeNs, nowMs, setName);
  }

  /** Something of the source is at this path now, or nothing is. */
  drop(path: AbsolutePath): void {
    if (this.#isEmpty) return;
    this.#records.begin();
    this.changes++;
    this.#sql.drop.run(path);
  }

  /** An entry went to another path with all below it. A second telling changes nothing. */
  moved(from: AbsolutePath, to: AbsolutePath): void {
    if (this.#isEmpty) return;
    this.#records.begin();
    this.changes++;
    this.#sql.movedBelow.run(to, from.length + 1, from, ...below(from));
  }

  get(path: AbsolutePath): KeptEntry | null {
    if (this.#isEmpty) return null;
    const row = this.#sql.get.get(path);
    return row === undefined ? null : fromRow(row);
  }

  holdsBelow(folder: AbsolutePath): boolean {
    return !this.#isEmpty && this.#sql.anyBelow.get(...below(folder)) !== undefined;
  }

  /** What is kept at or below these places. */
  totals(places: readonly AbsolutePath[]): KeptTotals {
    if (this.#isEmpty) return { count: 0, bytes: 0 };
    const { where, values } = within(places);
    return this.#records
      .prepare(
        `SELECT count(*) AS count, coalesce(sum(CASE kind WHEN 'file' THEN size ELSE 0 END), 0) AS bytes FROM kept WHERE ${where}`,
      )
      .get(...values) as KeptTotals;
  }

  /** Whether anything at or below the places was deleted at `beforeMs` or before. */
  hasOlder(places: readonly AbsolutePath[], beforeMs: number): boolean {
    if (this.#isEmpty) return false;
    const { where, values } = within(places);
    const found = this.#records.prepare(`SELECT 1 FROM kept WHERE ${where} AND deleted_at <= ? LIMIT 1`);
    return found.get(...values, beforeMs) !== undefined;
  }

  /** Those at or below the places whose path holds `text`, by path; at most `limit` from `offset` on. */
  search(places: readonly AbsolutePath[], text: string, offset: number, limit: number): KeptEntry[] {
    const { where, values } = within(places);
    return this.#records
      .prepare(`SELECT * FROM kept WHERE ${where} AND instr(path, ?) > 0 ORDER BY path LIMIT ? OFFSET ?`)
      .safeIntegers(true)
      .all(...values, text, limit, offset)
      .map(fromRow);
  }

  /** Those at or below the places that were deleted at `beforeMs` or before: the longest deleted first, folders after what is in them. */
  oldest(places: readonly AbsolutePath[], text: string, beforeMs: number): KeptEntry[] {
    const { where, values } = within(places);
    return this.#records
      .prepare(
        `SELECT * FROM kept WHERE ${where} AND instr(path, ?) > 0 AND deleted_at <= ?
         ORDER BY kind = 'folder', CASE kind WHEN 'folder' THEN 0 ELSE deleted_at END, path DESC`,
      )
      .safeIntegers(true)
      .all(...values, text, beforeMs)
      .map(fromRow);
  }
}

/** The condition that a path is one of the places or below one. */
function within(places: readonly AbsolutePath[]): { where: string; values: string[] } {
  const where = places.map(() => 'path = ? OR (path >= ? AND path < ?)').join(' OR ');
  return { where: `(${where})`, values: places.flatMap((place) => [place, ...below(place)]) };
}

function fromRow(row: unknown): KeptEntry {
  const r = row as { path: string; kind: EntryKind; size: bigint; mtime: bigint; deleted_at: bigint; set_name: string };
  return {
    path: r.path,
    kind: r.kind,
    size: Number(r.size),
    mtimeNs: r.mtime,
    deletedAtMs: Number(r.deleted_at),
    setName: r.set_name,
  };
}
