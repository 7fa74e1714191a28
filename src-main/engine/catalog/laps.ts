/** A lap lasts at least this long: longer than a notice ever takes to arrive. */
const LAP_MS = 5_000;

/** Where the number of the present lap is kept through a restart. */
export interface LapStore {
  read(): number;
  write(lap: number): void;
}

/**
 * Time in which notices may still have been on their way, counted without a clock. A file's content is unsure while its noted time stamps
 * may hide a change of which a notice is still to come; its row then carries the lap in which they were noted. A lap ends when every
 * notice has been followed, so two laps later nothing of it is on its way. When notices were lost, what the last two laps left unsure is
 * suspect.
 */
export class Laps {
  readonly #store: LapStore;
  readonly #nowMs: () => number;
  #lap: number;
  #startedMs: number;
  #isUsed = false;
  #suspectFrom = Infinity;
  #suspectTo = -1;

  constructor(store: LapStore, nowMs: () => number = () => performance.now()) {
    this.#store = store;
    this.#nowMs = nowMs;
    this.#lap = store.read();
    this.#startedMs = nowMs();
  }

  /** The number for a row that is left unsure now. */
  use(): number {
    this.#isUsed = true;
    return this.#lap;
  }

  /** Every notice that arrived has been followed. */
  settled(): void {
    if (this.#isUsed && this.#nowMs() - this.#startedMs >= LAP_MS) this.#next();
  }

  /** Notices may have been lost: after a restart, an overflow, a root that went. */
  noticesLost(): void {
    this.#suspectFrom = Math.min(this.#suspectFrom, this.#lap - 1);
    this.#suspectTo = this.#lap;
    this.#next();
  }

  isSuspect(unsureLap: number): boolean {
    return unsureLap >= this.#suspectFrom && unsureLap <= this.#suspectTo && unsureLap > 0;
  }

  #next(): void {
    this.#lap++;
    this.#store.write(this.#lap);
    this.#startedMs = this.#nowMs();
    this.#isUsed = false;
  }
}
