/** The present second, for times that say how long ago. One timer for the whole page. */
export class Clock {
  #nowMs = $state(Date.now());

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Ticks until the returned function is called. */
  start(): () => void {
    const timer = setInterval(() => (this.#nowMs = Date.now()), 1000);
    return () => clearInterval(timer);
  }
}
