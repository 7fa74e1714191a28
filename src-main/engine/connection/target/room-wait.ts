import { setTimeout as delay } from 'node:timers/promises';
import { BackOff, type ReplicationError } from '../../../base/index.ts';
import type { Intake } from './intake.ts';
import type { ProblemSlot } from './problem.ts';
import type { TargetLink } from './target-link.ts';

export interface RoomWaitParts {
  readonly intake: Intake;
  readonly problem: ProblemSlot;
  /** The present link; null when it is gone, and what was blocked with it. */
  readonly link: () => TargetLink | null;
  readonly signal: AbortSignal;
  /** A try brought it on. */
  readonly onProgress: () => void;
  readonly onOver: () => void;
}

/** Tries again to stage what found no room on the disk, until there is room or the link is gone. Nothing is read from the link meanwhile. */
export class RoomWait {
  readonly #parts: RoomWaitParts;
  #isWaiting = false;

  constructor(parts: RoomWaitParts) {
    this.#parts = parts;
  }

  begin(error: ReplicationError): void {
    this.#parts.problem.set(error);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    void this.#tryAgain().finally(() => (this.#isWaiting = false));
  }

  async #tryAgain(): Promise<void> {
    const { intake, problem, signal, onProgress, onOver } = this.#parts;
    const backOff = new BackOff({ firstMs: 200, mostMs: 5_000 });
    while (intake.isBlocked && !signal.aborted) {
      // A timer that keeps no process alive: the sockets do.
      await delay(backOff.next(), undefined, { ref: false });
      const link = this.#parts.link();
      if (link === null) break;
      try {
        const blocked = intake.work();
        if (blocked !== null) problem.set(blocked);
      } catch (error) {
        link.fail(error);
        return;
      }
      onProgress();
    }
    problem.clear();
    onOver();
  }
}
