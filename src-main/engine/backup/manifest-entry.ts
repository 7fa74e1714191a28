import { isErrorCode, type ErrorCode } from '../../base/index.ts';
import type { EntryKind, EntryStat, RelativePath } from '../model/index.ts';
import { badCertificate } from './certificate.ts';
import { pathFromText, pathToText } from './path-text.ts';

/** What a certificate says of one entry. Paths and link texts are raw. */
export interface ManifestEntry {
  /** Which of the replica's roots, counted from 0. */
  readonly root: number;
  /** Below that root; '' is the root itself. */
  readonly path: RelativePath;
  readonly kind: EntryKind;
  /** Of files; 0 for all else. */
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** Of a file's content, lower-case hexadecimal; null for all else, and for a file that could not be read. */
  readonly sha256: string | null;
  /** The text of a symbolic link. */
  readonly link: string | null;
  /** Why the content, the names in a folder, or all of it, could not be read. */
  readonly unreadable: ErrorCode | null;
  /** The source deleted it then (ISO time, the target's clock), and it is kept. */
  readonly keptSince: string | null;
  /** The newest search for orphans found that the source does not have it. */
  readonly isOrphan: boolean;
}

/** How an entry begins as a line, and nothing else in a certificate. */
export const ENTRY_LINE = '{"root":';
/** How the line behind the entries begins. */
export const END_LINE = '{"end":';
/** A path with a part that is empty, or is no name below the one before it. */
const LEADS_ELSEWHERE = /(^|\/)\.{0,2}(\/|$)|\0/;

const kinds: readonly EntryKind[] = ['file', 'folder', 'symlink', 'other'];
const NS = 1_000_000_000n;

/** What `lstat` told, before anything is read. */
export function entryFromStat(root: number, path: RelativePath, stat: EntryStat): ManifestEntry {
  const { kind, mode, uid, gid, mtimeNs } = stat;
  const size = kind === 'file' ? stat.size : 0;
  return { root, path, kind, size, mode, uid, gid, mtimeNs, sha256: null, link: null, ...plain };
}

/** An entry that cannot even be looked at. */
export function unseenEntry(root: number, path: RelativePath, unreadable: ErrorCode): ManifestEntry {
  const nothing = { size: 0, mode: 0, uid: 0, gid: 0, mtimeNs: 0n, sha256: null, link: null };
  return { root, path, kind: 'other', ...nothing, ...plain, unreadable };
}

const plain = { unreadable: null, keptSince: null, isOrphan: false } as const;

/** The object of an entry's line; `root` is its first key. */
export function entryToLine(entry: ManifestEntry): object {
  const { root, path, kind, size, mode, uid, gid, mtimeNs, sha256, link, unreadable, keptSince, isOrphan } = entry;
  return {
    root,
    path: pathToText(path),
    kind,
    ...(kind === 'file' && { size }),
    mode: mode.toString(8).padStart(4, '0'),
    uid,
    gid,
    mtime: timeToText(mtimeNs),
    ...(sha256 !== null && { sha256 }),
    ...(link !== null && { link: pathToText(link) }),
    ...(unreadable !== null && { unreadable }),
    ...(keptSince !== null && { kept: keptSince }),
    ...(isOrphan && { orphan: true }),
  };
}

/** Throws `bad-certificate` for a line that is no entry. */
export function entryFromLine(line: string, file: string): ManifestEntry {
  const value = parseLine(line, file);
  const { root, path, kind, size = 0, mode, uid, gid, mtime, sha256 = null, link = null } = value;
  const { unreadable = null, kept = null, orphan = false } = value;
  const isEntry =
    isCount(root) &&
    typeof path === 'string' &&
    (path === '' || !LEADS_ELSEWHERE.test(path)) &&
    typeof kind === 'string' &&
    kinds.includes(kind as EntryKind) &&
    isCount(size) &&
    typeof mode === 'string' &&
    /^[0-7]{4}$/.test(mode) &&
    isCount(uid) &&
    isCount(gid) &&
    typeof mtime === 'string' &&
    /^-?\d{1,12}\.\d{9}$/.test(mtime) &&
    (sha256 === null || (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256))) &&
    (link === null || typeof link === 'string') &&
    (unreadable === null || isErrorCode(unreadable)) &&
    // What says nothing of its content would be equal to anything.
    (kind !== 'file' || (value.size !== undefined && (sha256 !== null || unreadable !== null))) &&
    (kind !== 'symlink' || link !== null || unreadable !== null) &&
    (kept === null || typeof kept === 'string') &&
    typeof orphan === 'boolean';
  if (!isEntry) throw badCertificate(file, 'a line of it describes no entry');
  return {
    root,
    path: pathFromText(path),
    kind: kind as EntryKind,
    size,
    mode: parseInt(mode, 8),
    uid,
    gid,
    mtimeNs: timeFromText(mtime),
    sha256,
    link: link === null ? null : pathFromText(link),
    unreadable,
    keptSince: kept,
    isOrphan: orphan,
  };
}

/** Throws `bad-certificate` for what is no JSON object. */
export function parseLine(line: string, file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw badCertificate(file, 'it is not whole, or no certificate', error);
  }
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  throw badCertificate(file, 'it is not whole, or no certificate');
}

/**
 * The order of entries, as text that compares so: root by root, a folder right before what is in it, names by their bytes. No name holds
 * the byte 0, so it takes the place of the slash, which sorts behind characters that names hold.
 */
export function orderKey(path: RelativePath): string {
  return path.replaceAll('/', '\0');
}

export function compareEntries(a: ManifestEntry, b: ManifestEntry): number {
  if (a.root !== b.root) return a.root - b.root;
  const one = orderKey(a.path);
  const other = orderKey(b.path);
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Seconds since 1970, rounded down, and behind the point the nanoseconds after them. */
export function timeToText(ns: bigint): string {
  const rest = ((ns % NS) + NS) % NS;
  return `${(ns - rest) / NS}.${String(rest).padStart(9, '0')}`;
}

function timeFromText(text: string): bigint {
  const [seconds = '0', rest = '0'] = text.split('.');
  return BigInt(seconds) * NS + BigInt(rest);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
