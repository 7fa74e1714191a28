import type { Consistency, Cut } from './snapshots.ts';
import type { ConnectionId, MappedRoot } from './words.ts';

/**
 * How a replica is kept as it is while it is read. `rest`: it is parked, as a slot of a rotation say. `pause`: transmission is paused at a cut.
 * `hold`: its target holds it still, and goes on receiving.
 */
export type BackupMethod = 'rest' | 'pause' | 'hold';

/**
 * Somebody reads a replica. closing (on its way to its cut) → open (stands at `cut`, which is on disk) → gone when it is ended. closing|open →
 * broken: the replica went on, and what was read may be a mixture; `why` says how it came. ISO times.
 */
export interface BackupWindow {
  readonly id: string;
  readonly connectionId: ConnectionId;
  readonly method: BackupMethod;
  readonly owner: string;
  readonly reason: string;
  readonly begunAt: string;
  readonly maxMinutes: number;
  readonly isOverdue: boolean;
  readonly state: 'closing' | 'open' | 'broken';
  readonly why: string;
  readonly cut: Cut | null;
}

/** Whether a replica may be read now, or a window could be begun. `wait`: it may be later, by itself. `no`: only after somebody did something. */
export interface BackupVerdict {
  readonly kind: 'go' | 'wait' | 'no';
  readonly why: string;
  readonly nextStep: string;
}

/** What a backup program needs to know of what it named. */
export interface BackupView {
  /** For people: `noon/A`, or `accounts to beta`. */
  readonly name: string;
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  /** Of the target; its own, where the target answers. */
  readonly targetName: string;
  readonly targetFingerprint: string;
  readonly roots: readonly MappedRoot[];
  readonly verdict: BackupVerdict;
  /** How its window keeps it, or would. */
  readonly method: BackupMethod;
  /** The newest complete copy of it; null while there is none, and where only the source knows. */
  readonly copy: { readonly at: string; readonly ageMs: number; readonly label: Consistency } | null;
  readonly window: BackupWindow | null;
  /** Other connections of the set that follow the source meanwhile, for people. */
  readonly others: readonly string[];
}
