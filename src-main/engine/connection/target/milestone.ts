interface Waiter {
  readonly sequence: number;
  readonly resolve: () => void;
}

/** A sequence that only rises, and who waits for it. */
export class Milestone {
  #sequence: number;
  #waiters: Waiter[] = [];

  constructor(sequence: number) {
    this.#sequence = sequence;
  }

  get sequence(): number {
    return this.#sequence;
  }

  reach(sequence: number): void {
    this.#sequence = sequence;
    if (this.#waiters.length === 0) return;
    const reached = this.#waiters.filter((waiter) => waiter.sequence <= sequence);
    this.#waiters = this.#waiters.filter((waiter) => waiter.sequence > sequence);
    for (const waiter of reached) waiter.resolve();
  }

  /** Resolves when `sequence` is reached; rejects when `signal` aborts. */
  async whenReached(sequence: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#sequence >= sequence) return;
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        sequence,
        resolve: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }
}
