/** Many rings wake one waiter once; a ring before the wait is not lost. */
export class Wake {
  #isRung = false;
  #turns = 0;
  #resolve: (() => void) | undefined;

  /** How many rings and ends of waits there were: while it stays, the one who waits has done nothing. */
  get turns(): number {
    return this.#turns;
  }

  signal(): void {
    this.#turns++;
    this.#isRung = true;
    this.#resolve?.();
  }

  /** Resolves at the next ring, or after `timeoutMs` if given; rejects when `signal` aborts. One waiter at a time. */
  async wait(signal: AbortSignal, timeoutMs?: number): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isRung) {
      await new Promise<void>((resolve, reject) => {
        const timer = timeoutMs === undefined ? undefined : setTimeout(finish, timeoutMs);
        const abort = () => {
          clearTimeout(timer);
          this.#resolve = undefined;
          reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
        };
        const self = (value: (() => void) | undefined) => (this.#resolve = value);
        function finish(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', abort);
          self(undefined);
          resolve();
        }
        signal.addEventListener('abort', abort, { once: true });
        this.#resolve = finish;
      });
    }
    this.#turns++;
    this.#isRung = false;
  }
}
