import { closeSync, constants, copyFile, fsync, ftruncateSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ReplicationError, showName } from '../../base/index.ts';
import { codedError, dataRanges, native, readInto, statFd } from '../fs/index.ts';
import type { AbsolutePath, Attributes } from '../model/index.ts';
import { MAX_PAYLOAD_BYTES } from '../wire/index.ts';
import type { AttributeSetter } from './attribute-setter.ts';
import { writeAll } from './disk-steps.ts';

const copyFileAsync = promisify(copyFile);
const fsyncAsync = promisify(fsync);

/** A patch file is a row of blocks, each after its offset (8 bytes) and length (4 bytes). */
export const PATCH_PREFIX_BYTES = 12;
const COPY_BYTES = 1024 * 1024;
/** So much is copied before other work of the thread has its turn. */
const TURN_BYTES = 8 * 1024 * 1024;

export function patchPrefix(offset: number, length: number): Buffer {
  const prefix = Buffer.allocUnsafe(PATCH_PREFIX_BYTES);
  prefix.writeBigUInt64LE(BigInt(offset), 0);
  prefix.writeUInt32LE(length, 8);
  return prefix;
}

export interface Patch {
  readonly base: AbsolutePath;
  readonly baseSize: number;
  readonly patch: AbsolutePath;
  /** Where the result is made; replaced if it is there. */
  readonly result: AbsolutePath;
  readonly size: number;
  readonly attributes: Attributes;
  /** It may have been begun before a crash. */
  readonly isRepeat: boolean;
}

/** The parts of blocks that lie within. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** Makes `result`, sharing the base's blocks: that takes no time. False, and nothing is there, where the volume cannot. */
export async function tryClone({ base, result }: Patch): Promise<boolean> {
  try {
    await copyFileAsync(native(base), native(result), constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  }
}

/**
 * Makes `result`: a copy of the base with the patch's blocks put in, flushed, with its attributes. The base stays as it is, so that a
 * crash at any point leaves the old file. `isClone`: the copy has been made by `tryClone`. Gives way to other work of the thread. Throws
 * `changed-on-target` and coded disk errors.
 */
export async function patchFile(
  { base, baseSize, patch, result, size, attributes, isRepeat }: Patch,
  isClone: boolean,
  setter: AttributeSetter,
): Promise<void> {
  const baseFd = openFile(base, constants.O_RDONLY);
  try {
    const now = statFd(baseFd);
    // After a crash the result may have its name already: the same blocks written once more change nothing.
    const isDone = isRepeat && now.size === size && now.mtimeNs === attributes.mtimeNs;
    if (now.kind !== 'file' || (now.size !== baseSize && !isDone)) {
      throw new ReplicationError('changed-on-target', { path: showName(base), expected: baseSize, found: now.size });
    }
    const fd = openFile(result, constants.O_WRONLY | (isClone ? 0 : constants.O_CREAT | constants.O_TRUNC));
    try {
      if (!isClone) await copyData(baseFd, Math.min(baseSize, size), fd);
      await applyBlocks(patch, fd, { from: 0, to: Infinity });
      ftruncateSync(fd, size);
      setter.setOpen(fd, result, attributes);
      await fsyncAsync(fd);
    } catch (error) {
      throw codedError(error, result);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(baseFd);
  }
}

function openFile(path: AbsolutePath, flags: number): number {
  try {
    return openSync(native(path), flags | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    throw codedError(error, path);
  }
}

async function copyData(from: number, size: number, to: number): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(COPY_BYTES, Math.max(1, size)));
  let sinceTurn = 0;
  for (const { offset, length } of dataRanges(from, size)) {
    for (let done = 0; done < length;) {
      const read = readInto(from, buffer, 0, Math.min(buffer.length, length - done), offset + done);
      if (read === 0) break;
      writeAll(to, buffer.subarray(0, read), offset + done);
      done += read;
      sinceTurn += read;
      if (sinceTurn < TURN_BYTES) continue;
      sinceTurn = 0;
      await nextTurn();
    }
  }
}

/** Writes the patch's blocks, as far as they lie within `part`, into an open file. Throws `missing-on-target` when the patch is damaged. */
export async function applyBlocks(patch: AbsolutePath, fd: number, { from, to }: Part): Promise<void> {
  const patchFd = openFile(patch, constants.O_RDONLY);
  try {
    const prefix = Buffer.alloc(PATCH_PREFIX_BYTES);
    let sinceTurn = 0;
    for (let at = 0; ;) {
      const got = readInto(patchFd, prefix, 0, PATCH_PREFIX_BYTES, at);
      if (got === 0) return;
      const length = prefix.readUInt32LE(8);
      if (got < PATCH_PREFIX_BYTES || length > MAX_PAYLOAD_BYTES) throw damaged(patch);
      const offset = Number(prefix.readBigUInt64LE(0));
      const block = Buffer.allocUnsafe(length);
      if (readInto(patchFd, block, 0, length, at + PATCH_PREFIX_BYTES) < length) throw damaged(patch);
      const [start, end] = [Math.max(offset, from), Math.min(offset + length, to)];
      if (start < end) writeAll(fd, block.subarray(start - offset, end - offset), start);
      at += PATCH_PREFIX_BYTES + length;
      sinceTurn += length;
      if (sinceTurn < TURN_BYTES) continue;
      sinceTurn = 0;
      await nextTurn();
    }
  } finally {
    closeSync(patchFd);
  }
}

function damaged(patch: AbsolutePath): ReplicationError {
  return new ReplicationError('missing-on-target', { path: showName(patch) });
}
