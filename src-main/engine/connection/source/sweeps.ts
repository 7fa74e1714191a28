/** A sweep starts after so much rest. */
const REST_MS = 1_000;
/** Between sweeps passes at least this many times the time that the last one took, so that they cost half a percent at the most. */
const SPACING = 200;

/**
 * When to compare the disk with the catalog once more. A capture by names cannot tell everything: a write through a hard link's other
 * name, or through a memory map, changes a file of which no notice speaks. After changes have come to rest everything is compared,
 * on the source alone; nothing changes when nothing was missed. While nothing happens, nothing is swept.
 */
export class Sweeps {
  readonly #nowMs: () => number;
  #isOwed = false;
  #lastChangeMs = 0;
  #startedMs: number | null = null;
  #notBeforeMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A change was followed. */
  changed(): void {
    this.#isOwed = true;
    this.#lastChangeMs = this.#nowMs();
  }

  /** Until the next sweep, in ms from now; null when none is owed or one is under way. */
  dueInMs(): number | null {
    if (!this.#isOwed || this.#startedMs !== null) return null;
    return Math.max(0, this.#lastChangeMs + REST_MS - this.#nowMs(), this.#notBeforeMs - this.#nowMs());
  }

  started(): void {
    this.#isOwed = false;
    this.#startedMs = this.#nowMs();
  }

  /** It ended, or something larger took its place. */
  ended(): void {
    if (this.#startedMs === null) return;
    const now = this.#nowMs();
    this.#notBeforeMs = now + (now - this.#startedMs) * SPACING;
    this.#startedMs = null;
  }
}
