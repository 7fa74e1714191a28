import { ReplicationError } from '../../../../base/index.ts';
import { CutFile, NO_CUT } from '../../../queue/index.ts';
import type { Completeness } from '../completeness.ts';
import type { RunFigures } from '../replica-run.ts';

export interface RevertSideParts {
  readonly setName: string;
  /** The replica's own folder. */
  readonly folder: string;
  readonly completeness: Completeness;
  /** Of the open replica. Throws what keeps it closed. */
  readonly figures: () => RunFigures;
  /** Of the replica when it was closed last. */
  readonly lastFigures: () => RunFigures;
  readonly isLinked: () => boolean;
  readonly isHoldOrdered: () => boolean;
  /** Closes the replica and its link. Resolves when nothing of it is open. */
  readonly close: () => Promise<unknown>;
}

/** What a replica does for a revert of the places where it lies: it is closed meanwhile, and nothing is believed of it afterwards. */
export class RevertSide {
  readonly #parts: RevertSideParts;
  #lent: Promise<unknown> | null = null;

  constructor(parts: RevertSideParts) {
    this.#parts = parts;
  }

  /** Resolves when its places are its own again; null: they are. */
  get lent(): Promise<unknown> | null {
    return this.#lent;
  }

  /** Throws `revert-refused` with why the replica cannot be set back now, or what keeps it closed. */
  check(): void {
    const { figures, isLinked, isHoldOrdered, setName } = this.#parts;
    const now = figures();
    if (isLinked() && !(isHoldOrdered() && now.isHeld))
      throw new ReplicationError('revert-refused', { why: 'linked', set: setName });
    this.#refuseQueued(now);
  }

  /**
   * Closes the replica, and keeps it closed until the function that it resolves with is called; its source comes again by itself. Rejects with
   * `revert-refused`, and the replica is its own again, when changes that were under way at `check` came into its queue.
   */
  async lend(): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#lent = promise;
    const giveBack = () => {
      this.#lent = null;
      resolve(undefined);
    };
    try {
      await this.#parts.close();
      // What a link had brought was still made durable; it is about the content of now.
      this.#refuseQueued(this.#parts.lastFigures());
    } catch (error) {
      giveBack();
      throw error;
    }
    return giveBack;
  }

  #refuseQueued({ receivedSequence, appliedSequence, queuedOps }: RunFigures): void {
    const { setName } = this.#parts;
    if (receivedSequence !== appliedSequence)
      throw new ReplicationError('revert-refused', { why: 'queued', set: setName, count: queuedOps });
  }

  /** Figures for people and programs: nobody may read what is just being set back. */
  shown(figures: RunFigures): RunFigures {
    return this.#lent === null ? figures : { ...figures, isHeld: false, label: 'file-level' };
  }

  /** While it is lent: what it holds is a complete copy at the end of a group. */
  get isGood(): boolean {
    const { cut, appliedSequence, failedPlaces } = this.#parts.lastFigures();
    const isAtCut = cut?.sequence === appliedSequence;
    return isAtCut && failedPlaces === 0 && this.#parts.completeness.isCompleteAt(appliedSequence);
  }

  /** While it is lent: its content is about to be another. Throws coded errors. */
  reverting(id: string, snapshotId: string): void {
    this.#parts.completeness.reverting(id, snapshotId);
    const cuts = CutFile.open(`${this.#parts.folder}/cut`);
    cuts.set(NO_CUT);
    cuts.close();
  }
}
