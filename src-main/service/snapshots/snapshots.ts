import type { ConnectionId, ReplicaSnapshot, StoredSnapshot } from '../../api/index.ts';
import { invariant, rawName } from '../../base/index.ts';
import { pathsOverlap, type Replicator } from '../../engine/connection/index.ts';

export interface TakeInput {
  readonly connectionId: ConnectionId;
  readonly name: string;
  readonly takenBy: string;
  readonly isScheduled: boolean;
  readonly isFileLevelEnough: boolean;
}

export interface SnapshotsParts {
  readonly replicator: Pick<Replicator, 'snapshot' | 'snapshots'>;
  readonly replicas: () => readonly Pick<ReplicaSnapshot, 'connectionId' | 'roots'>[];
  /** Throws `window-open` when somebody reads the replica. */
  readonly refuseOpen: (connectionId: ConnectionId) => void;
  readonly tell: (severity: 'info' | 'warning', text: string, connectionId: ConnectionId) => void;
}

/** Snapshots by order, each told in the message log once it is a fact. */
export class Snapshots {
  readonly #parts: SnapshotsParts;

  constructor(parts: SnapshotsParts) {
    this.#parts = parts;
  }

  async take({ connectionId, ...order }: TakeInput): Promise<StoredSnapshot> {
    const taken = await this.#parts.replicator.snapshot(connectionId, { kind: 'take', ...order });
    invariant(taken !== null, 'a snapshot that was taken is known');
    const { id, setName, takenBy, cut, leftOut } = taken;
    const missing = leftOut === 0 ? '' : ` ${leftOut} pipes, sockets or devices are not in it.`;
    this.#tell(
      connectionId,
      `${takenBy} took the snapshot ${id} of “${setName}” at cut ${cut?.sequence ?? 0} (${cut?.label ?? ''}).${missing}`,
    );
    return taken;
  }

  /** Refused while somebody reads a replica that lies in the same places, of whatever connection: a snapshot outlives its own. */
  async revert(connectionId: ConnectionId, id: string, takenBy: string): Promise<StoredSnapshot> {
    const places = this.#parts.replicator.snapshots(connectionId).find((one) => one.id === id)?.roots ?? [];
    for (const replica of this.#parts.replicas())
      if (replica.connectionId === connectionId || overlap(replica.roots, places)) this.#parts.refuseOpen(replica.connectionId);
    const kept = await this.#parts.replicator.snapshot(connectionId, { kind: 'revert', id, takenBy });
    invariant(kept !== null, 'a revert keeps what was there before');
    const text = `${takenBy} set the replica of “${kept.setName}” back to the snapshot ${id}. What it held before is the snapshot ${kept.id}.`;
    this.#parts.tell('warning', text, connectionId);
    return kept;
  }

  async delete(connectionId: ConnectionId, id: string, deletedBy: string): Promise<void> {
    await this.#parts.replicator.snapshot(connectionId, { kind: 'delete', id });
    this.#tell(connectionId, `${deletedBy} deleted the snapshot ${id}.`);
  }

  #tell(connectionId: ConnectionId, text: string): void {
    this.#parts.tell('info', text, connectionId);
  }
}

type Roots = readonly { readonly to: string }[];

function overlap(these: Roots, others: Roots): boolean {
  return these.some((one) => others.some((other) => pathsOverlap(rawName(one.to), rawName(other.to))));
}
