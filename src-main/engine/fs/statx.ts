import type { EntryKind, EntryStat } from '../model/index.ts';
import { loadLibc, pathArgument, type Libc } from './native.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;
const NS_PER_S = 1_000_000_000n;

/** Flags of an inode that no replica carries, as a set of bits: what `chattr` calls i and a. */
export const IMMUTABLE = 0x10;
export const APPEND_ONLY = 0x20;

const S_IFMT = 0o170000;
const kinds: Readonly<Record<number, EntryKind>> = { 0o100000: 'file', 0o040000: 'folder', 0o120000: 'symlink' };

/** What the type in an entry's full mode means to us. */
export function kindOfMode(mode: number): EntryKind {
  return kinds[mode & S_IFMT] ?? 'other';
}

interface Calls {
  readonly libc: Libc;
  readonly statx: (dir: number, path: string | Buffer, flags: number, mask: number, out: Uint8Array) => unknown;
}

let calls: Calls | null | undefined;

/** One `struct statx`, by the sizes of its fields: a view of each costs a tenth of the readers of `Buffer`. */
const out = new ArrayBuffer(STATX_BYTES);
const bytes = new Uint8Array(out);
const u16 = new Uint16Array(out);
const u32 = new Uint32Array(out);
const u64 = new BigUint64Array(out);
const i64 = new BigInt64Array(out);

const noPath = Buffer.from('\0');
/** Nearly all entries are on one device, whose number is put together once. */
let lastDevice = { major: -1, minor: -1, number: 0n };

/**
 * What is at `path` itself, with the flags of its inode, in one call where Node needs two and makes twenty objects. An errno where that
 * failed; null where there is no such call, and Node must be asked.
 */
export function statxPath(path: string): EntryStat | number | null {
  return ask(AT_FDCWD, pathArgument(path), AT_SYMLINK_NOFOLLOW);
}

/** The same for an open file. */
export function statxFd(fd: number): EntryStat | number | null {
  return ask(fd, noPath, AT_EMPTY_PATH);
}

function ask(dir: number, path: string | Buffer, flags: number): EntryStat | number | null {
  if (calls === undefined) calls = bindCalls();
  if (calls === null) return null;
  if (calls.statx(dir, path, flags, BASIC_STATS, bytes) !== 0) return calls.libc.errno();
  const mode = field(u16, 28);
  return {
    kind: kindOfMode(mode),
    dev: device(field(u32, 136), field(u32, 140)),
    ino: wide(u64, 32),
    size: field(u32, 40) + field(u32, 44) * 0x1_0000_0000,
    mtimeNs: wide(i64, 112) * NS_PER_S + BigInt(field(u32, 120)),
    ctimeNs: wide(i64, 96) * NS_PER_S + BigInt(field(u32, 104)),
    mode: mode & 0o7777,
    uid: field(u32, 20),
    gid: field(u32, 24),
    nlink: field(u32, 16),
    allocatedBytes: (field(u32, 48) + field(u32, 52) * 0x1_0000_0000) * 512,
    inodeFlags: field(u32, 8) & (IMMUTABLE | APPEND_ONLY),
  };
}

/** As glibc's `makedev`, which is what `lstat` gives. */
function device(major: number, minor: number): bigint {
  if (lastDevice.major !== major || lastDevice.minor !== minor) {
    const [high, low] = [BigInt(major), BigInt(minor)];
    const number = ((high & ~0xfffn) << 32n) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | (low & 0xffn);
    lastDevice = { major, minor, number };
  }
  return lastDevice.number;
}

function field(view: Uint16Array | Uint32Array, offset: number): number {
  return view[offset / view.BYTES_PER_ELEMENT] ?? 0;
}

function wide(view: BigUint64Array | BigInt64Array, offset: number): bigint {
  return view[offset / 8] ?? 0n;
}

function bindCalls(): Calls | null {
  try {
    const libc = loadLibc();
    if (libc === null) return null;
    return { libc, statx: libc.bind('int statx(int dir, const char *path, int flags, unsigned int mask, uint8_t *out)') };
  } catch {
    return null; // a C library or kernel without it
  }
}
