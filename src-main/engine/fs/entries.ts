import { fstatSync, lstatSync, readdirSync, readlinkSync, readSync, realpathSync, statfsSync, type BigIntStats } from 'node:fs';
import { STAGE_FOLDER, type AbsolutePath, type EntryStat } from '../model/index.ts';
import { codedError, isNoWayThere, systemError } from './coded-error.ts';
import { native } from './native.ts';
import { kindOfMode, statxFd, statxPath } from './statx.ts';

const ENOENT = 2;

/**
 * What is at `path` itself (a link is not followed), or null when nothing is there: also where the way to it is no folder any more, but a file
 * or a link that leads nowhere or round in a circle.
 */
export function statEntry(path: AbsolutePath): EntryStat | null {
  try {
    const found = statxPath(path);
    if (found === ENOENT) return null;
    if (typeof found === 'number') throw systemError('statx', found);
    if (found !== null) return found;
    const stats = lstatSync(native(path), { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? null : toEntryStat(stats);
  } catch (error) {
    if (isNoWayThere(error)) return null;
    throw codedError(error, path);
  }
}

/** What an entry of kind `other` is. */
export type SpecialKind = 'pipe' | 'socket' | 'device';

/** Which of the special kinds is at `path`; null for any other kind and for nothing. */
export function specialKind(path: AbsolutePath): SpecialKind | null {
  const stats = lstatSync(native(path), { throwIfNoEntry: false });
  if (stats === undefined) return null;
  if (stats.isFIFO()) return 'pipe';
  if (stats.isSocket()) return 'socket';
  return stats.isBlockDevice() || stats.isCharacterDevice() ? 'device' : null;
}

/** What an open file is now. The caller names the path if it fails. */
export function statFd(fd: number): EntryStat {
  const found = statxFd(fd);
  if (typeof found === 'number') throw systemError('statx', found);
  if (found !== null) return found;
  return toEntryStat(fstatSync(fd, { bigint: true }));
}

function toEntryStat(stats: BigIntStats): EntryStat {
  const mode = Number(stats.mode);
  return {
    kind: kindOfMode(mode),
    dev: stats.dev,
    ino: stats.ino,
    size: Number(stats.size),
    mtimeNs: stats.mtimeNs,
    ctimeNs: stats.ctimeNs,
    mode: mode & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    nlink: Number(stats.nlink),
    allocatedBytes: Number(stats.blocks) * 512,
  };
}

/** The path of a folder with all links on the way resolved. Throws coded errors. */
export function realFolder(path: AbsolutePath): AbsolutePath {
  try {
    return realpathSync(native(path), { encoding: 'latin1' });
  } catch (error) {
    throw codedError(error, path);
  }
}

/** The raw names in a folder, sorted by their bytes, without our own stage folder. */
export function readFolder(path: AbsolutePath): string[] {
  let names: string[];
  try {
    names = readdirSync(native(path), { encoding: 'latin1' });
  } catch (error) {
    throw codedError(error, path);
  }
  const stageAt = names.indexOf(STAGE_FOLDER);
  if (stageAt >= 0) names.splice(stageAt, 1);
  return names.sort();
}

/** The raw text of a symbolic link. */
export function readLink(path: AbsolutePath): string {
  try {
    return readlinkSync(native(path), { encoding: 'latin1' });
  } catch (error) {
    throw codedError(error, path);
  }
}

/** Reads until `length` bytes are there or the file ends; returns how many. The caller names the path if it fails. */
export function readInto(fd: number, buffer: Uint8Array, offset: number, length: number, position: number): number {
  let done = 0;
  while (done < length) {
    const read = readSync(fd, buffer, offset + done, length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

const volumeTypes: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x794c7630: 'overlay',
  0x6969: 'nfs',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb',
  0x2fc12fc1: 'zfs',
  0x65735546: 'fuse',
  0xf2f52010: 'f2fs',
  0x4d44: 'vfat',
  0x2011bab0: 'exfat',
  0x9fa0: 'proc',
  0x62656572: 'sysfs',
  0xca451a4e: 'bcachefs',
};

/** The name of the file system that holds `path`; its number in hexadecimal when it is not a known one. */
export function volumeType(path: AbsolutePath): string {
  try {
    const type = statfsSync(native(path)).type >>> 0;
    return volumeTypes[type] ?? `0x${type.toString(16)}`;
  } catch (error) {
    throw codedError(error, path);
  }
}
