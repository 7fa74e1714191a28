import { invariant } from '../../../base/index.ts';

/** Goes through data that came in parts, without joining them: a copy of all that is received would cost more than the links that it saves. */
export class FramePieces {
  readonly #parts: readonly Buffer[];
  #part = 0;
  #used = 0;

  constructor(parts: readonly Buffer[]) {
    this.#parts = parts;
  }

  /** The next `length` bytes, as views; the same again until they are passed. */
  next(length: number): readonly Buffer[] {
    const pieces: Buffer[] = [];
    let used = this.#used;
    for (let part = this.#part, left = length; left > 0; part++, used = 0) {
      const bytes = this.#parts[part];
      invariant(bytes !== undefined, 'a frame carries the data that its ops claim');
      const piece = bytes.subarray(used, used + left);
      if (piece.length > 0) pieces.push(piece);
      left -= piece.length;
    }
    return pieces;
  }

  /** Goes on behind the next `length` bytes. */
  pass(length: number): void {
    this.#used += length;
    for (let size = this.#sizeHere(); this.#used >= size && size > 0; size = this.#sizeHere()) {
      this.#used -= size;
      this.#part++;
    }
  }

  #sizeHere(): number {
    return this.#parts[this.#part]?.length ?? 0;
  }
}
