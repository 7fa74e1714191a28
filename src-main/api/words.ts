/** The nouns that every call and snapshot share. Times are ISO 8601 strings in UTC; sizes are bytes. */

/** A connection's stable identity (a UUID). The small number that people type starts again at 1 with each start of a service. */
export type ConnectionId = string;

export type Role = 'admin' | 'monitor';

/** One rule of a replication set. `path` is as the administrator typed it (`c:\data`, `/srv/data`, `c:\data\*.tmp`). */
export interface SetRule {
  readonly path: string;
  readonly verdict: 'include' | 'exclude';
  readonly recursive: boolean;
}

export interface ReplicationSet {
  readonly name: string;
  readonly rules: readonly SetRule[];
  /** False while rules changed since the last save: such a set is lost at a stop and cannot be connected. */
  readonly saved: boolean;
  /** Connections that use the set now. */
  readonly connectionIds: readonly ConnectionId[];
  /** Result of the last calculation, if any. */
  readonly size: { readonly files: number; readonly folders: number; readonly bytes: number; readonly at: string } | null;
}

/** Where a set's paths go on the target. Paths are as typed; the target resolves its own volumes. */
export type MapSpec =
  | { readonly kind: 'exact' }
  | { readonly kind: 'base'; readonly base: string }
  | { readonly kind: 'pairs'; readonly pairs: readonly { readonly from: string; readonly to: string }[] };

/** One replicated tree: the folder (or file) on the source, and where it arrives. Both are absolute paths of their own machine. */
export interface MappedRoot {
  readonly from: string;
  readonly to: string;
}

/** `all` sends every file whole; `different` compares date, size and attributes; `checksum` compares every file's blocks. */
export interface MirrorOptions {
  readonly kind: 'all' | 'different' | 'checksum';
  /** Only what is newer on the source is sent; the rest is left although it differs. Wrong for databases. Not with `all`. */
  readonly newer?: boolean | undefined;
  /** With `checksum`: blocks are compared only of files whose date or size differ, not of every file. */
  readonly flaggedOnly?: boolean | undefined;
  /** Look for orphans when everything is sent; what becomes of them is a setting of the target. */
  readonly orphans?: boolean | undefined;
}

/** A bad state in words: what happened, since when, what it means, what to do. */
export interface Problem {
  readonly code: string;
  /** The file or folder it is about, for people; null when it is about the whole. */
  readonly path: string | null;
  readonly cause: string;
  readonly since: string;
  readonly effect: string;
  readonly nextStep: string;
}

/** A question that stops a connection until a person answers it. */
export interface Halt extends Problem {
  readonly answers: readonly { readonly id: string; readonly label: string; readonly effect: string }[];
}
