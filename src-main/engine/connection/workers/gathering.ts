/**
 * Where others are busy on the same file system, each of their events would wake the thread by itself. After so many wakes in a row for
 * nothing of ours it lets them gather for a moment: a hundredth of the work, and a notice comes at most that much later.
 */
const WAKES_FOR_NOTHING = 32;
const GATHER_MS = 1;

/** Decides for a thread that waits in the kernel when it is to let events gather. */
export class Gathering {
  readonly #clock = new Int32Array(new SharedArrayBuffer(4));
  #wakesForNothing = 0;

  /** Called before a wait; keeps the thread. */
  rest(): void {
    if (this.#wakesForNothing >= WAKES_FOR_NOTHING) Atomics.wait(this.#clock, 0, 0, GATHER_MS);
  }

  /** Runs a wait and what follows it; a wait that was long, or brought something, was not for nothing. */
  watched<T>(wait: () => T, hasBrought: (result: T) => boolean): T {
    const beganAtMs = performance.now();
    const result = wait();
    const hasSlept = performance.now() - beganAtMs > GATHER_MS;
    this.#wakesForNothing = hasSlept || hasBrought(result) ? 0 : this.#wakesForNothing + 1;
    return result;
  }
}
