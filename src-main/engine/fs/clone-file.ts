import { closeSync, constants, openSync, statfsSync, unlinkSync } from 'node:fs';
import { ReplicationError, showName } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { codedError, systemError } from './coded-error.ts';
import { copyFileTo } from './copy-file.ts';
import { libcOrReason, native, type Libc } from './native.ts';

/** `_IOW(0x94, 9, int)`. */
const FICLONE = 0x40049409;
/** A file without a name: the kernel drops it with its last descriptor, also when that is lost by a kill or with the power. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
/** Where this request and this flag have these numbers; some other processors count otherwise. */
const KNOWN_PROCESSORS = new Set(['x64', 'arm64', 'riscv64', 'loong64', 'ia32', 'arm']);

type Ioctl = (fd: number, request: number, source: number) => unknown;

let call: { readonly libc: Libc; readonly ioctl: Ioctl } | undefined;

/**
 * The content of an open file at this moment, as an unnamed file that shares its blocks; returns a descriptor to read it from, which the
 * caller closes. The kernel takes the lock that a write holds, so no write is seen by half. `folder` is on the volume of the file. Throws
 * coded errors: `unsupported` where it cannot be done at all.
 */
export function cloneOpenFile(fd: number, folder: AbsolutePath): number {
  const { libc, ioctl } = bound();
  const clone = openUnnamed(folder);
  if (Number(ioctl(clone, FICLONE, fd)) === 0) return clone;
  const error = systemError('ioctl(FICLONE)', libc.errno());
  closeSync(clone);
  // A volume that knows no clones answers so, too.
  if (['EINVAL', 'ENOTTY'].includes(error.code ?? ''))
    throw new ReplicationError('unsupported', { path: showName(folder), text: error.message }, { cause: error });
  throw codedError(error, folder);
}

/**
 * A new file at `to` that shares the blocks of the file at `from`; of the rest of its attributes nothing. Neither path may be a link. Throws
 * coded errors, and leaves nothing then. A file that alone cannot share its blocks, for the flags that it has, is copied.
 */
export function cloneFileTo(from: AbsolutePath, to: AbsolutePath): void {
  const { libc, ioctl } = bound();
  const source = openCoded(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const clone = openCoded(to, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW);
    const errno = Number(ioctl(clone, FICLONE, source)) === 0 ? 0 : libc.errno();
    closeSync(clone);
    if (errno === 0) return;
    unlinkSync(native(to));
    const error = systemError('ioctl(FICLONE)', errno);
    if (error.code !== 'EINVAL') throw codedError(error, to);
    copyFileTo(from, to);
  } finally {
    closeSync(source);
  }
}

/** Makes a clone of an empty file of ours in `folder`, and drops both. Throws as `cloneOpenFile` what stands against clones there. */
export function tryCloneIn(folder: AbsolutePath): void {
  bound();
  const file = openUnnamed(folder);
  try {
    closeSync(cloneOpenFile(file, folder));
  } finally {
    closeSync(file);
  }
}

/** What a volume has, in bytes; `freeBytes` as far as it is free for us. */
export function volumeSpace(path: AbsolutePath): { readonly freeBytes: number; readonly totalBytes: number } {
  try {
    const { bavail, blocks, bsize } = statfsSync(native(path));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch (error) {
    throw codedError(error, path);
  }
}

function openUnnamed(folder: AbsolutePath): number {
  return openCoded(folder, O_TMPFILE | constants.O_RDWR);
}

function openCoded(path: AbsolutePath, flags: number): number {
  try {
    return openSync(native(path), flags, 0o600);
  } catch (error) {
    throw codedError(error, path);
  }
}

function bound(): NonNullable<typeof call> {
  if (call !== undefined) return call;
  const { libc, why } = libcOrReason();
  if (libc === null) throw new ReplicationError('unsupported', { text: why });
  if (!KNOWN_PROCESSORS.has(process.arch))
    throw new ReplicationError('unsupported', { text: `the processor is ${process.arch}` });
  return (call = { libc, ioctl: libc.bind('int ioctl(int fd, unsigned long request, int source)') });
}
