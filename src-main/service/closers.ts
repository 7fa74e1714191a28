/** A step that takes longer is told of: whoever waits for the stop, and later whoever reads why it was ended by force, is to know what it waited for. */
const SLOW_MS = 5_000;

interface Step {
  readonly what: string;
  readonly close: () => void | Promise<void>;
}

/** What has been opened, closed in the opposite order, once; a failure of one does not keep the others open. */
export class Closers {
  readonly #steps: Step[] = [];
  readonly #slowMs: number;
  #onSlow: (what: string) => void = () => undefined;
  #closed: Promise<void> | undefined;

  constructor(slowMs = SLOW_MS) {
    this.#slowMs = slowMs;
  }

  /** `what`: for people. */
  add(what: string, close: () => void | Promise<void>): void {
    this.#steps.push({ what, close });
  }

  /** Hears of each step that takes long, once, while it is waited for. */
  tellSlow(onSlow: (what: string) => void): void {
    this.#onSlow = onSlow;
  }

  closeAll(): Promise<void> {
    this.#closed ??= this.#run();
    return this.#closed;
  }

  async #run(): Promise<void> {
    const failures: unknown[] = [];
    for (const { what, close } of this.#steps.toReversed()) {
      const timer = setTimeout(() => this.#onSlow(what), this.#slowMs);
      try {
        await close();
      } catch (error) {
        failures.push(error);
      } finally {
        clearTimeout(timer);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the service did not stop cleanly');
  }
}
