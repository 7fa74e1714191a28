import { closeSync, constants, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ReplicationError } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { codedError, systemError } from './coded-error.ts';
import { statEntry, volumeType } from './entries.ts';
import { libcOrReason, native, type Libc } from './native.ts';

/** `_IOW(0x94, 23, struct btrfs_ioctl_vol_args_v2)`. */
const SNAP_CREATE_V2 = 0x50009417;
/** `_IOW(0x94, 15, struct btrfs_ioctl_vol_args)`. */
const SNAP_DESTROY = 0x5000940f;
/** `_IOW(0x94, 26, __u64)`. */
const SUBVOL_SETFLAGS = 0x4008941a;
/** `_IOWR(0x94, 61, struct btrfs_ioctl_get_subvol_rootref_args)`. */
const GET_SUBVOL_ROOTREF = 0xd000943d;

/** `_IOWR(0x94, 18, struct btrfs_ioctl_ino_lookup_args)`. */
const INO_LOOKUP = 0xd0009412;

/** All of these structures. */
const ARGUMENT_BYTES = 4096;
/** Where the name lies in the two that have one. */
const NAME_V2_AT = 56;
const NAME_AT = 8;
/** Where the count of what was found lies. */
const ITEMS_AT = 4088;
const READ_ONLY = 2n;
/** The top of each subvolume has this number. */
const TOP_INODE = 256n;

/**
 * Whether a folder is a subvolume of btrfs that one call can take a snapshot of, whole: it has no subvolumes inside, which a snapshot would
 * show as empty folders, and we are root, because nobody else may surely delete what is made.
 */
export function isPlainSubvolume(folder: AbsolutePath): boolean {
  const stat = statEntry(folder);
  if (stat?.kind !== 'folder' || stat.ino !== TOP_INODE || process.geteuid?.() !== 0) return false;
  if (volumeType(folder) !== 'btrfs' || libcOrReason().libc === null) return false;
  const argument = Buffer.alloc(ARGUMENT_BYTES);
  // A kernel before 4.18 does not tell; then one does without.
  return tryAt(folder, GET_SUBVOL_ROOTREF, argument) === null && argument[ITEMS_AT] === 0;
}

/** The number of a subvolume on its volume, by which it is known wherever it is moved; null for what is none. Throws coded errors. */
export function subvolumeId(path: AbsolutePath): bigint | null {
  const stat = statEntry(path);
  if (stat?.kind !== 'folder' || stat.ino !== TOP_INODE || volumeType(path) !== 'btrfs') return null;
  const argument = Buffer.alloc(ARGUMENT_BYTES);
  argument.writeBigUInt64LE(TOP_INODE, 8);
  callAt(path, INO_LOOKUP, argument, path);
  return argument.readBigUInt64LE(0);
}

/** Makes `to` a subvolume that holds what `from` holds now, writable. Both are on one volume. Throws coded errors, and leaves nothing then. */
export function snapshotSubvolume(from: AbsolutePath, to: AbsolutePath): void {
  const fd = openFolder(from);
  try {
    const argument = Buffer.alloc(ARGUMENT_BYTES);
    argument.writeBigInt64LE(BigInt(fd), 0);
    argument.write(basename(to), NAME_V2_AT, 'latin1');
    callAt(dirname(to), SNAP_CREATE_V2, argument, to);
  } finally {
    closeSync(fd);
  }
}

/** Nothing in it can be changed from now on, by nobody. */
export function makeReadOnlySubvolume(folder: AbsolutePath): void {
  const flags = Buffer.alloc(8);
  flags.writeBigUInt64LE(READ_ONLY, 0);
  callAt(folder, SUBVOL_SETFLAGS, flags, folder);
}

/** Deletes a subvolume with all that is in it, whether it can be written or not. */
export function deleteSubvolume(folder: AbsolutePath): void {
  const argument = Buffer.alloc(ARGUMENT_BYTES);
  argument.write(basename(folder), NAME_AT, 'latin1');
  callAt(dirname(folder), SNAP_DESTROY, argument, folder);
}

function callAt(folder: AbsolutePath, request: number, argument: Buffer, about: AbsolutePath): void {
  const error = tryAt(folder, request, argument);
  if (error !== null) throw codedError(error, about);
}

function tryAt(folder: AbsolutePath, request: number, argument: Buffer): Error | null {
  const { libc, why } = libcOrReason();
  if (libc === null) throw new ReplicationError('unsupported', { text: why });
  const fd = openFolder(folder);
  try {
    return Number(ioctlOf(libc)(fd, request, argument)) === 0 ? null : systemError('ioctl(btrfs)', libc.errno());
  } finally {
    closeSync(fd);
  }
}

/** Bound once for each declaration: clones give it a number in place of the buffer. */
function ioctlOf(libc: Libc): (fd: number, request: number, argument: Buffer) => unknown {
  return libc.bind('int ioctl(int fd, unsigned long request, uint8_t *argument)');
}

function openFolder(folder: AbsolutePath): number {
  try {
    return openSync(native(folder), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    throw codedError(error, folder);
  }
}
