import { existsSync } from 'node:fs';
import type { ChangedEntry, ChangesPage, MappedRoot } from '../../api/index.ts';
import { rawName, ReplicationError } from '../../base/index.ts';
import { readDatabase, type Database } from '../../store/index.ts';
import { kindOf } from './index-schema.ts';
import { pathToText } from './path-text.ts';

export interface ChangesRequest {
  /** ms since 1970, the target's clock: what changed after it. */
  readonly sinceMs: number;
  /** What was removed instead of what is there. */
  readonly isRemoved: boolean;
  /** From the page before; null: from the start. */
  readonly after: string | null;
  readonly limit: number;
}

/** Where a page ends. */
interface Place {
  readonly atMs: number;
  readonly root: number;
  /** In hexadecimal. */
  readonly key: string;
}

interface Row {
  readonly root: number;
  readonly key: Buffer;
  readonly kind: number;
  readonly at: number;
  readonly content: number;
  readonly made: number;
}

/**
 * What changed in a replica since a time, as its index knows from the looks that made certificates: everything that did, by the time of the
 * look that found it. What changed before the time but was first looked at after it is in the list too. Throws `not-found` before the
 * first look, `bad-input`.
 */
export function readChanges(file: string, roots: readonly MappedRoot[], request: ChangesRequest): ChangesPage {
  if (!existsSync(file)) throw neverLooked();
  const database = readDatabase(file);
  try {
    const lookedAt = fact(database, 'looked_at');
    if (lookedAt === null) throw neverLooked();
    const { sinceMs, isRemoved, after, limit } = request;
    const from = after === null ? { atMs: sinceMs, root: Number.MAX_SAFE_INTEGER, key: '' } : placeOf(after);
    const columns = isRemoved
      ? 'removed_at AS at, 0 AS content, 0 AS made'
      : 'changed_at AS at, content_at AS content, made_at AS made';
    const [table, at] = isRemoved ? ['removed', 'removed_at'] : ['entries', 'changed_at'];
    const rows = database
      .prepare(
        `SELECT root, key, kind, ${columns} FROM ${table} WHERE (${at}, root, key) > (?, ?, ?) ORDER BY ${at}, root, key LIMIT ?`,
      )
      .all(from.atMs, from.root, Buffer.from(from.key, 'hex'), limit) as Row[];
    const entries = rows.map((row) => asChange(row, roots, isRemoved ? null : sinceMs));
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      entries,
      next: last === undefined ? null : JSON.stringify([last.at, last.root, last.key.toString('hex')]),
      lookedAt: new Date(lookedAt).toISOString(),
      removalsSince: new Date(fact(database, 'removals_since') ?? lookedAt).toISOString(),
    };
  } finally {
    database.close();
  }
}

/** `sinceMs` null: it is not there any more. */
function asChange({ root, key, kind, content, made }: Row, roots: readonly MappedRoot[], sinceMs: number | null): ChangedEntry {
  const path = key.toString('latin1').replaceAll('\0', '/');
  const folder = rawName(roots[root]?.to ?? '');
  const absolute = path === '' ? folder : `${folder === '/' ? '' : folder}/${path}`;
  const what = sinceMs === null ? 'removed' : made > sinceMs ? 'new' : content > sinceMs ? 'content' : 'attributes';
  return { root, path: pathToText(absolute), kind: kindOf(kind), what };
}

function fact(database: Database, name: string): number | null {
  const value = database.prepare('SELECT value FROM facts WHERE name = ?').pluck(true).get(name);
  return typeof value === 'number' ? value : null;
}

function placeOf(text: string): Place {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (Array.isArray(value)) {
    const [atMs, root, key] = value as unknown[];
    if (typeof atMs === 'number' && typeof root === 'number' && typeof key === 'string') return { atMs, root, key };
  }
  throw new ReplicationError('bad-input', { text: 'the place to go on from is none that was given' });
}

function neverLooked(): ReplicationError {
  return new ReplicationError('not-found', { path: 'the index of the replica; it is made with the first certificate' });
}
