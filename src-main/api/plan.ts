import type { FolderEntry } from './snapshots.ts';
import type { ConnectionId, MappedRoot, MirrorOptions, Problem } from './words.ts';

/**
 * What a mirror would do with one entry. `compare`: its blocks are compared, and those that differ are sent. `move`: the target has it
 * under another name, and it goes without its data. `orphan`: only the target has it, and what becomes of it is a setting there. `leave`: it differs or
 * is gone from the source, and the options say that the target's stays. `unreadable`: the source could not look at it.
 */
export const planActions = [
  'create', 'update', 'compare', 'attributes', 'move', 'delete', 'orphan', 'leave', 'keep', 'unreadable',
] as const; // prettier-ignore
export type PlanAction = (typeof planActions)[number];

/** Bytes are those of files; of `update` and `compare` at most so many travel, since blocks that are equal do not. */
export interface PlanCount {
  readonly entries: number;
  readonly bytes: number;
}
export type PlanCounts = Readonly<Record<PlanAction, PlanCount>>;

/** A limit of the settings section `mirror` that a plan goes beyond. */
export interface PlanExcess {
  /** As in the settings: `maxDeletes`. */
  readonly limit: string;
  readonly allowed: number;
  readonly planned: number;
  /** For people, the second half of a sentence: `it would delete 20 entries, and 10 are allowed`. */
  readonly text: string;
}

/** A plan in the making. `why`: a person or script asked for it, or limits are to be kept and a mirror waits for it. */
export interface PlanRun {
  readonly options: MirrorOptions;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly why: 'asked' | 'limits';
  readonly counts: PlanCounts;
  /** The folder that is being looked at, for people. */
  readonly path: string | null;
}

/** A finished plan, as of the time between its start and end. */
export interface PlanSummary {
  readonly id: string;
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly targetName: string;
  readonly roots: readonly MappedRoot[];
  readonly options: MirrorOptions;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly elapsedMs: number;
  readonly counts: PlanCounts;
  /** What the source has: files, and their bytes. */
  readonly sourceFiles: number;
  readonly sourceBytes: number;
  /** Created and updated bytes; compared ones may add to them. */
  readonly sendBytes: number;
  /** How long sending these may take at the line's limit, or as fast as the last mirror was; null when neither is known. */
  readonly estimateMs: number | null;
  readonly exceeded: readonly PlanExcess[];
}

/** `question`: a mirror is not begun, because its plan goes beyond a limit; `mirror.resume` runs it all the same, `mirror.stop` drops it. */
export interface ConnectionPlan {
  readonly run: PlanRun | null;
  readonly last: PlanSummary | null;
  readonly question: Problem | null;
}

export interface PlanEntry {
  readonly action: PlanAction;
  /** On the source. */
  readonly path: string;
  readonly kind: FolderEntry['kind'];
  readonly bytes: number;
  /** A few words: `another size`. */
  readonly reason: string;
}

/** A page of a plan. What is kept is counted and not listed; of each other action the first 100,000 entries are listed. */
export interface PlanPage {
  readonly summary: PlanSummary;
  readonly offset: number;
  /** How many entries are listed in all, of the action that was asked for. */
  readonly listed: number;
  readonly entries: readonly PlanEntry[];
}
