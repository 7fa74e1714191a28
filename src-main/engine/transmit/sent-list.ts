const SEQUENCE = 0;
const BYTES = 1;
const NOTICED = 2;
const NUMBERS = 3;
const LEAST_ENTRIES = 1024;

/**
 * Ops that were sent, first in, first out, as bare numbers: while a target is held or behind they may be a million, of 24 bytes each.
 * Entries are counted from 0, the oldest that is still there.
 */
export class SentList {
  #numbers = new Float64Array(LEAST_ENTRIES * NUMBERS);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  push(sequence: number, bytes: number, noticedAtMs: number | null): void {
    if (this.#end * NUMBERS === this.#numbers.length) this.#makeRoom();
    const at = this.#end++ * NUMBERS;
    this.#numbers[at + SEQUENCE] = sequence;
    this.#numbers[at + BYTES] = bytes;
    this.#numbers[at + NOTICED] = noticedAtMs ?? NaN;
  }

  sequence(index: number): number {
    return this.#numbers[(this.#start + index) * NUMBERS + SEQUENCE] ?? NaN;
  }

  bytes(index: number): number {
    return this.#numbers[(this.#start + index) * NUMBERS + BYTES] ?? 0;
  }

  /** Null where no notice told of the change. */
  noticedAtMs(index: number): number | null {
    const ms = this.#numbers[(this.#start + index) * NUMBERS + NOTICED] ?? NaN;
    return Number.isNaN(ms) ? null : ms;
  }

  /** The oldest is over. */
  shift(): void {
    this.#start++;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  /** Only the oldest `length` stay. */
  cut(length: number): void {
    this.#end = this.#start + length;
  }

  /** Twice as much, or as much as is in use where that is less: what was a million once does not stay one. */
  #makeRoom(): void {
    const used = this.#numbers.subarray(this.#start * NUMBERS, this.#end * NUMBERS);
    const numbers = new Float64Array(Math.max(LEAST_ENTRIES * NUMBERS, used.length * 2));
    numbers.set(used);
    this.#numbers = numbers;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
