const SLICE_MS = 8;

/** Lets a long synchronous work give the thread back often enough that nobody else waits noticeably. */
export class Slices {
  readonly #signal: AbortSignal | undefined;
  readonly #onRest: () => void;
  #sinceMs = performance.now();

  constructor(signal: AbortSignal | undefined, onRest: () => void) {
    this.#signal = signal;
    this.#onRest = onRest;
    signal?.throwIfAborted();
  }

  /** Asked between small pieces of work; when true, `rest` is due. */
  get isOver(): boolean {
    return performance.now() - this.#sinceMs > SLICE_MS;
  }

  /** Rejects when the signal has aborted. */
  async rest(): Promise<void> {
    this.#onRest();
    this.#signal?.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
    this.#sinceMs = performance.now();
  }
}
