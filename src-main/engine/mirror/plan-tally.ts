import { planActions, type PlanAction, type PlanCounts } from '../../api/index.ts';

/** Adds up what a mirror would do. */
export class PlanTally {
  readonly #counts = Object.fromEntries(planActions.map((action) => [action, { entries: 0, bytes: 0 }])) as Record<
    PlanAction,
    { entries: number; bytes: number }
  >;
  #sourceFiles = 0;
  #sourceBytes = 0;

  add(action: PlanAction, bytes: number): void {
    const count = this.#counts[action];
    count.entries++;
    count.bytes += bytes;
  }

  /** A file that the source has, whatever becomes of it. */
  sawFile(bytes: number): void {
    this.#sourceFiles++;
    this.#sourceBytes += bytes;
  }

  get counts(): PlanCounts {
    return Object.fromEntries(planActions.map((action) => [action, { ...this.#counts[action] }])) as unknown as PlanCounts;
  }

  get sourceFiles(): number {
    return this.#sourceFiles;
  }

  get sourceBytes(): number {
    return this.#sourceBytes;
  }
}

/** A plan that has counted nothing. */
export function noCounts(): PlanCounts {
  return new PlanTally().counts;
}

/** What surely travels. */
export function sendBytesOf({ create, update }: PlanCounts): number {
  return create.bytes + update.bytes;
}
