import type { ErrorCode, ErrorDetails } from '../../base/index.ts';
import type { Attributes, EntryKind, Loss, RelativePath, VolumeTraits } from '../model/index.ts';

/** A block of a file that is compared: 64 KiB, hashed with XXH3-128 (16 bytes). */
export const BLOCK_BYTES = 65_536;
/** The largest payload of one frame; both ends refuse more. */
export const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
/** The largest header of one frame. */
export const MAX_HEADER_BYTES = 1024 * 1024;
/** Changed with every incompatible change of the messages; named in the refusal. */
export const DATA_VERSION = 5;

/** What the source believes that the target has where an op goes; absent where it cannot be sure. */
export interface ExpectedFile {
  readonly size: number;
  readonly mtimeNs: bigint;
}

/**
 * One op as it travels. Sequences rise by one per op, over the whole life of a connection, without gaps.
 * Inline content lies in the frame's payload, one file after the other in the order of the ops.
 */
export type WireOp =
  /** The whole file of `size` bytes, in this frame's payload. */
  | {
      readonly kind: 'write';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly size: number;
      readonly attributes: Attributes;
      readonly expects?: ExpectedFile;
    }
  /** A whole file, whose data are the stream that ended for this op; bytes that no `data` brought are holes. */
  | {
      readonly kind: 'write-stream';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly expects?: ExpectedFile;
    }
  /** As `write-stream`, but starting from a copy of the file that is there, whose size must be `baseSize`, else `changed-on-target`. */
  | {
      readonly kind: 'patch-stream';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly baseSize: number;
      readonly expects?: ExpectedFile;
    }
  /** Makes the folder if it is not there, then sets its attributes. */
  | {
      readonly kind: 'folder';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly attributes: Attributes;
    }
  /** `target` is the link's raw text, never followed. */
  | {
      readonly kind: 'symlink';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly target: string;
      readonly attributes: Attributes;
    }
  /** Another name for the file at `existing`; replaces a file that is at `path`. */
  | {
      readonly kind: 'link';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly existingRoot: number;
      readonly existing: RelativePath;
    }
  | {
      readonly kind: 'attributes';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly entry: EntryKind;
      readonly attributes: Attributes;
    }
  /** Replaces a file or symlink that is at `path`; a folder there only if empty. `missing-on-target` if `from` is not there. */
  | {
      readonly kind: 'rename';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly fromRoot: number;
      readonly from: RelativePath;
    }
  /**
   * A folder goes only when it is empty: what the source did not send is not ours to delete. Nothing there is a success.
   * `isKept`: the source ignores deletes; the entry stays and is listed as kept.
   */
  | {
      readonly kind: 'remove';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly entry: EntryKind;
      readonly expects?: ExpectedFile;
      readonly isKept: boolean;
    }
  /**
   * The target listed this, and the source does not have it. The target's settings decide what becomes of it, if it still is what it was
   * listed as.
   */
  | {
      readonly kind: 'orphan';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly entry: EntryKind;
      readonly size: number;
      readonly mtimeNs: bigint;
    }
  /** Changes nothing. Right before a `group-end`: this cut is a pause's, and nothing is sent after it until somebody resumes. */
  | { readonly kind: 'barrier'; readonly sequence: number }
  /** What follows up to the next `group-end` is applied as a unit: not before the end has come, and then without a halt in between. */
  | { readonly kind: 'group-begin'; readonly sequence: number }
  /**
   * A cut: after this op the replica is what the label says of the source at the moment `atMs` (ms since 1970, the source's clock).
   * Ends the group that is open, if one is.
   */
  | { readonly kind: 'group-end'; readonly sequence: number; readonly atMs: number; readonly label: CutLabel };

/**
 * `point-in-time`: the replica holds a state that the source had at one moment. `file-level`: each file is a complete version, but
 * different files may be from slightly different moments.
 */
export type CutLabel = 'point-in-time' | 'file-level';

/** An op that is about no entry of the replica. */
export type MarkOp = Extract<WireOp, { kind: 'barrier' | 'group-begin' | 'group-end' }>;
/** An op that changes an entry of the replica. */
export type EntryOp = Exclude<WireOp, MarkOp>;

export function isMark(op: WireOp): op is MarkOp {
  return op.kind === 'barrier' || op.kind === 'group-begin' || op.kind === 'group-end';
}

/** A user or group of the source. */
export interface NamedOwner {
  readonly kind: 'user' | 'group';
  readonly id: number;
  readonly name: string;
}

/** Source → target. The first message on a link is `hello`. */
export type SourceMessage =
  | { readonly kind: 'hello'; readonly version: number; readonly connectionId: string }
  | { readonly kind: 'ops'; readonly ops: readonly WireOp[] }
  /**
   * Data of a file that is too large for one frame come from now on, among other messages: they have no place in the order of ops before
   * an op takes them. Numbers of streams are not used twice on a link. `isPatch`: parts of a file of which the target has the rest.
   */
  | { readonly kind: 'stream'; readonly stream: number; readonly root: number; readonly isPatch: boolean }
  /** The payload belongs at `offset` of the file. */
  | { readonly kind: 'data'; readonly stream: number; readonly offset: number }
  /** The stream is complete, and is what op `sequence` brings; no other stream ends before that op. */
  | {
      readonly kind: 'data-end';
      readonly stream: number;
      readonly sequence: number;
      readonly size: number;
      readonly attributes: Attributes;
    }
  /** The stream is given up: the file could not be read to its end, or is not wanted any more. */
  | { readonly kind: 'data-drop'; readonly stream: number }
  /** Asks for block hashes of what will be at these places after all ops sent before. Answered in order by `signatures`. */
  | {
      readonly kind: 'get-signatures';
      readonly requestId: number;
      readonly files: readonly { readonly root: number; readonly path: RelativePath }[];
    }
  /** Names of users and groups whose numbers ops have; `byName` false: numbers are meant as such, and names told before are forgotten. */
  | { readonly kind: 'owner-names'; readonly byName: boolean; readonly owners: readonly NamedOwner[] }
  /** Asks what the volumes of all roots can hold. */
  | { readonly kind: 'get-volumes'; readonly requestId: number }
  /** Asks for the listing of one folder, as it is after all ops sent before; of a root that is no folder, one entry without a name. */
  | { readonly kind: 'get-listing'; readonly requestId: number; readonly root: number; readonly path: RelativePath }
  /**
   * Sent when it changes and after each welcome. What the target has received by now is, once it is applied, all that the source has; or, with false,
   * what comes from now on brings the replica there, as a mirror does, and it is no complete copy meanwhile.
   */
  | { readonly kind: 'whole'; readonly isWhole: boolean }
  /** Answers a `standing` that holds: from now on no question comes before the hold is over, and no group is open. */
  | { readonly kind: 'hold-noted' }
  /** A search for orphans begins anew; or it is over, and every `orphan` of it is applied. */
  | { readonly kind: 'orphan-search'; readonly phase: 'begin' | 'end' }
  /** The connection ends for good: apply what was received, then forget the admission; answered by `released`. */
  | { readonly kind: 'release' }
  /** Says nothing but that the source is there; the target's acknowledgements say the same of it. */
  | { readonly kind: 'alive' };

/** Target → source. The first is `welcome` or `refused`. */
export type TargetMessage =
  /**
   * `receivedSequence`: everything up to here is durable on the target and will be applied; the source goes on with the next one.
   * `nowMs`: the target's clock when it sent this.
   */
  | {
      readonly kind: 'welcome';
      readonly version: number;
      readonly receivedSequence: number;
      readonly appliedSequence: number;
      readonly nowMs: number;
      /** The newest time that the replica was set back to a snapshot, by its id: nothing that the source knew of the replica before is true since. */
      readonly reverted: string | null;
    }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly details: ErrorDetails }
  /** `received` is durable, `applied` is committed and flushed. Queue figures count what is received and not applied. */
  | {
      readonly kind: 'ack';
      readonly received: number;
      readonly applied: number;
      readonly queuedOps: number;
      readonly queuedBytes: number;
      readonly appliedBytes: number;
      /** What the replica holds with all up to `applied`. */
      readonly label: CutLabel;
    }
  /** So much data of streams came over this link and has room where it waits: as much more may be sent. */
  | { readonly kind: 'taken'; readonly bytes: number }
  /** This op could not be applied and never will be as sent; later ops went on. The place no longer holds what the source believes. */
  | {
      readonly kind: 'failed';
      readonly sequence: number;
      readonly root: number;
      readonly path: RelativePath;
      readonly code: ErrorCode;
      readonly details: ErrorDetails;
    }
  /** The target waits and tries again (disk full, read-only); null when it is over. */
  | { readonly kind: 'retrying'; readonly problem: { readonly code: ErrorCode; readonly details: ErrorDetails } | null }
  /** One item per file asked for; `size` null: no such file. Hashes of all files lie in the payload in order, 16 bytes a block. */
  | {
      readonly kind: 'signatures';
      readonly requestId: number;
      readonly files: readonly { readonly size: number | null; readonly blocks: number }[];
    }
  /** Null: no such folder. Names are sorted by their bytes. */
  | { readonly kind: 'listing'; readonly requestId: number; readonly entries: readonly ListedEntry[] | null }
  /** So it is with every file of this root: told once for each link. */
  | { readonly kind: 'loss'; readonly root: number; readonly loss: Loss }
  /** For each root of the replica, in their order. */
  | { readonly kind: 'volumes'; readonly requestId: number; readonly roots: readonly VolumeTraits[] }
  /**
   * Sent when it changes and after each welcome, if either is true. `isHeld`: what comes is kept and not applied, by a person's order.
   * `isFull`: the queue here has reached its limit; nothing more is to be sent until it has room.
   */
  | { readonly kind: 'standing'; readonly isHeld: boolean; readonly isFull: boolean }
  | { readonly kind: 'released' };

/** One entry of a target folder; `linkTarget` only for symlinks. */
export interface ListedEntry {
  readonly name: string;
  readonly kind: EntryKind;
  readonly size: number;
  /** Without extended attributes: of these there is a number. */
  readonly attributes: Attributes;
  /** Of the carried extended attributes; 0 for none. */
  readonly extendedHash: bigint;
  readonly linkTarget: string | null;
}
