import type { Cut } from './snapshots.ts';
import type { ConnectionId, MappedRoot } from './words.ts';

/** One folder, or single file, of a replica in a snapshot. */
export interface StoredSnapshotRoot extends MappedRoot {
  /** Where it lies on the target, to be read. */
  readonly place: string;
  /** `subvolume`: of btrfs, and nobody can change anything in it. `clones`: files that share their blocks. `none`: nothing was there. */
  readonly kind: 'subvolume' | 'clones' | 'none';
}

/** A snapshot of a replica on its target. ISO times, the target's clock; those of `cut` are the source's. */
export interface StoredSnapshot {
  readonly id: string;
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly takenAt: string;
  readonly takenBy: string;
  readonly name: string;
  /** Taken by the schedule, and subject to its limits. */
  readonly isScheduled: boolean;
  /** Of a complete replica, at the end of a group. False for what a revert took away, which may be anything. */
  readonly isGood: boolean;
  readonly cut: Cut | null;
  readonly appliedSequence: number;
  readonly roots: readonly StoredSnapshotRoot[];
  /** Null where counting would have meant to read all names. Bytes are those of files, not what the snapshot takes on disk. */
  readonly files: number | null;
  readonly bytes: number | null;
  /** Pipes, sockets and devices that are not in it. */
  readonly leftOut: number;
  /** A certificate of the very same state. */
  readonly certificateId: string | null;
}

/** What is known of the snapshots of a replica. */
export interface ReplicaSnapshots {
  /** The replica as far as it is applied has all that its source had then: no mirror is lacking. */
  readonly isComplete: boolean;
  /** One that is being taken or reverted to. */
  readonly run: { readonly kind: 'take' | 'revert'; readonly startedAt: string; readonly startedBy: string; readonly files: number } | null; // prettier-ignore
  readonly count: number;
  readonly newest: { readonly id: string; readonly takenAt: string } | null;
  /** It was set back to this snapshot, and no mirror has been completed since. */
  readonly reverted: { readonly snapshotId: string; readonly at: string } | null;
}
