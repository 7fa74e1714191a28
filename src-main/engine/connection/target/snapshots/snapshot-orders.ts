import type { SnapshotRecord } from '../../../snapshots/index.ts';

/** A snapshot that is wanted. */
export interface TakeOrder {
  readonly kind: 'take';
  readonly takenBy: string;
  readonly name: string;
  readonly isScheduled: boolean;
  /** One of a cut of which different files are of slightly different moments will do. */
  readonly isFileLevelEnough: boolean;
}

/** What is asked about the snapshots of a target; `takenBy`: who asks. */
export type SnapshotOrder =
  | TakeOrder
  | { readonly kind: 'revert'; readonly id: string; readonly takenBy: string }
  | { readonly kind: 'delete'; readonly id: string };

/** The snapshot that was taken; that keeps what a revert took away; null for one that was deleted. */
export type SnapshotAnswer = SnapshotRecord | null;
