/** Numbers at which length and sequence checks break when they break. */
const EDGES = [0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** Damages valid frames, and makes some of nothing: an endless row of inputs that depends on the seed alone. A faster generator than a property library's. */
export class FrameMutator {
  readonly #frames: readonly Buffer[];
  #state: number;

  constructor(seed: number, frames: readonly Buffer[]) {
    this.#frames = frames;
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 0x1_0000_0000) * limit);
  }

  next(): Buffer {
    const kind = this.below(10);
    if (kind < 2) return this.#random();
    if (kind === 2) return this.#spliced();
    const bytes = Buffer.from(this.#frame());
    switch (kind) {
      case 3:
        return bytes.subarray(0, this.below(bytes.length + 1));
      case 4:
        this.#setNumber(bytes);
        return bytes;
      case 5:
        // Another kind of message with the same fields.
        if (bytes.length > 8) bytes[8] = this.#code();
        return bytes;
      case 6:
        return this.#resized(bytes);
      default:
        for (let flips = 1 + this.below(4); flips > 0; flips--) bytes[this.below(bytes.length)] = this.below(256);
        return bytes;
    }
  }

  #frame(): Buffer {
    return this.#frames[this.below(this.#frames.length)] ?? Buffer.alloc(9);
  }

  #code(): number {
    return this.below(2) === 0 ? this.below(12) : 64 + this.below(12);
  }

  /** Random content with an honest length. */
  #random(): Buffer {
    const length = 1 + this.below(60);
    const bytes = Buffer.alloc(8 + length);
    bytes.writeUInt32LE(length, 0);
    for (let at = 8; at < bytes.length; at++) bytes[at] = this.below(256);
    bytes[8] = this.#code();
    return bytes;
  }

  /** The begin of one frame and the end of another, then a whole one. */
  #spliced(): Buffer {
    const [one, other] = [this.#frame(), this.#frame()];
    return Buffer.concat([one.subarray(0, this.below(one.length)), other.subarray(this.below(other.length)), this.#frame()]);
  }

  /** A telling number somewhere, in one of the widths that the format uses. */
  #setNumber(bytes: Buffer): void {
    const edge = EDGES[this.below(EDGES.length)] ?? 0;
    const width = [1, 2, 4, 8][this.below(4)] ?? 1;
    if (bytes.length < width) return;
    const at = this.below(bytes.length - width + 1);
    if (width === 8) bytes.writeBigUInt64LE(BigInt(edge) * (this.below(2) === 0 ? 1n : 0x1_0000_0000n), at);
    else bytes.writeUIntLE(edge % 2 ** (8 * width), at, width);
  }

  /** Bytes added to or taken from the header, whose length then says so. */
  #resized(bytes: Buffer): Buffer {
    const at = 8 + this.below(Math.max(1, bytes.length - 8));
    const extra = Buffer.alloc(this.below(20), this.below(256));
    const taken = this.below(10);
    const result = Buffer.concat([bytes.subarray(0, at), extra, bytes.subarray(Math.min(bytes.length, at + taken))]);
    const header = bytes.readUInt32LE(0) + extra.length - Math.min(taken, bytes.length - at);
    if (result.length >= 4) result.writeUInt32LE(Math.max(0, header), 0);
    return result;
  }
}
