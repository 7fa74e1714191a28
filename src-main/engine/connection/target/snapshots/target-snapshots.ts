import { assertNever, rawName, ReplicationError } from '../../../../base/index.ts';
import { runId } from '../../../../config/index.ts';
import { pathsOverlap, type AbsolutePath } from '../../../model/index.ts';
import { finishReverts, SnapshotStore, type SnapshotDraft, type SnapshotRecord } from '../../../snapshots/index.ts';
import type { ReplicaSlot } from '../replica-slot.ts';
import type { SnapshotAnswer, SnapshotOrder } from './snapshot-orders.ts';
import { SnapshotWork } from './snapshot-work.ts';

export interface TargetSnapshotsParts {
  /** The list of snapshots. */
  readonly folder: string;
  /** Every replica that is admitted. */
  readonly slots: () => readonly ReplicaSlot[];
}

/**
 * The snapshots of all replicas of this target, also of those whose connection ended; one thing at a time is done about those of one connection.
 * What a killed process left is brought to its end at the start, before a replica is opened that it concerns.
 */
export class TargetSnapshots {
  readonly #parts: TargetSnapshotsParts;
  readonly #store: SnapshotStore;
  readonly #busy = new Map<string, Promise<unknown>>();
  #isClosed = false;
  #isTidied = false;
  /** Each revert that is under way, by connection; `work` is null before it began. */
  readonly #reverting = new Map<string, { readonly places: readonly AbsolutePath[]; readonly work: SnapshotWork | null }>();
  readonly #tidied: Promise<void>;
  #tidying: Promise<unknown> = Promise.resolve();

  constructor(parts: TargetSnapshotsParts) {
    this.#parts = parts;
    this.#store = new SnapshotStore(parts.folder);
    this.#tidied = this.#tidy();
  }

  /** Rejects with coded errors, `snapshot-running` and `not-found` among them. */
  async obey(connectionId: string, order: SnapshotOrder): Promise<SnapshotAnswer> {
    await this.#tidied;
    if (this.#busy.has(connectionId)) throw new ReplicationError('snapshot-running', {});
    const work = this.#do(connectionId, order);
    const over = work.catch(() => undefined).finally(() => this.#busy.delete(connectionId));
    this.#busy.set(connectionId, over);
    return work;
  }

  /** Null when no revert is cut off that concerns these places; else resolves when none is any more, or rejects with what keeps it so. */
  beforeOpen(places: readonly AbsolutePath[]): Promise<void> | null {
    if (this.#isTidied && this.#revertsAt(places).length === 0 && this.#cutOff(places).length === 0) return null;
    return this.#finish(places);
  }

  /** Gives up what can be given up. Resolves when nothing is under way any more; to be called with the end of the slots, which end what they take. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { work } of this.#reverting.values()) work?.end();
    await Promise.all([...this.#busy.values(), this.#tidying]);
  }

  #do(connectionId: string, order: SnapshotOrder): Promise<SnapshotAnswer> {
    const slot = this.#parts.slots().find(({ spec }) => spec.connectionId === connectionId);
    switch (order.kind) {
      case 'take':
        if (slot === undefined) return Promise.reject(new ReplicationError('unknown-connection', { connection: connectionId }));
        return slot.snapshots.take(order);
      case 'revert':
        return this.#revert(connectionId, order.id, order.takenBy);
      case 'delete':
        return this.#delete(connectionId, order.id, slot);
      default:
        return assertNever(order);
    }
  }

  async #delete(connectionId: string, id: string, slot: ReplicaSlot | undefined): Promise<null> {
    const record = this.#store.ready(connectionId, id);
    try {
      await new SnapshotWork(this.#parts.folder, { kind: 'delete', record }).result;
    } finally {
      slot?.snapshots.running(null);
    }
    return null;
  }

  /** Replicas that lie there now are closed meanwhile, of whatever connection they are. */
  async #revert(connectionId: string, id: string, takenBy: string): Promise<SnapshotRecord> {
    const snapshot = this.#store.ready(connectionId, id);
    const places = snapshot.roots.map(({ to }) => rawName(to));
    // Of a connection that has ended nobody opens the replica, and so finishes what was cut off.
    await finishReverts(this.#cutOff(places), this.#store);
    // Two whose connections have ended would exchange the same trees at once.
    if (this.#revertsAt(places).length > 0) throw new ReplicationError('snapshot-running', {});
    const slots = this.#parts.slots().filter(({ places: taken }) => areSome(taken, places));
    for (const { spec } of slots)
      if (spec.connectionId !== connectionId && this.#busy.has(spec.connectionId))
        throw new ReplicationError('snapshot-running', {});
    for (const slot of slots) slot.reverts.check();
    const startedAt = new Date().toISOString();
    const run = { kind: 'revert' as const, startedAt, startedBy: takenBy };
    const show = (files: number) => slots.forEach((slot) => slot.snapshots.running({ ...run, files }));
    this.#reverting.set(connectionId, { places, work: null });
    const returns: (() => void)[] = [];
    try {
      await lendAll(slots, returns);
      show(0);
      const draft = draftOfOld(snapshot, slots, takenBy, startedAt);
      const work = new SnapshotWork(
        this.#parts.folder,
        { kind: 'revert', snapshot, draft },
        { onProgress: show, onBuilt: () => slots.forEach((slot) => slot.reverts.reverting(draft.id, id)) },
      );
      this.#reverting.set(connectionId, { places, work });
      if (this.#isClosed) work.end();
      const kept = await work.result;
      if (kept === null) throw new ReplicationError('internal', { text: 'a revert ended without a snapshot of what was there' });
      return kept;
    } finally {
      this.#reverting.delete(connectionId);
      for (const slot of slots) slot.snapshots.running(null);
      for (const giveBack of returns) giveBack();
    }
  }

  async #finish(places: readonly AbsolutePath[]): Promise<void> {
    await this.#tidied;
    // A replica that is admitted only now may lie where one of them is at work.
    for (const connectionId of this.#revertsAt(places)) await this.#busy.get(connectionId);
    await finishReverts(this.#cutOff(places), this.#store);
  }

  #cutOff(places: readonly AbsolutePath[]): readonly SnapshotRecord[] {
    const concerns = ({ roots }: SnapshotRecord) =>
      areSome(
        places,
        roots.map(({ to }) => rawName(to)),
      );
    return this.#store.list(null).filter((record) => record.state === 'swapping' && concerns(record));
  }

  /** The connections whose replicas are being set back at one of these places. */
  #revertsAt(places: readonly AbsolutePath[]): readonly string[] {
    return [...this.#reverting].flatMap(([connectionId, revert]) => (areSome(revert.places, places) ? [connectionId] : []));
  }

  /** Only when there is something to do a thread is started for it. */
  #tidy(): Promise<void> {
    this.#isTidied = this.#store.list(null).every(({ state }) => state === 'ready');
    if (this.#isTidied) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const { result } = new SnapshotWork(this.#parts.folder, { kind: 'tidy' }, { onTaken: resolve });
      // A replica that it concerns tries again before it is opened, and tells.
      this.#tidying = result.catch(() => undefined).finally(resolve);
    }).then(() => {
      this.#isTidied = true;
    });
  }
}

/** Whether some of these and some of the others are the same, or in one another. */
function areSome(these: readonly AbsolutePath[], others: readonly AbsolutePath[]): boolean {
  return these.some((one) => others.some((other) => pathsOverlap(one, other)));
}

/** Closes all of them, each of which is put among `returns`. Rejects with what one of them is refused for, once all have been closed or refused. */
async function lendAll(slots: readonly ReplicaSlot[], returns: (() => void)[]): Promise<void> {
  const lendings = slots.map(async (slot) => void returns.push(await slot.reverts.lend()));
  for (const lending of await Promise.allSettled(lendings)) if (lending.status === 'rejected') throw lending.reason;
}

/** What is there before a revert is kept as a snapshot of the connection that the snapshot is of. */
function draftOfOld(snapshot: SnapshotRecord, slots: readonly ReplicaSlot[], takenBy: string, takenAt: string): SnapshotDraft {
  const { connectionId, setName, sourceName, roots } = snapshot;
  // Of other connections it is not known which parts of these places they hold; and numbers of operations mean something within one only.
  const slot = slots.find(({ spec }) => spec.connectionId === connectionId);
  const isGood = slot?.reverts.isGood ?? false;
  const { cut, appliedSequence } = slot?.snapshot() ?? { cut: null, appliedSequence: 0 };
  return {
    id: runId(takenAt), connectionId, setName, sourceName, takenAt, takenBy, name: `before the revert to ${snapshot.id}`, isScheduled: false, isGood,
    cut, appliedSequence, roots,
  }; // prettier-ignore
}
