import type { Cut, MappedRoot } from '../../api/index.ts';

/** One folder, or single file, of a replica in a snapshot. Paths are text, as in settings. */
export interface SnapshotRoot extends MappedRoot {
  /** Where it lies. */
  readonly place: string;
  /** `none`: nothing was at the root. */
  readonly kind: 'subvolume' | 'clones' | 'none';
}

/** What a root is to be after a revert, and what it was. */
export interface SnapshotSwap {
  /** By which the new tree is known, to see whether it has its place; null: nothing is to be there. */
  readonly identity: string | null;
  /** Nanoseconds since 1970, of the new and of the old top: moving what is in a folder changes its time. Null: there is none. */
  readonly mtimeNs: string | null;
  readonly oldMtimeNs: string | null;
}

/**
 * A snapshot as it is stored, from before its first folder is made until its last one is gone.
 * making → ready → going. For one that keeps what a revert takes away: building → swapping → ready. Whatever a kill leaves in `making`,
 * `building` or `going` is removed, in `swapping` finished.
 */
export interface SnapshotRecord {
  readonly version: 1;
  readonly id: string;
  readonly connectionId: string;
  readonly setName: string;
  readonly sourceName: string;
  readonly state: 'making' | 'ready' | 'going' | 'building' | 'swapping';
  /** ISO, the target's clock. */
  readonly takenAt: string;
  readonly takenBy: string;
  /** What a person calls it; '' for nothing. */
  readonly name: string;
  /** Taken by the schedule: only these expire. */
  readonly isScheduled: boolean;
  /** Taken of a complete replica at a group boundary. Those that keep what a revert took away may be anything. */
  readonly isGood: boolean;
  readonly cut: Cut | null;
  readonly appliedSequence: number;
  readonly roots: readonly SnapshotRoot[];
  /** Null where they were not counted: a subvolume is taken without looking into it. */
  readonly files: number | null;
  readonly bytes: number | null;
  readonly leftOut: number;
  /** While `swapping`, for each root. */
  readonly swaps?: readonly SnapshotSwap[] | undefined;
}
