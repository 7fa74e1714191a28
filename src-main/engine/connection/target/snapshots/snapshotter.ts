import { setTimeout as delay } from 'node:timers/promises';
import type { ReplicaSnapshots } from '../../../../api/index.ts';
import { ReplicationError } from '../../../../base/index.ts';
import { runId } from '../../../../config/index.ts';
import { SnapshotStore, type SnapshotDraft, type SnapshotRecord } from '../../../snapshots/index.ts';
import type { ReplicaSpec } from '../../replicator-api.ts';
import type { Completeness } from '../completeness.ts';
import type { ReplicaRun } from '../replica-run.ts';
import type { TakeOrder } from './snapshot-orders.ts';
import { SnapshotWork } from './snapshot-work.ts';

/** How often it is looked whether the replica stands; what changes it rings too. */
const LOOK_MS = 50;
/** A source says that a mirror is over, and whoever waited for it asks at once: its target may hear of the end a moment later. */
const HEAR_MS = 2_000;
/** The source makes its cut within seconds; a long queue takes longer to be applied. */
const STAND_MS = 300_000;

export type SnapshotRun = Pick<ReplicaRun, 'standstill' | 'figures' | 'freeze'>;

export interface SnapshotterParts {
  readonly spec: ReplicaSpec;
  /** The list of snapshots of this target. */
  readonly folder: string;
  readonly completeness: Completeness;
  /** The open replica. Throws what keeps it closed. */
  readonly run: () => SnapshotRun;
  /** `wantsStand` is another. */
  readonly onWantsStand: () => void;
  readonly onChanged: () => void;
}

/**
 * Takes snapshots of one replica. The replica is brought to the end of a group, which the source makes a cut for, and nothing is applied while the
 * snapshot is taken; what arrives meanwhile is kept safe as in a hold. Only a complete replica is taken, and of a cut that is one moment unless less
 * will do.
 */
export class Snapshotter {
  readonly #parts: SnapshotterParts;
  readonly #store: SnapshotStore;
  readonly #closing = new AbortController();
  #wantsStand = false;
  #run: ReplicaSnapshots['run'] = null;
  #work: SnapshotWork | null = null;
  #known: Pick<ReplicaSnapshots, 'count' | 'newest'>;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(parts: SnapshotterParts) {
    this.#parts = parts;
    this.#store = new SnapshotStore(parts.folder);
    this.#known = this.#look();
  }

  /** The replica is to come to a cut, and to stand there. */
  get wantsStand(): boolean {
    return this.#wantsStand;
  }

  figures(appliedSequence: number): ReplicaSnapshots {
    const { completeness } = this.#parts;
    return {
      isComplete: completeness.isCompleteAt(appliedSequence),
      run: this.#run,
      ...this.#known,
      reverted: completeness.reverted,
    };
  }

  /** Resolves when the snapshot is whole, on disk and in the list; rejects with coded errors, and then there is none. */
  take(order: TakeOrder): Promise<SnapshotRecord> {
    const taking = this.#take(order);
    this.#ended = taking.catch(() => undefined);
    return taking;
  }

  /** Something works on the replica's snapshots; null: nothing any more. */
  running(run: ReplicaSnapshots['run']): void {
    this.#run = run;
    if (run === null) this.#known = this.#look();
    this.#parts.onChanged();
  }

  /** An entry of the replica is about to change. */
  moving(): void {
    if (this.#work?.isTaken === false) this.#work.end();
  }

  /** Nothing is taken after this. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#work?.end();
    await this.#ended;
  }

  async #take(order: TakeOrder): Promise<SnapshotRecord> {
    const { onWantsStand, folder } = this.#parts;
    const takenAt = new Date().toISOString();
    const run = { kind: 'take' as const, startedAt: takenAt, startedBy: order.takenBy };
    this.running({ ...run, files: 0 });
    let stood: SnapshotRun | null = null;
    const goOn = (): void => {
      stood?.freeze(false);
      stood = null;
      if (!this.#wantsStand) return;
      this.#wantsStand = false;
      onWantsStand();
    };
    try {
      stood = await this.#stand(order.isFileLevelEnough);
      stood.freeze(true);
      const work = new SnapshotWork(
        folder,
        { kind: 'take', draft: this.#draft(order, takenAt, stood) },
        { onProgress: (files) => this.running({ ...run, files }), onTaken: goOn },
      );
      this.#work = work;
      const record = await work.result;
      if (record === null) throw new ReplicationError('internal', { text: 'a snapshot was taken and is not known' });
      return record;
    } finally {
      this.#work = null;
      goOn();
      this.running(null);
    }
  }

  /** Waits until the replica stands where it may be taken. Throws why it does not, or never will. */
  async #stand(isFileLevelEnough: boolean): Promise<SnapshotRun> {
    const startedMs = performance.now();
    for (;;) {
      if (this.#closing.signal.aborted) throw refused('ended');
      const run = this.#parts.run();
      const { standstill } = run;
      const why = this.#whyNot(run, isFileLevelEnough);
      if (standstill !== null && why === null) return run;
      const elapsedMs = performance.now() - startedMs;
      if (why === 'incomplete' && elapsedMs < HEAR_MS) {
        await delay(LOOK_MS);
        continue;
      }
      // A mirror does not come to its end while the replica stands; and no better cut comes when the source made one for this.
      if (why !== null && (isFinal.has(why) || standstill === 'hold')) throw refused(why);
      if (elapsedMs > STAND_MS) throw refused('moving');
      if (!this.#wantsStand) {
        this.#wantsStand = true;
        this.#parts.onWantsStand();
      }
      await delay(LOOK_MS);
    }
  }

  /** What the replica lacks for a snapshot of it, wherever it stands. */
  #whyNot({ figures }: SnapshotRun, isFileLevelEnough: boolean): Why | null {
    const { cut, appliedSequence, failedPlaces } = figures;
    const { completeness } = this.#parts;
    if (completeness.reverted !== null) return 'reverted';
    if (failedPlaces > 0) return 'failed';
    if (!completeness.isCompleteAt(appliedSequence)) return completeness.willBeComplete ? 'between' : 'incomplete';
    if (cut?.sequence !== appliedSequence) return 'between';
    return isFileLevelEnough || cut.label === 'point-in-time' ? null : 'file-level';
  }

  #draft({ takenBy, name, isScheduled }: TakeOrder, takenAt: string, { figures }: SnapshotRun): SnapshotDraft {
    const { connectionId, setName, sourceName, roots } = this.#parts.spec;
    const { cut, appliedSequence } = figures;
    return {
      id: runId(takenAt), connectionId, setName, sourceName, takenAt, takenBy, name, isScheduled, isGood: true, cut, appliedSequence, roots,
    }; // prettier-ignore
  }

  #look(): Pick<ReplicaSnapshots, 'count' | 'newest'> {
    const whole = this.#store.list(this.#parts.spec.connectionId).filter(({ state }) => state === 'ready');
    const [newest] = whole;
    return { count: whole.length, newest: newest === undefined ? null : { id: newest.id, takenAt: newest.takenAt } };
  }
}

type Why = 'incomplete' | 'failed' | 'reverted' | 'between' | 'file-level';

/** No waiting helps. */
const isFinal: ReadonlySet<Why> = new Set(['incomplete', 'failed', 'reverted']);

function refused(why: Why | 'ended' | 'moving'): ReplicationError {
  return new ReplicationError('snapshot-refused', { why });
}
