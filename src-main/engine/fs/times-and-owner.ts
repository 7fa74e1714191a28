import { fstatSync, futimesSync, lchownSync, lstatSync, lutimesSync } from 'node:fs';
import type { AbsolutePath } from '../model/index.ts';
import { codedError, systemError } from './coded-error.ts';
import { loadLibc, native, pathArgument, type Libc } from './native.ts';

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const UTIME_OMIT = (1n << 30n) - 2n;
const NS_PER_S = 1_000_000_000n;

interface TimeCalls {
  readonly libc: Libc;
  readonly byPath: (dir: number, path: string | Buffer, times: Buffer, flags: number) => unknown;
  readonly byFd: (fd: number, times: Buffer) => unknown;
}

let calls: TimeCalls | null | undefined;
// Two `struct timespec`: access time (left alone), then modification time.
const times = Buffer.alloc(32);
times.writeBigInt64LE(UTIME_OMIT, 8);

/** Sets the modification time of `path` itself, a link included, to the nanosecond; the access time stays. */
export function setTimes(path: AbsolutePath, mtimeNs: bigint): void {
  calls ??= bindCalls();
  try {
    if (calls === null) {
      const atimeMs = lstatSync(native(path)).atimeMs;
      lutimesSync(native(path), atimeMs / 1000, secondsOf(mtimeNs));
      return;
    }
    fill(mtimeNs);
    const result = calls.byPath(AT_FDCWD, pathArgument(path), times, AT_SYMLINK_NOFOLLOW);
    if (result !== 0) throw systemError('utimensat', calls.libc.errno());
  } catch (error) {
    throw codedError(error, path);
  }
}

/** As `setTimes`, for an open file. The caller names the path if it fails. */
export function setTimesFd(fd: number, mtimeNs: bigint): void {
  calls ??= bindCalls();
  if (calls === null) {
    futimesSync(fd, fstatSync(fd).atimeMs / 1000, secondsOf(mtimeNs));
    return;
  }
  fill(mtimeNs);
  if (calls.byFd(fd, times) !== 0) throw systemError('futimens', calls.libc.errno());
}

/** Sets the owner of `path` itself, a link included. */
export function setOwner(path: AbsolutePath, uid: number, gid: number): void {
  try {
    lchownSync(native(path), uid, gid);
  } catch (error) {
    throw codedError(error, path);
  }
}

function fill(mtimeNs: bigint): void {
  let seconds = mtimeNs / NS_PER_S;
  let rest = mtimeNs % NS_PER_S;
  // The kernel takes no negative nanoseconds: a time before 1970 is the second below it plus a part.
  if (rest < 0n) {
    seconds -= 1n;
    rest += NS_PER_S;
  }
  times.writeBigInt64LE(seconds, 16);
  times.writeBigInt64LE(rest, 24);
}

function secondsOf(mtimeNs: bigint): number {
  return Number(mtimeNs) / 1e9;
}

function bindCalls(): TimeCalls | null {
  const libc = loadLibc();
  if (libc === null) return null;
  return {
    libc,
    byPath: libc.bind('int utimensat(int dir, const char *path, uint8_t *times, int flags)'),
    byFd: libc.bind('int futimens(int fd, uint8_t *times)'),
  };
}
