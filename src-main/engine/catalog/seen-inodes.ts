/** One for each of two million inodes that follow each other; 256 KiB. */
const BITS = 1 << 21;
const MASK = BigInt(BITS - 1);
/** After so many questions in vain it is worth it to read all inodes of the catalog. */
const ENOUGH_IN_VAIN = 1_000;

/**
 * Tells of most inodes that no row has them, without a look into the catalog: a file that is new to a set was nearly never known under another name,
 * and to find that out costs as much as its row. Never wrong in that; beyond millions of rows it just knows less.
 */
export class SeenInodes {
  readonly #readAll: () => Iterable<bigint> | null;
  #bits: Uint8Array | null = null;
  #inVain = 0;

  /** `readAll`: the inodes of all rows, null for too many. They are read when it shows that there is use for them, not at all if there are none. */
  constructor(readAll: () => Iterable<bigint> | null, isEmpty: boolean) {
    this.#readAll = readAll;
    if (isEmpty) this.#bits = new Uint8Array(BITS / 8);
  }

  /** A row has, or will have, this inode. */
  add(ino: bigint): void {
    if (this.#bits !== null) mark(this.#bits, ino);
  }

  /** False where no row has it for sure. */
  mayHave(ino: bigint): boolean {
    if (this.#bits === null) return true;
    const at = Number(ino & MASK);
    return ((this.#bits[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;
  }

  /** A row with such an inode was looked for, and there was none. */
  wasInVain(): void {
    if (this.#bits !== null || ++this.#inVain < ENOUGH_IN_VAIN) return;
    this.#inVain = -Infinity;
    const all = this.#readAll();
    if (all === null) return;
    const bits = new Uint8Array(BITS / 8);
    for (const ino of all) mark(bits, ino);
    this.#bits = bits;
  }
}

function mark(bits: Uint8Array, ino: bigint): void {
  const at = Number(ino & MASK);
  bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
}
