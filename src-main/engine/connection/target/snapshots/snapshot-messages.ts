import type { ErrorCode, ErrorDetails } from '../../../../base/index.ts';
import type { SnapshotDraft, SnapshotRecord } from '../../../snapshots/index.ts';

/** What a snapshot worker does, once. */
export type SnapshotJob =
  | { readonly kind: 'take'; readonly draft: SnapshotDraft }
  | { readonly kind: 'revert'; readonly snapshot: SnapshotRecord; readonly draft: SnapshotDraft }
  | { readonly kind: 'delete'; readonly record: SnapshotRecord }
  /** Brings to an end what a killed process left. */
  | { readonly kind: 'tidy' };

/** What a snapshot worker is started with. */
export interface SnapshotWorkerData {
  /** The list of snapshots. */
  readonly folder: string;
  readonly job: SnapshotJob;
  /** Not 0: it is not wanted any more. Shared, because the worker works without a pause. */
  readonly ended: Int32Array;
}

/** Owner → snapshot worker, in answer to `built`. */
export type BuiltAnswer = 'swap' | 'drop';

/** Snapshot worker → owner. After the last two it ends. */
export type SnapshotReport =
  | { readonly kind: 'progress'; readonly files: number }
  /** `take`: the replica may go on. `tidy`: all reverts are finished, as far as they can be. */
  | { readonly kind: 'taken' }
  /** `revert`: the new trees are there. */
  | { readonly kind: 'built' }
  | { readonly kind: 'done'; readonly record: SnapshotRecord | null }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };
