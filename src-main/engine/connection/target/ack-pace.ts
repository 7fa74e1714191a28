/** An acknowledgement goes out at least this often: it also says that the target is there. */
const BEAT_MS = 5_000;

/**
 * Decides when an acknowledgement goes out: at most every `intervalMs` while work flows, at once when the queue has become empty, and
 * from the first one on never later than `BEAT_MS` after the last.
 */
export class AckPace {
  readonly #intervalMs: number;
  readonly #send: () => void;
  #lastMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;
  #beat: NodeJS.Timeout | null = null;

  constructor(intervalMs: number, send: () => void) {
    this.#intervalMs = intervalMs;
    this.#send = send;
  }

  /** Something to acknowledge has changed. */
  changed(isIdle: boolean): void {
    const waitMs = this.#lastMs + this.#intervalMs - performance.now();
    if (isIdle || waitMs <= 0) this.#fire();
    else this.#timer ??= setTimeout(() => this.#fire(), waitMs);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#beat !== null) clearTimeout(this.#beat);
    this.#beat = null;
  }

  #fire(): void {
    this.stop();
    this.#lastMs = performance.now();
    this.#beat = setTimeout(() => this.#fire(), BEAT_MS).unref();
    this.#send();
  }
}
