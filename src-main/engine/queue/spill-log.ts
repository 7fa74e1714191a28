import { closeSync, constants, openSync, readSync, rmSync, statfsSync, unlinkSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { makeFolders, ReplicationError } from '../../base/index.ts';
import { codedError } from '../fs/index.ts';

const PREFIX_BYTES = 12;

/** How much may lie on disk. `diskBytes` null: as much as there is room for, less `keepFreeBytes`. */
export interface SpillLimits {
  readonly diskBytes: number | null;
  readonly keepFreeBytes: number;
}

/** Why nothing more can be written. */
export type SpillRefusal =
  | { readonly kind: 'limit'; readonly limitBytes: number }
  | { readonly kind: 'free-space'; readonly freeBytes: number; readonly keepFreeBytes: number }
  | { readonly kind: 'failed'; readonly error: ReplicationError };

interface LogFile {
  readonly path: string;
  readonly fd: number;
  size: number;
  readOffset: number;
}

/**
 * Blocks of queued items on disk, first in, first out, in files of a few megabytes; a file that was read whole is deleted. It outlives
 * no restart (a comparison of disk and catalog takes its place then), so nothing is flushed, and a folder with old files is emptied at the
 * start. One owner, one thread.
 */
export class SpillLog {
  readonly #folder: string;
  readonly #fileBytes: number;
  #files: LogFile[] = [];
  #nextNumber = 1;
  #hasFolder = false;
  /** What the files take. */
  storedBytes = 0;

  constructor(folder: string, fileBytes = 5 * 1024 * 1024) {
    this.#folder = folder;
    this.#fileBytes = fileBytes;
    rmSync(folder, { recursive: true, force: true });
  }

  get isEmpty(): boolean {
    return this.#files.every((file) => file.readOffset === file.size);
  }

  /** Writes one block at the end, or says why not; then nothing of it is there. */
  append(block: Buffer, limits: SpillLimits): SpillRefusal | null {
    const bytes = PREFIX_BYTES + block.length;
    try {
      if (!this.#hasFolder) makeFolders(this.#folder, 0o700);
      this.#hasFolder = true;
      if (limits.diskBytes !== null && this.storedBytes + bytes > limits.diskBytes)
        return { kind: 'limit', limitBytes: limits.diskBytes };
      const freeBytes = freeBytesOf(this.#folder);
      if (freeBytes - bytes < limits.keepFreeBytes) return { kind: 'free-space', freeBytes, keepFreeBytes: limits.keepFreeBytes };
      this.#write(block);
      return null;
    } catch (error) {
      return { kind: 'failed', error: codedError(error, this.#folder) };
    }
  }

  /** Takes the oldest block; null when there is none. Throws `damaged-data` or a coded error of the disk: what is left is not to be trusted. */
  take(): Buffer | null {
    const file = this.#files[0];
    if (file === undefined) return null;
    let block: Buffer;
    try {
      const prefix = readAt(file, file.readOffset, PREFIX_BYTES);
      block = readAt(file, file.readOffset + PREFIX_BYTES, prefix.readUInt32LE(0));
      if (crc32(block) !== prefix.readUInt32LE(4) || prefix.readUInt32LE(8) !== crc32(prefix.subarray(0, 8)))
        throw new ReplicationError('damaged-data', { path: file.path, text: 'a checksum is wrong' });
    } catch (error) {
      throw error instanceof ReplicationError ? error : codedError(error, file.path);
    }
    file.readOffset += PREFIX_BYTES + block.length;
    if (file.readOffset === file.size && (this.#files.length > 1 || file.size >= this.#fileBytes || this.isEmpty))
      this.#drop(file);
    return block;
  }

  /** What could be written now, besides what is there. */
  roomBytes(limits: SpillLimits): number {
    const byLimit = limits.diskBytes === null ? Infinity : limits.diskBytes - this.storedBytes;
    let bySpace = 0;
    try {
      bySpace = freeBytesOf(this.#hasFolder ? this.#folder : nearestFolder(this.#folder)) - limits.keepFreeBytes;
    } catch {
      // A folder that cannot be asked has no room; the first write says why.
    }
    return Math.max(0, Math.min(byLimit, bySpace));
  }

  /** Forgets everything and deletes the files. */
  clear(): void {
    for (const file of [...this.#files]) this.#drop(file);
  }

  /** As `clear`; the folder goes too. */
  close(): void {
    this.clear();
    rmSync(this.#folder, { recursive: true, force: true });
    this.#hasFolder = false;
  }

  #write(block: Buffer): void {
    let file = this.#files.at(-1);
    if (file === undefined || file.size >= this.#fileBytes) {
      const path = `${this.#folder}/${String(this.#nextNumber++).padStart(8, '0')}.log`;
      const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600);
      this.#files.push((file = { path, fd, size: 0, readOffset: 0 }));
    }
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
    prefix.writeUInt32LE(block.length, 0);
    prefix.writeUInt32LE(crc32(block), 4);
    prefix.writeUInt32LE(crc32(prefix.subarray(0, 8)), 8);
    const bytes = Buffer.concat([prefix, block]);
    // After a failure the next block is written over what came of this one: `size` has not moved.
    for (let done = 0; done < bytes.length;) done += writeSync(file.fd, bytes, done, bytes.length - done, file.size + done);
    file.size += bytes.length;
    this.storedBytes += bytes.length;
  }

  #drop(file: LogFile): void {
    closeSync(file.fd);
    unlinkSync(file.path);
    this.storedBytes -= file.size;
    this.#files = this.#files.filter((other) => other !== file);
  }
}

function readAt(file: LogFile, offset: number, length: number): Buffer {
  if (offset + length > file.size) throw new ReplicationError('damaged-data', { path: file.path, text: 'a block is cut off' });
  const bytes = Buffer.allocUnsafe(length);
  for (let done = 0; done < length;) {
    const got = readSync(file.fd, bytes, done, length - done, offset + done);
    if (got === 0) throw new ReplicationError('damaged-data', { path: file.path, text: 'the file is shorter than it was' });
    done += got;
  }
  return bytes;
}

function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** The folder itself is made with the first block; its file system is that of the nearest folder that is there. */
function nearestFolder(folder: string): string {
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/'))) {
    if (at === '') return '/';
    try {
      statfsSync(at);
      return at;
    } catch {
      // looked for further up
    }
  }
}
