import type { ReplicationError } from '../../../base/index.ts';
import type { CatalogRow } from '../../catalog/index.ts';
import type { ByteRange, EntryStat, Place } from '../../model/index.ts';
import type { FileSignature } from '../../transmit/index.ts';
import type { Reading } from './changed-ranges.ts';
import type { CloserLook } from './closer-look.ts';
import type { Cause } from './source-tree.ts';

/** Changed parts of a file of which the target has the rest. */
export interface Patch {
  readonly baseSize: number;
  readonly changed: readonly ByteRange[];
  /** They were recorded as they were written, and those that come are recorded too. */
  readonly isRecorded: boolean;
}

/** What a mirror found out about a file whose blocks it compares. */
export interface FileCheck {
  readonly stat: EntryStat;
  readonly hasEqualAttributes: boolean;
  /** What the catalog keeps of the closer look at it. */
  readonly kept: CloserLook['kept'];
}

/** What came of a file's content: all that its op, and the catalog, need to know. */
export type Content =
  /** Its place has another file now, or none: whatever is to be said of that, a notice says. */
  | { readonly kind: 'gone' }
  /** The same file that the target has under another name. */
  | { readonly kind: 'linked' }
  /** The target has it, block for block. */
  | { readonly kind: 'equal'; readonly stat: EntryStat; readonly row: CatalogRow | null; readonly readAtMs: number }
  | {
      readonly kind: 'streamed';
      readonly stream: number;
      readonly before: EntryStat;
      readonly after: EntryStat;
      readonly look: CloserLook;
      readonly readAtMs: number;
      readonly patch: Patch | null;
      /** What the catalog had there when it was found out what to send. */
      readonly row: CatalogRow | null;
    };

/** An answer that is waited for without keeping anybody. */
export interface Awaited {
  isOver: boolean;
  /** Null: the target has no such file. Undefined: there will be no answer, because of `error`. */
  signature: FileSignature | null | undefined;
  error: ReplicationError | null;
}

/** `live`: its change was told. `mirror`: a mirror has come to it. */
export type Lane = 'live' | 'mirror';

/** A file on its way to the target, in pieces. It is known by what it is on the disk; its name may change meanwhile. */
export class Transfer {
  place: Place;
  readonly stat: EntryStat;
  readonly cause: Cause;
  readonly check: FileCheck | null;
  lane: Lane;
  /** The mirror is not complete before this is. */
  isOfMirror: boolean;
  /** Of the mirror in whose time it was begun. */
  epoch: number;
  /** Nothing that is known of the target's copy counts. */
  isWhole = false;
  /** Something was told of it meanwhile: it is looked at again when it is over. */
  isTold = false;
  /** Further names of the same file: they become links to it. */
  otherNames: Place[] = [];
  /** Null until its turn comes, and again after a lost link. */
  content: Generator<void, Content> | null = null;
  /** What of it is read now. */
  reading: Reading | null = null;
  awaited: Awaited | null = null;
  /** The question about what the target has at `place`, while anything rests on the answer. */
  asked: Awaited | null = null;
  /** Whether the catalog had a row there when it was asked: a move takes that along on the target too. */
  hasRow = false;
  /** What it does next is to send; else it finds out what to send. */
  isSending = false;
  plannedBytes: number;
  sentBytes = 0;
  beganAtMs = 0;

  constructor(place: Place, stat: EntryStat, cause: Cause, epoch: number, check: FileCheck | null = null) {
    this.place = place;
    this.stat = stat;
    this.cause = cause;
    this.epoch = epoch;
    this.check = check;
    this.isOfMirror = cause.class === 'mirror';
    this.lane = this.isOfMirror ? 'mirror' : 'live';
    this.plannedBytes = stat.size;
  }

  isOf({ dev, ino, kind }: EntryStat): boolean {
    return kind === 'file' && dev === this.stat.dev && ino === this.stat.ino;
  }

  /** Some of it is on its way already. */
  get isBegun(): boolean {
    return this.sentBytes > 0;
  }

  get isWaiting(): boolean {
    return this.awaited?.isOver === false;
  }

  /**
   * What is found out is of the target's file of that name, and not of whatever it has where this file goes: it has not answered yet, or the
   * catalog has no row that would make it move its file too.
   */
  get restsOnName(): boolean {
    return this.asked !== null && !(this.asked.isOver && this.hasRow);
  }

  /** Gives up what was done; it can be begun again. */
  reset(): void {
    this.content?.return({ kind: 'gone' });
    this.content = null;
    this.reading = null;
    this.awaited = null;
    this.asked = null;
    this.isSending = false;
    this.plannedBytes = this.stat.size;
    this.sentBytes = 0;
  }
}
