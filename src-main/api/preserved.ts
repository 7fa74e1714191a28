import type { ConnectionId } from './words.ts';

/**
 * `kept`: arrives as it is. `partly`: see the note. `lost`: the source has it, the target cannot hold it. `not-carried`: no replica of this
 * product carries it. `not-there`: the source's volume has no such thing. `unknown`: it could not be found out.
 */
export type Preservation = 'kept' | 'partly' | 'lost' | 'not-carried' | 'not-there' | 'unknown';

/** One property of files, and what becomes of it between two volumes. */
export interface PreservedProperty {
  readonly id: string;
  /** For people: `Access control lists`. */
  readonly what: string;
  readonly source: 'yes' | 'no' | 'unknown';
  readonly target: 'yes' | 'no' | 'unknown';
  readonly result: Preservation;
  /** A whole sentence, or nothing. */
  readonly note: string;
}

/** What is preserved between the volumes of one root; found out, not looked up in a table of products. */
export interface PreservedRoot {
  readonly from: string;
  readonly to: string;
  /** `ext4`. Null while it could not be asked. */
  readonly sourceFileSystem: string | null;
  readonly targetFileSystem: string | null;
  readonly properties: readonly PreservedProperty[];
}

export interface PreservedReport {
  readonly connectionId: ConnectionId;
  /** When the target was asked last; null: not yet, its side is unknown. */
  readonly askedAt: string | null;
  readonly roots: readonly PreservedRoot[];
}
