import { closeSync, openSync } from 'node:fs';
import { codedError, native, readInto } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import type { Slices } from './slices.ts';

const PIECE_BYTES = 512 * 1024;

/** Two reused buffers; one comparison at a time. */
export class ContentComparer {
  readonly #a = Buffer.allocUnsafeSlow(PIECE_BYTES);
  readonly #b = Buffer.allocUnsafeSlow(PIECE_BYTES);
  readonly #slices: Slices;

  constructor(slices: Slices) {
    this.#slices = slices;
  }

  /** The offset of the first byte that differs (the shorter length when one file ends first), or null when all are equal. */
  async firstDifference(a: AbsolutePath, b: AbsolutePath, onBytes: (count: number) => void): Promise<number | null> {
    const fdA = open(a);
    try {
      const fdB = open(b);
      try {
        for (let at = 0; ; at += PIECE_BYTES) {
          const lengthA = read(fdA, this.#a, at, a);
          const lengthB = read(fdB, this.#b, at, b);
          const length = Math.min(lengthA, lengthB);
          if (lengthA !== lengthB || this.#a.compare(this.#b, 0, length, 0, length) !== 0)
            return at + firstByte(this.#a, this.#b, length);
          onBytes(length);
          if (length < PIECE_BYTES) return null;
          if (this.#slices.isOver) await this.#slices.rest();
        }
      } finally {
        closeSync(fdB);
      }
    } finally {
      closeSync(fdA);
    }
  }
}

function open(path: AbsolutePath): number {
  try {
    return openSync(native(path), 'r');
  } catch (error) {
    throw codedError(error, path);
  }
}

function read(fd: number, buffer: Buffer, at: number, path: AbsolutePath): number {
  try {
    return readInto(fd, buffer, 0, PIECE_BYTES, at);
  } catch (error) {
    throw codedError(error, path);
  }
}

function firstByte(a: Buffer, b: Buffer, length: number): number {
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return length;
}
