import { closeSync, constants, copyFileSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { AbsolutePath } from '../model/index.ts';
import { codedError } from './coded-error.ts';
import { dataRanges } from './data-ranges.ts';
import { readInto, statFd } from './entries.ts';
import { native } from './native.ts';

const COPY_BYTES = 1024 * 1024;

/**
 * Copies the content of the file `from` to `to`, replacing it: as a shared clone where the volume can, else holes stay holes.
 * Neither path may be a link that leads elsewhere; the caller has checked that.
 */
export function copyFileTo(from: AbsolutePath, to: AbsolutePath): void {
  let source: number;
  try {
    source = openSync(native(from), constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw codedError(error, from);
  }
  try {
    const { size, allocatedBytes } = statFd(source);
    if (allocatedBytes >= size) copyFileSync(native(from), native(to), constants.COPYFILE_FICLONE);
    else copySparse(source, size, to, from);
  } catch (error) {
    throw codedError(error, to);
  } finally {
    closeSync(source);
  }
}

function copySparse(source: number, size: number, to: AbsolutePath, from: AbsolutePath): void {
  try {
    copyFileSync(native(from), native(to), constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    // No clones on this volume; any other trouble shows itself again below.
  }
  const target = openSync(native(to), 'w', 0o600);
  try {
    ftruncateSync(target, size);
    const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, size));
    for (const range of dataRanges(source, size)) {
      for (let done = 0; done < range.length;) {
        const read = readInto(source, buffer, 0, Math.min(buffer.length, range.length - done), range.offset + done);
        if (read === 0) break;
        for (let written = 0; written < read;) {
          written += writeSync(target, buffer, written, read - written, range.offset + done + written);
        }
        done += read;
      }
    }
  } finally {
    closeSync(target);
  }
}
