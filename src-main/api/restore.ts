import { z } from './schema.ts';
import type { PlanSummary } from './plan.ts';
import type { Cut, MirrorResult } from './snapshots.ts';
import type { VerifySummary } from './verify.ts';
import type { ConnectionId, MappedRoot, Problem } from './words.ts';

/** Where data are restored from: a replica that this target holds, or any folder of it, such as a snapshot of a replica. */
export type RestoreFrom =
  { readonly kind: 'replica'; readonly connectionId: ConnectionId } | { readonly kind: 'folder'; readonly path: string };

/** Where they arrive: where they were on their source, or below a folder, each at its path of the source; a folder's content right in it. */
export type RestoreTo = { readonly kind: 'origin' } | { readonly kind: 'folder'; readonly path: string };

/**
 * Which existing files are replaced. `never`: none, only what is missing comes. `older`: those that are older than the replica's and
 * differ. `different`: those that differ by date, size or attributes. `always`: all, whole.
 */
export const overwritePolicies = ['never', 'older', 'different', 'always'] as const;
export type OverwritePolicy = (typeof overwritePolicies)[number];

/** What is to be restored, and where to. */
export interface RestoreChoice {
  readonly from: RestoreFrom;
  /** Files and folders, by their paths on the source (of a folder: in that folder), with wildcards as in rules; none: everything. */
  readonly paths: readonly string[];
  readonly to: RestoreTo;
}

/**
 * What a file holds. `modifiedNs`: nanoseconds since 1970, as text. `changedNs`: the same of the last change that its system knows of, which no program can set back;
 * absent where only a copy of the file is spoken of.
 */
export interface FileContentFacts {
  readonly bytes: number;
  readonly modifiedNs: string;
  readonly changedNs?: string | undefined;
  readonly sha256: string;
}

/** The content of a file of the source, for a drill. */
export interface OriginalFile {
  readonly path: string;
  /** Null: it is not there. */
  readonly content: FileContentFacts | null;
}

/** A random sample of the files of a replica or folder: of all files those whose hash with the seed is smallest, so a seed gives the same again. */
export interface RestoreSample {
  readonly seed: string;
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** What it was drawn from. */
  readonly population: { readonly files: number; readonly bytes: number };
  /** Files that no rule can name: with a wildcard in their path, or bytes that are no text. They are never drawn. */
  readonly unnameable: number;
  /** Files and folders that could not be looked at, and so not be drawn. */
  readonly unreadable: number;
}

/** What a drill is about beside its choice; `originals`: what the source has, null where it was not asked. */
export interface DrillOrder {
  readonly sample: RestoreSample;
  readonly originals: readonly OriginalFile[] | null;
}

/**
 * How a file of a drill compares with a proof. `equal` and `different`: its content, at the same size and time. `changed`: the other is another version by
 * now, which proves nothing. `absent`: it is not there. `unread`: the source was asked, and could not read it steadily or in time. `none`: there is no such proof.
 */
export type DrillProof = 'equal' | 'different' | 'changed' | 'absent' | 'unread' | 'none';

export interface DrilledFile {
  /** On the source. */
  readonly path: string;
  readonly bytes: number;
  /** Of the replica's file, with which the restored one was compared byte by byte; null: it could not be read. */
  readonly sha256: string | null;
  readonly isRestored: boolean;
  readonly certificate: DrillProof;
  readonly source: DrillProof;
  /** What is wrong with it, a sentence; null for nothing. */
  readonly why: string | null;
}

export interface DrillResult {
  readonly isPassed: boolean;
  readonly sample: RestoreSample;
  /** The newest certificate of the replica; null: there is none. */
  readonly certificateId: string | null;
  /** Files whose content a certificate or the source confirmed. */
  readonly proven: number;
  readonly failed: number;
  readonly files: readonly DrilledFile[];
}

/** How a restore ended. `restored`: every byte of what it wrote, or found equal, was compared. `different`: the verification found differences. */
export interface RestoreResult {
  readonly outcome: 'restored' | 'different' | 'failed' | 'cancelled';
  /** A sentence; '' where nothing is to be said. */
  readonly why: string;
  readonly endedAt: string;
  readonly mirror: MirrorResult | null;
  /** Its report goes by the restore's id, as that of a connection. */
  readonly verify: VerifySummary | null;
  readonly problems: readonly Problem[];
  readonly drill: DrillResult | null;
}

/**
 * holding (the replica is brought to rest) → planning → planned (waits for `restore.go`) → copying → verifying → ending → done. Without a plan
 * copying follows at once. A service that is killed goes on where it was.
 */
export const restoreStates = ['holding', 'planning', 'planned', 'copying', 'verifying', 'ending', 'done'] as const;
export type RestoreState = (typeof restoreStates)[number];

export interface RestoreSnapshot {
  readonly id: string;
  /** Of the connection that carries the data; plans and verification reports go by it. */
  readonly connectionId: ConnectionId;
  readonly kind: 'restore' | 'drill';
  /** What it restores, for people. */
  readonly name: string;
  readonly choice: RestoreChoice;
  readonly overwrite: OverwritePolicy;
  /** Blocks of every file are compared, also where date and size are equal. */
  readonly checksum: boolean;
  readonly serverName: string;
  readonly targetName: string;
  readonly roots: readonly MappedRoot[];
  /** What is allowed and worth knowing, in whole sentences. */
  readonly warnings: readonly string[];
  readonly startedBy: string;
  readonly startedAt: string;
  readonly state: RestoreState;
  /** What the replica stands at; null for a folder, or before it stands. */
  readonly cut: Cut | null;
  readonly plan: PlanSummary | null;
  readonly progress: { readonly sentBytes: number; readonly skippedBytes: number; readonly remainingBytes: number | null } | null;
  /** What it waits for, a sentence; '' where it goes on. */
  readonly waitsFor: string;
  readonly result: RestoreResult | null;
}

/** A finished restore or drill as its report has it. */
export interface RestoreReport {
  readonly restore: RestoreSnapshot;
  /** Over the stored report; null while it runs. */
  readonly sha256: string | null;
  /** Whether the report still has the hash of the day it was written. */
  readonly isIntact: boolean;
}

const path = z.string().min(1).max(4096);
export const restoreFrom: z.ZodType<RestoreFrom> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('replica'), connectionId: z.uuid() }),
  z.strictObject({ kind: z.literal('folder'), path }),
]);
/** As many roots as an offer may have. */
const MOST_PATHS = 1000;
export const MOST_SAMPLED = 500;
export const restoreChoice: z.ZodType<RestoreChoice> = z.strictObject({
  from: restoreFrom,
  paths: z.array(path).max(MOST_PATHS),
  to: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('origin') }),
    z.strictObject({ kind: z.literal('folder'), path }),
  ]),
});
const count = z.number().min(0);
const nanoseconds = z.string().regex(/^-?\d{1,25}$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export const drillOrder: z.ZodType<DrillOrder> = z.strictObject({
  sample: z.strictObject({
    seed: z.string().min(1).max(100),
    files: z.array(z.strictObject({ path, bytes: count })).max(MOST_SAMPLED),
    population: z.strictObject({ files: count, bytes: count }),
    unnameable: count,
    unreadable: count,
  }),
  originals: z
    .array(
      z.strictObject({
        path,
        content: z.strictObject({ bytes: count, modifiedNs: nanoseconds, changedNs: nanoseconds.optional(), sha256 }).nullable(),
      }),
    )
    .max(MOST_SAMPLED)
    .nullable(),
});
