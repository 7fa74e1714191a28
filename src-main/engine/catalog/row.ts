import { invariant } from '../../base/index.ts';
import type { EntryKind, EntryStat } from '../model/index.ts';

/**
 * `known`: the target holds exactly this. `attributes`: only those are in doubt. `nothing`: it may hold anything, or nothing.
 * `left`: it holds another version that a mirror was told to leave; the row says what the source had then.
 */
export type Trust = 'left' | 'known' | 'attributes' | 'nothing';

/** One entry as the target will hold it once everything sent is applied. */
export interface CatalogRow {
  readonly id: bigint;
  readonly parent: bigint;
  readonly name: string;
  readonly kind: EntryKind;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly linkTarget: string | null;
  /** The op that last set it; 0 when a mirror found it equal. */
  readonly sequence: number;
  /** The mirror in which it was last sent or found equal. */
  readonly epoch: number;
  readonly trust: Trust;
  /** When its content was read at the noted ctime, ms since 1970; 0 when it was not. See `isSurelyRead`. */
  readonly readAtMs: number;
  /** The lap in which its content became unsure (see `Laps`); 0 when it is not. */
  readonly unsureLap: number;
  /** A number for the extended attributes, 0 for none. */
  readonly extendedHash: bigint;
  /** Flags of the inode that are not carried. */
  readonly flags: number;
}

const kinds: readonly EntryKind[] = ['folder', 'file', 'symlink', 'other'];
/** As stored, where a doubt takes the higher number: -1 left, 0 known, 1 attributes, 2 nothing. */
const trusts: readonly Trust[] = ['left', 'known', 'attributes', 'nothing'];

export const columns =
  'id, parent, name, kind, dev, ino, size, mtime, ctime, mode, uid, gid, nlink, link, sequence, epoch, trust, read_at, unsure_lap, extended, flags';

type Raw = readonly [
  bigint, bigint, string, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, string | null, bigint, bigint, bigint, bigint,
  bigint, bigint, bigint,
]; // prettier-ignore

export function fromRaw(raw: unknown): CatalogRow {
  const r = raw as Raw;
  return {
    id: r[0],
    parent: r[1],
    name: r[2],
    kind: kinds[Number(r[3])] ?? 'other',
    dev: r[4],
    ino: r[5],
    size: Number(r[6]),
    mtimeNs: r[7],
    ctimeNs: r[8],
    mode: Number(r[9]),
    uid: Number(r[10]),
    gid: Number(r[11]),
    nlink: Number(r[12]),
    linkTarget: r[13],
    sequence: Number(r[14]),
    epoch: Number(r[15]),
    trust: trusts[Number(r[16]) + 1] ?? 'nothing',
    readAtMs: Number(r[17]),
    unsureLap: Number(r[18]),
    extendedHash: r[19],
    flags: Number(r[20]),
  };
}

export function kindNumber(kind: EntryKind): number {
  const number = kinds.indexOf(kind);
  invariant(number >= 0, 'every entry kind has a number');
  return number;
}

export function trustNumber(trust: Trust): number {
  return trusts.indexOf(trust) - 1;
}

/** SQLite's integers are signed; device and inode numbers are not. */
export function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

export function isSameObject(row: CatalogRow, stat: EntryStat): boolean {
  return row.kind === stat.kind && row.ino === signed(stat.ino) && row.dev === signed(stat.dev);
}

/** When the content was read at the entry's present ctime, as far as the row tells; 0 when it was not. */
export function readAt(row: CatalogRow | null, stat: EntryStat): number {
  return row !== null && isSameObject(row, stat) && row.ctimeNs === stat.ctimeNs ? row.readAtMs : 0;
}
