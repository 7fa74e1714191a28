import { execFile } from 'node:child_process';
import { close, constants, fdatasync, fsync, open } from 'node:fs';
import { promisify } from 'node:util';
import type { AbsolutePath } from '../model/index.ts';
import { codedError, systemError } from './coded-error.ts';
import { loadLibc, native } from './native.ts';

const openAsync = promisify(open);
const closeAsync = promisify(close);
const fsyncAsync = promisify(fsync);
const fdatasyncAsync = promisify(fdatasync);

/** Resolves when everything written before on the volume that holds `path` is on disk. Runs off the event loop. */
export async function syncVolume(path: AbsolutePath): Promise<void> {
  const libc = loadLibc();
  try {
    if (libc === null) {
      // Without native calls the system's own tool does the same for one volume, only slower to start.
      await promisify(execFile)('sync', ['-f', Buffer.from(path, 'latin1').toString('utf8')]);
      return;
    }
    const syncfs = libc.bind('int syncfs(int fd)');
    const fd = await openAsync(native(path), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      await new Promise<void>((resolve, reject) => {
        syncfs.async(fd, (error: Error | null, result: number) => {
          if (error !== null) reject(error);
          else if (result !== 0) reject(systemError('syncfs', libc.errno()));
          else resolve();
        });
      });
    } finally {
      await closeAsync(fd);
    }
  } catch (error) {
    throw codedError(error, path);
  }
}

/** Resolves when the data of an open file, and the size needed to read them, are on disk. The caller names the path if it fails. */
export function syncFd(fd: number): Promise<void> {
  return fdatasyncAsync(fd);
}

/** Resolves when the names in a folder are on disk. */
export async function syncFolder(path: AbsolutePath): Promise<void> {
  try {
    const fd = await openAsync(native(path), constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await fsyncAsync(fd);
    } finally {
      await closeAsync(fd);
    }
  } catch (error) {
    throw codedError(error, path);
  }
}
