import { createHash } from 'node:crypto';
import { closeSync, constants, openSync } from 'node:fs';
import { ReplicationError, showName } from '../../base/index.ts';
import { codedError, errnoName, native, readInto, statFd } from '../fs/index.ts';
import type { AbsolutePath, EntryStat } from '../model/index.ts';

const CHUNK_BYTES = 1024 * 1024;
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Who changes a file while it is read mostly has done so once. */
const ATTEMPTS = 2;

/** Made once for many files. */
export function hashBuffer(): Buffer {
  return Buffer.allocUnsafe(CHUNK_BYTES);
}

/**
 * The SHA-256 of a file's content, and what the file is that was read: the same before and after, else `busy`. `onBytes` is told what was
 * read, chunk by chunk, and may throw to end it, which passes unchanged. Throws coded errors of the disk.
 */
export function hashFile(
  path: AbsolutePath,
  buffer: Buffer,
  onBytes: (bytes: number) => void,
): { readonly sha256: string; readonly stat: EntryStat } {
  let fd: number;
  try {
    fd = openSync(native(path), FLAGS);
  } catch (error) {
    throw codedError(error, path);
  }
  try {
    for (let attempt = 1; ; attempt++) {
      const before = statFd(fd);
      if (before.kind !== 'file') throw new ReplicationError('busy', { path: showName(path), text: 'it is no file any more' });
      const sha256 = hashContent(fd, buffer, onBytes);
      const after = statFd(fd);
      const isSame = before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs;
      if (isSame) return { sha256, stat: after };
      if (attempt === ATTEMPTS)
        throw new ReplicationError('busy', { path: showName(path), text: 'it changed while it was read' });
    }
  } catch (error) {
    throw errnoName(error) === null ? error : codedError(error, path);
  } finally {
    closeSync(fd);
  }
}

function hashContent(fd: number, buffer: Buffer, onBytes: (bytes: number) => void): string {
  const hash = createHash('sha256');
  for (let position = 0; ;) {
    const read = readInto(fd, buffer, 0, buffer.length, position);
    if (read === 0) return hash.digest('hex');
    hash.update(read === buffer.length ? buffer : buffer.subarray(0, read));
    onBytes(read);
    position += read;
    if (read < buffer.length) return hash.digest('hex');
  }
}
