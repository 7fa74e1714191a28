import type { StoredSwitch } from './stored.ts';
import type { Progress } from './switching.ts';

/** For so many ticks, of a second each, a cut is waited for. Counted, so that a clock that is set does not end it. */
const CUT_TICKS = 600;
/** For so many ticks fewer and fewer changes must keep the new slot from being level. */
const NEARER_TICKS = 10;

type Step = StoredSwitch['step'];

interface Standing {
  readonly step: Step;
  /** When its time began, or began anew. */
  readonly tick: number;
  /** The fewest changes that kept the new slot from being level so far; null: it is not known yet how many do. */
  readonly leastOps: number | null;
}

/**
 * Knows of each switch when its step has waited for as long as anybody does: for a cut a fixed time, for a new slot to be level as long as it
 * comes nearer. One whose target takes changes more slowly than they are made would never be.
 */
export class StepTimes {
  readonly #standing = new Map<string, Standing>();
  #ticks = 0;

  /** A second has passed. */
  tick(): void {
    this.#ticks++;
  }

  /** To be asked at each look; the time of a step begins with the first. */
  isOutOfTime(id: string, step: Step): boolean {
    const known = this.#standing.get(id);
    const standing = known?.step === step ? known : { step, tick: this.#ticks, leastOps: null };
    this.#standing.set(id, standing);
    const ticks = this.#ticks - standing.tick;
    return step === 'bringing' ? standing.leastOps !== null && ticks >= NEARER_TICKS : ticks >= CUT_TICKS;
  }

  waited(id: string, { isBefore, waitingOps }: Extract<Progress, { kind: 'wait' }>): void {
    const standing = this.#standing.get(id);
    if (isBefore === true) this.forget(id);
    else if (standing !== undefined && waitingOps !== undefined && waitingOps < (standing.leastOps ?? Infinity))
      this.#standing.set(id, { ...standing, tick: this.#ticks, leastOps: waitingOps });
  }

  /** The step, or the switch, is over. */
  forget(id: string): void {
    this.#standing.delete(id);
  }
}
