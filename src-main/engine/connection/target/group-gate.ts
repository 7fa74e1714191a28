import { durableStep } from '../../../base/index.ts';
import { NO_CUT, type CutFile } from '../../queue/index.ts';
import type { CutLabel, MarkOp } from '../../wire/index.ts';

/** A cut that the replica reached. `at`: ISO time of the source. */
export interface ReachedCut {
  readonly sequence: number;
  readonly at: string;
  readonly label: CutLabel;
}

export interface GateParts {
  readonly cuts: CutFile;
  /** A group was begun before the queue was opened, and is to be finished before anything else. */
  readonly beganInside: boolean;
  readonly appliedSequence: number;
  /** A hold was ordered before the queue was opened. */
  readonly isHoldOrdered: boolean;
  /** The last op that is applied. */
  readonly applied: () => number;
  /** Whether questions wait that only further ops can answer. */
  readonly hasQuestions: () => boolean;
  /** A hold has taken effect: nothing is applied from now on. */
  readonly onHeld: () => void;
}

/** Where a replica stands among its groups, and whether the next op may be applied: a hold lets the group that is begun come to its end. */
export class GroupGate {
  readonly #parts: GateParts;
  #isInside: boolean;
  #isHoldOrdered: boolean;
  #isNoted = true;
  /** The cut that the source made for the hold, which may still wait to be applied. */
  #standAt = 0;
  #isHeld: boolean;
  #isFrozen = false;

  constructor(parts: GateParts) {
    this.#parts = parts;
    const { cuts, appliedSequence } = parts;
    // After a stop of the machine the file may be ahead of what is applied.
    if (cuts.record.cutSequence > appliedSequence || cuts.record.openSequence > appliedSequence) {
      cuts.set(NO_CUT);
    }
    this.#isInside = parts.beganInside || cuts.record.openSequence > 0;
    this.#isHoldOrdered = parts.isHoldOrdered;
    // Nothing is being applied yet and nobody has asked anything: what was held stays where it is, whatever a link brings first.
    this.#isHeld = parts.isHoldOrdered && (cuts.record.isHeld || !this.#isInside);
    // Else a hold that is ordered later would, after another kill, seem to have taken effect in the middle of a group.
    if (!parts.isHoldOrdered) this.#noteHeld(false);
  }

  /** Nothing is applied, by order, and nothing will be until the hold is lifted. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Nothing is applied until it is undone; nobody but this replica is told. To be called between two groups. */
  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
  }

  /** `isNoted`: no link is there, or the source knows of the hold and asks nothing. */
  order(isHold: boolean, isNoted: boolean): void {
    this.#isHoldOrdered = isHold;
    this.#isNoted = isNoted;
    this.#standAt = 0;
    if (isHold) return;
    this.#isHeld = false;
    this.#noteHeld(false);
  }

  /** The source knows of the hold, and made its cut at `sequence`; null: it has gone, and any end of a group will do. */
  noted(sequence: number | null): void {
    this.#isNoted = true;
    this.#standAt = sequence ?? 0;
  }

  /** Asked before each op. */
  mayApply(): boolean {
    if (this.#isHeld || this.#isFrozen) return false;
    if (!this.#isHoldOrdered || this.#isInside) return true;
    if (!this.#isNoted || this.#parts.applied() < this.#standAt || this.#parts.hasQuestions()) return true;
    this.#noteHeld(true);
    this.#isHeld = true;
    this.#parts.onHeld();
    return false;
  }

  #noteHeld(isHeld: boolean): void {
    const { cuts } = this.#parts;
    if (cuts.record.isHeld !== isHeld) cuts.set({ ...cuts.record, isHeld });
  }

  /** A mark has its turn; what stands before it is applied. */
  passed(op: MarkOp): void {
    const { cuts } = this.#parts;
    switch (op.kind) {
      case 'group-begin':
        this.#isInside = true;
        cuts.set({ ...cuts.record, openSequence: op.sequence });
        durableStep('target.group.begun');
        return;
      case 'group-end':
        this.#isInside = false;
        cuts.set({
          cutSequence: op.sequence,
          cutAtMs: op.atMs,
          isPointInTime: op.label === 'point-in-time',
          openSequence: 0,
          isHeld: false,
          isPause: cuts.record.isPauseNext,
          isPauseNext: false,
        });
        durableStep('target.group.ended');
        return;
      case 'barrier':
        cuts.set({ ...cuts.record, isPauseNext: true });
        return;
    }
  }

  /** The last cut that was reached; ops that belong to no group may have been applied since. */
  get cut(): ReachedCut | null {
    const { cutSequence, cutAtMs, isPointInTime } = this.#parts.cuts.record;
    if (cutSequence === 0) return null;
    const label = isPointInTime ? 'point-in-time' : 'file-level';
    return { sequence: cutSequence, at: new Date(cutAtMs).toISOString(), label };
  }

  /** The last cut was made because somebody paused the source. */
  get isPauseCut(): boolean {
    return this.#parts.cuts.record.isPause;
  }

  /** What the replica is now worth: the cut's label exactly at the cut, and less anywhere else. */
  labelAt(appliedSequence: number): CutLabel {
    const { cut } = this;
    return cut !== null && cut.sequence === appliedSequence ? cut.label : 'file-level';
  }
}
