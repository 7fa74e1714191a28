import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
  writevSync,
} from 'node:fs';
import { makeFolders } from '../../base/index.ts';
import { dirname } from 'node:path';
import { codedError, copyFileTo, errnoName, native, readExtended, readLink, statEntry } from '../fs/index.ts';
import { STAGE_FOLDER, type AbsolutePath } from '../model/index.ts';
import type { AttributeSetter } from './attribute-setter.ts';

/** The system takes at most so many in one call. */
const MOST_PARTS = 512;

/** Runs a file call; its failure becomes the coded error for `path`. */
export function coded(path: AbsolutePath, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw codedError(error, path);
  }
}

/** Writes all of `data`; at the file's own position when `position` is null. */
export function writeAll(fd: number, data: Buffer, position: number | null): void {
  for (let done = 0; done < data.length;) {
    done += writeSync(fd, data, done, data.length - done, position === null ? null : position + done);
  }
}

/** Writes all parts one after the other, from `position` on. */
export function writeParts(fd: number, parts: readonly Buffer[], position: number): void {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) {
    writeAll(fd, only, position);
    return;
  }
  let at = position;
  for (let next = 0; next < parts.length; next += MOST_PARTS) {
    const some = parts.slice(next, next + MOST_PARTS);
    at = writeRest(fd, some, at, writevSync(fd, some, at));
  }
}

/** A write can end early; the rest of the parts follows singly. Returns where the next part goes. */
function writeRest(fd: number, parts: readonly Buffer[], position: number, written: number): number {
  let start = 0;
  for (const part of parts) {
    const done = Math.max(0, Math.min(part.length, written - start));
    if (done < part.length) writeAll(fd, part.subarray(done), position + start + done);
    start += part.length;
  }
  return position + start;
}

/** Nothing there is fine; other failures are coded errors. */
export function unlinkIfThere(path: AbsolutePath): void {
  try {
    unlinkSync(native(path));
  } catch (error) {
    const coded = codedError(error, path);
    if (coded.code !== 'not-found') throw coded;
  }
}

/** Makes a name; what a try that broke off left there goes first. That is rare, and to look for it each time costs more than to make the name. */
export function makeAnew(path: AbsolutePath, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (errnoName(error) !== 'EEXIST') throw error;
    unlinkIfThere(path);
    make();
  }
}

/** Gives ourselves, as the owner, the right to change a folder; returns how to take it back, or null when that is not what was lacking. */
export function lendRights(folder: AbsolutePath): (() => void) | null {
  const now = statEntry(folder);
  if (now?.kind !== 'folder' || (now.mode & 0o300) === 0o300 || now.uid !== process.geteuid?.()) return null;
  coded(folder, () => chmodSync(native(folder), now.mode | 0o300));
  return () => coded(folder, () => chmodSync(native(folder), now.mode));
}

/**
 * Moves a file or link to another volume that is mounted inside the replica: a flushed copy in a stage folder there, then a rename, so
 * that no half copy is ever seen. A folder is not moved: coded `unsupported`.
 */
export function moveAcross(from: AbsolutePath, to: AbsolutePath, attributes: AttributeSetter): void {
  const original = statEntry(from);
  const folder = `${dirname(to)}/${STAGE_FOLDER}`;
  const temporary = `${folder}/moved`;
  if (original?.kind !== 'file' && original?.kind !== 'symlink') {
    throw codedError(Object.assign(new Error('a folder does not move between volumes'), { code: 'EXDEV' }), to);
  }
  coded(to, () => makeFolders(native(folder), 0o700));
  try {
    unlinkIfThere(temporary);
    if (original.kind === 'symlink') coded(to, () => symlinkSync(native(readLink(from)), native(temporary)));
    else copyFileTo(from, temporary);
    const copied = statEntry(temporary);
    if (copied !== null) attributes.copy(temporary, copied, { ...original, extended: readExtended(from).list });
    if (original.kind === 'file') coded(to, () => flushNow(temporary));
    coded(to, () => renameSync(native(temporary), native(to)));
  } finally {
    unlinkIfThere(temporary);
    coded(to, () => rmdirSync(native(folder)));
  }
  unlinkIfThere(from);
}

/** On this thread: for the rare file that cannot go with the others. */
function flushNow(path: AbsolutePath): void {
  const fd = openSync(native(path), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
