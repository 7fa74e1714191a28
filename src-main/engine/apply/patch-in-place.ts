import { closeSync, constants, ftruncateSync, openSync } from 'node:fs';
import { durableStep, ReplicationError, showName } from '../../base/index.ts';
import { codedError, native, statFd } from '../fs/index.ts';
import type { AttributeSetter } from './attribute-setter.ts';
import { applyBlocks, type Patch } from './patch-file.ts';

/** Copying a smaller file costs little, and is seen whole by whoever reads it meanwhile. */
const LEAST_BYTES = 16 * 1024 * 1024;
/** At most one part in so many of the file is written in place, and no more than `MOST_BYTES`. */
const LEAST_SHARE = 16;
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Writes a small patch into the large file itself, where the volume cannot share blocks between files and a copy would cost the whole file.
 * The patch is on disk and must stay there until the file, which is returned open, is flushed: so a crash writes all of it again before
 * anything else is applied. Null, with nothing done, when the file is to be copied: it has other names, holes that may need room, or may
 * not be opened for writing. Throws `changed-on-target` and coded disk errors; where room is lacking the file is as it was.
 */
export async function patchInPlace(patch: Patch, bytes: number, setter: AttributeSetter): Promise<number | null> {
  const { base, baseSize, size, attributes, isRepeat } = patch;
  if (size < LEAST_BYTES || baseSize < LEAST_BYTES || bytes > MOST_BYTES || bytes * LEAST_SHARE > size) return null;
  const fd = tryOpen(patch.base);
  if (fd === null) return null;
  let isDone = false;
  try {
    const now = statFd(fd);
    // What was begun before a crash must be finished as it was begun: the blocks that it wrote are no longer the base's.
    const isBegun = isRepeat && now.size >= Math.min(baseSize, size) && now.size <= Math.max(baseSize, size);
    if (now.kind !== 'file' || (now.size !== baseSize && !isBegun))
      throw new ReplicationError('changed-on-target', { path: showName(base), expected: baseSize, found: now.size });
    if (now.nlink !== 1 || now.allocatedBytes < now.size) return null;
    // What lengthens the file comes first: it alone may find no room, and then nothing else was touched.
    try {
      await applyBlocks(patch.patch, fd, { from: baseSize, to: Infinity });
    } catch (error) {
      ftruncateSync(fd, baseSize);
      throw error;
    }
    durableStep('target.patch.begun');
    await applyBlocks(patch.patch, fd, { from: 0, to: baseSize });
    ftruncateSync(fd, size);
    setter.setOpen(fd, base, attributes);
    durableStep('target.patch.written');
    isDone = true;
    return fd;
  } catch (error) {
    throw codedError(error, base);
  } finally {
    if (!isDone) closeSync(fd);
  }
}

/** Null when the file is being executed, is protected, or is not ours to write: a copy may replace it all the same. */
function tryOpen(path: string): number | null {
  try {
    return openSync(native(path), constants.O_WRONLY | constants.O_NOFOLLOW);
  } catch {
    return null;
  }
}
