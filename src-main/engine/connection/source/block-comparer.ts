import { readInto, type BlockHasher } from '../../fs/index.ts';
import type { ByteRange } from '../../model/index.ts';
import type { FileSignature } from '../../transmit/index.ts';
import { BLOCK_BYTES } from '../../wire/index.ts';

const HASH_BYTES = 16;
const READ_BYTES = 16 * BLOCK_BYTES;

/** The hashes of a file's blocks, one after the other, and how much of it was read. */
export interface OwnHashes {
  readonly size: number;
  readonly hashes: Buffer;
}

/** Finds the blocks of a source file whose hashes differ from the target's. */
export class BlockComparer {
  readonly #hasher: BlockHasher;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);

  constructor(hasher: BlockHasher) {
    this.#hasher = hasher;
  }

  /** Ranges of the first `size` bytes that must be sent, neighbours joined. Rests after each read. */
  *compare(fd: number, size: number, signature: FileSignature): Generator<void, readonly ByteRange[]> {
    return differences(yield* this.hashes(fd, size), signature);
  }

  /** Reads the first `size` bytes, or what there is of them when the file shrank: a notice of that is on its way. Rests after each read. */
  *hashes(fd: number, size: number): Generator<void, OwnHashes> {
    const hashes = Buffer.alloc(Math.ceil(size / BLOCK_BYTES) * HASH_BYTES);
    let offset = 0;
    while (offset < size) {
      const got = readInto(fd, this.#buffer, 0, Math.min(READ_BYTES, size - offset), offset);
      if (got === 0) break;
      for (let at = 0; at < got; at += BLOCK_BYTES) {
        const block = this.#buffer.subarray(at, Math.min(got, at + BLOCK_BYTES));
        this.#hasher.hash(block).copy(hashes, ((offset + at) / BLOCK_BYTES) * HASH_BYTES);
      }
      offset += got;
      yield;
    }
    return { size: offset, hashes };
  }
}

/** Where the target has other blocks, or none. */
export function differences(own: OwnHashes, theirs: FileSignature): readonly ByteRange[] {
  const ranges: { offset: number; length: number }[] = [];
  let last: { offset: number; length: number } | undefined;
  for (let offset = 0; offset < own.size; offset += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, own.size - offset);
    if (isSame(own, theirs, offset, length)) continue;
    if (last !== undefined && last.offset + last.length === offset) last.length += length;
    else ranges.push((last = { offset, length }));
  }
  return ranges;
}

function isSame(own: OwnHashes, theirs: FileSignature, offset: number, length: number): boolean {
  const [from, to] = [(offset / BLOCK_BYTES) * HASH_BYTES, (offset / BLOCK_BYTES + 1) * HASH_BYTES];
  // The last block of a file of another length is a block of another length.
  const isAsLong = Math.min(BLOCK_BYTES, theirs.size - offset) === length;
  return isAsLong && theirs.hashes.length >= to && own.hashes.compare(theirs.hashes, from, to, from, to) === 0;
}
