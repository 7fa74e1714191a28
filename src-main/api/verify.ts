import type { ConnectionId, MappedRoot } from './words.ts';

/** What a verification does. `bytes`: compares every byte, else date, size and attributes. */
export interface VerifyOptions {
  readonly bytes: boolean;
  /** What happens to differences, once they are in the report: nothing, sent again, or sent again only where the source is newer. */
  readonly repair: 'none' | 'all' | 'newer';
  /** Also reports what is only on the target and was never sent there. */
  readonly orphans: boolean;
}

/** `busy`: entries that changed while they were compared, or wait to be sent; they are not judged. Bytes are those of files. */
export interface VerifyCounts {
  readonly files: number;
  readonly folders: number;
  readonly symlinks: number;
  readonly bytes: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly unreadable: number;
  readonly busy: number;
  /** As far as bytes were compared; what is missing counts whole. */
  readonly bytesOutOfSync: number;
  /** Differences that were sent again. */
  readonly repaired: number;
}

/** comparing → settling (what was under way arrives) → rechecking (what differed is looked at once more) → over. */
export interface VerifyRun extends VerifyCounts {
  readonly phase: 'comparing' | 'settling' | 'rechecking';
  readonly options: VerifyOptions;
  readonly startedBy: string;
  readonly startedAt: string;
  /** Entries that looked different at the first look. */
  readonly suspects: number;
  /** The folder that is being compared, for people. */
  readonly path: string | null;
}

/** A verification that is over. `sha256` is the hash over its report; `different` says what it found before any repair. */
export interface VerifySummary extends VerifyCounts {
  readonly id: string;
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly targetName: string;
  readonly roots: readonly MappedRoot[];
  readonly options: VerifyOptions;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly elapsedMs: number;
  readonly outcome: 'equal' | 'different' | 'stopped';
  /** Why it stopped, a sentence; null otherwise. */
  readonly why: string | null;
  /** All differences; the report lists the first 100,000. */
  readonly differences: number;
  readonly sha256: string;
}

export interface ConnectionVerify {
  readonly run: VerifyRun | null;
  readonly last: VerifySummary | null;
  /** When the schedule starts the next one; null without a schedule. */
  readonly nextAt: string | null;
}

/** What one side has at a path. Times in UTC with nanoseconds, mode in octal, owner as `uid:gid`. */
export interface VerifySide {
  readonly kind: string;
  readonly size: number;
  readonly modified: string;
  readonly mode: string;
  readonly owner: string;
  /** A number for the extended attributes and ACLs, in hexadecimal; `none` for none. */
  readonly extended: string;
  readonly linkTarget: string | null;
}

/** One entry that differs. `path` is the one on the source. */
export interface VerifyDifference {
  readonly path: string;
  readonly what: 'missing' | 'extra' | 'different' | 'unreadable';
  /** Which properties differ: `size`, `modified`, `mode`, `owner`, `content` and so on; empty for what one side lacks. */
  readonly properties: readonly string[];
  readonly source: VerifySide | null;
  readonly target: VerifySide | null;
  /** Null where bytes were not compared. */
  readonly bytesOutOfSync: number | null;
  /** The source sent exactly what it has, so it was the target's copy that changed afterwards. */
  readonly isDrift: boolean;
  /** What could not be read, a sentence; null otherwise. */
  readonly why: string | null;
  readonly isRepaired: boolean;
}

export interface VerifyReport {
  readonly summary: VerifySummary;
  /** Whether the file still has the hash of the day it was written. */
  readonly isIntact: boolean;
  readonly offset: number;
  /** How many differences the report lists in all. */
  readonly listed: number;
  readonly differences: readonly VerifyDifference[];
}
