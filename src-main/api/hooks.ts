import type { Cut } from './snapshots.ts';

/** One run of a program of the administrator's. `refused`: it was not started, because it is not there or others may change it. */
export interface HookRun {
  readonly startedAt: string;
  readonly tookMs: number;
  readonly outcome: 'ok' | 'failed' | 'timed-out' | 'refused';
  /** For people: what went wrong, and the last that the program printed; '' when nothing is to be said. */
  readonly text: string;
}

/** A cut for which the application was asked to stand still. */
export interface HookCycle {
  readonly for: 'pause' | 'hold' | 'restart';
  /** Null when only the thaw of an earlier run of the service was made up for. */
  readonly freeze: HookRun | null;
  /** Null while it has not ended, and where no program is set for it. */
  readonly thaw: HookRun | null;
  /** From the end of the freeze until the thaw began; null while it is not over, and where it never stood still. */
  readonly frozenMs: number | null;
  /** The cut that was made meanwhile; null when none was. */
  readonly cut: Cut | null;
}

/**
 * off → ready → waiting (for another connection with the same application) → freezing → frozen → thawing → ready. `thaw-failed`: the
 * application may stand still; the thaw is tried again by itself. `off`: no program is set.
 */
export interface ApplicationHooks {
  readonly state: 'off' | 'ready' | 'waiting' | 'freezing' | 'frozen' | 'thawing' | 'thaw-failed';
  readonly since: string;
  readonly last: HookCycle | null;
}
