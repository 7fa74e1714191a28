import type { HoldOwner, TransmissionHold } from '../../../api/index.ts';

/** The strongest first: what a person said counts before want of room. */
const order: readonly HoldOwner[] = ['operator', 'park', 'target-full'];

/** Who holds transmission back, and why. Each owner has one hold at most and lifts only its own. */
export class Holds {
  readonly #byOwner = new Map<HoldOwner, TransmissionHold>();

  set(hold: TransmissionHold): void {
    this.#byOwner.set(hold.by, hold);
  }

  lift(by: HoldOwner): void {
    this.#byOwner.delete(by);
  }

  get(by: HoldOwner): TransmissionHold | null {
    return this.#byOwner.get(by) ?? null;
  }

  /** The strongest first. */
  list(): readonly TransmissionHold[] {
    return order.flatMap((by) => this.#byOwner.get(by) ?? []);
  }
}
