/** Between the end of one cut and the next attempt passes at least this, and so many times what the last one took. */
const LEAST_GAP_MS = 500;
const GAP_FACTOR = 4;
const MOST_GAP_MS = 10_000;
/** After a failure; twice as long with each further one. */
const FAILED_GAP_MS = 5_000;
const MOST_FAILED_GAP_MS = 60_000;

/** How often copies at one instant are worth their price to the source. */
export class InstantPace {
  readonly #isEnabled: () => boolean;
  readonly #nowMs: () => number;
  #notBeforeMs = -Infinity;
  #failures = 0;
  #cuts = 0;

  constructor(isEnabled: () => boolean, nowMs: () => number = () => performance.now()) {
    this.#isEnabled = isEnabled;
    this.#nowMs = nowMs;
  }

  /** Cuts that were made so. */
  get cuts(): number {
    return this.#cuts;
  }

  get isEnabled(): boolean {
    return this.#isEnabled();
  }

  /** The last attempt, if there was one, came to a cut: the next may be counted on. */
  get isHopeful(): boolean {
    return this.#isEnabled() && this.#failures === 0;
  }

  /** When the next attempt may be made, in ms from now; null: never. */
  get dueInMs(): number | null {
    return this.#isEnabled() ? Math.max(0, this.#notBeforeMs - this.#nowMs()) : null;
  }

  succeeded(tookMs: number): void {
    this.#failures = 0;
    this.#cuts++;
    this.#notBeforeMs = this.#nowMs() + Math.min(MOST_GAP_MS, Math.max(LEAST_GAP_MS, tookMs * GAP_FACTOR));
  }

  failed(): void {
    const gapMs = Math.min(MOST_FAILED_GAP_MS, FAILED_GAP_MS * 2 ** this.#failures);
    this.#failures++;
    this.#notBeforeMs = this.#nowMs() + gapMs;
  }
}
