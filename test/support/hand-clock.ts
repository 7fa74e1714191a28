import type { ScheduleClock } from '../../src-main/service/schedule-clock.ts';

/** A clock that is turned by hand. */
export class HandClock implements ScheduleClock {
  #now: number;
  readonly #ticks = new Set<() => void>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  every(_ms: number, tick: () => void): () => void {
    this.#ticks.add(tick);
    return () => this.#ticks.delete(tick);
  }

  /** Turns it, and lets everybody who looks at it look once. */
  turn(ms: number): void {
    this.#now += ms;
    for (const tick of this.#ticks) tick();
  }
}
