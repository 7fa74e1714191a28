import { lstatSync } from 'node:fs';
import type { AbsolutePath } from '../model/index.ts';
import { codedError, isNoWayThere } from './coded-error.ts';
import { loadLibc, native, pathArgument, type Libc } from './native.ts';

const STATFS_BYTES = 256;
/** After seven numbers of eight bytes each, on every 64-bit Linux. */
const FSID_OFFSET = 56;

/**
 * What tells the topmost folder of a tree from another in its place. Numbers of devices may change with a restart of the machine, and
 * numbers of inodes are used again; the time of birth and the number of the file system are not. Empty where it cannot be told.
 */
export interface FolderIdentity {
  readonly dev: string;
  readonly ino: string;
  /** When the folder was made, ns since 1970. */
  readonly birth?: string;
  /** The number of the file system. */
  readonly volume?: string;
}

type Statfs = (path: string | Buffer, out: Buffer) => unknown;
let statfs: Statfs | null | undefined;

/**
 * Null when nothing is there. Of a file only the volume counts: programs replace a file to save it. Without `volume` it is a single stat;
 * that is enough while a program runs, as devices keep their numbers then.
 */
export function folderIdentity(
  path: AbsolutePath,
  { volume: isVolumeAsked }: { readonly volume: boolean },
): FolderIdentity | null {
  try {
    const stat = lstatSync(native(path), { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return null;
    const dev = String(stat.dev);
    const volume = isVolumeAsked ? volumeNumber(path) : '';
    if (!stat.isDirectory()) return { dev, ino: 'file', volume };
    return { dev, ino: String(stat.ino), birth: stat.birthtimeNs > 0n ? String(stat.birthtimeNs) : '', volume };
  } catch (error) {
    if (isNoWayThere(error)) return null;
    throw codedError(error, path);
  }
}

/** Whether two looks at a path found the same folder on the same volume. What one of them does not know is not compared. */
export function isSameFolder(before: FolderIdentity, now: FolderIdentity): boolean {
  if (before.ino !== now.ino) return false;
  const isKnown = (one: string | undefined, other: string | undefined) =>
    one !== undefined && one !== '' && other !== undefined && other !== '';
  const hasBirths = isKnown(before.birth, now.birth);
  if (hasBirths && before.birth !== now.birth) return false;
  const hasVolumes = isKnown(before.volume, now.volume);
  if (before.dev === now.dev) return !hasVolumes || before.volume === now.volume;
  // Another number for the device is believed to be the same one only where both others say so.
  return hasBirths && hasVolumes && before.volume === now.volume;
}

function volumeNumber(path: AbsolutePath): string {
  statfs ??= bindStatfs(loadLibc());
  const out = Buffer.alloc(STATFS_BYTES);
  if (statfs === null || Number(statfs(pathArgument(path), out)) !== 0) return '';
  const number = out.readBigUInt64LE(FSID_OFFSET);
  return number === 0n ? '' : number.toString(16);
}

function bindStatfs(libc: Libc | null): Statfs | null {
  try {
    return libc?.bind('int statfs(const char *path, uint8_t *out)') ?? null;
  } catch {
    return null;
  }
}
