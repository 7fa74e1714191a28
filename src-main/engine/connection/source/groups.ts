import type { Consistency, Cut } from '../../../api/index.ts';
import type { Place } from '../../model/index.ts';
import type { NewOp, Outbox } from '../../transmit/index.ts';
import type { Absences } from './absences.ts';
import type { CaptureSync } from './capture-sync.ts';
import type { CleanReads } from './clean-reads.ts';
import { MIRROR_RUNS } from './group-rules.ts';

/** So many reads are checked at a time, so that a large group does not hold up the thread. */
const CHECK_AT_ONCE = 500;
/** From so many reads on some are checked before the group rests. */
const MOST_READS = 2_000;
/** A capture that has not answered by then is not waited for. */
const ANSWER_MS = 2_000;
/** How long reads may stay in doubt while nothing is told of their files; then they are looked at again. */
const DOUBT_MS = 50;
/** More ops than these are not held together: the target would begin to apply them only when the last has come. */
const MOST_OPS = 1_000;
/** What was in doubt is checked again after this. */
const RECHECK_MS = 2;
/** Of an op that is about no entry. */
const MARK_CAUSE = { bytes: 0, class: 'replication', noticedAtMs: null } as const;
/** After a group that did not settle, changes go out as they come for this many times its age. */
const FREE_FACTOR = 10;

export interface GroupsParts {
  readonly outbox: Outbox;
  readonly sync: CaptureSync;
  readonly reads: CleanReads;
  readonly absences: Absences;
  /** Why nothing that is sent now can be a state of one moment; null when nothing stands against it. */
  readonly obstacle: () => string | null;
  /** Why changes do not come to rest by themselves, though a copy at one instant may be made of them; null when they may. */
  readonly restless?: () => string | null;
  /** In how many ms such a copy may be made; null: not at all. */
  readonly instantInMs?: () => number | null;
  /** In how many ms changes that are known, and held back for a moment, will go; null when none are. They belong to the group. */
  readonly heldMs?: () => number | null;
  /** An entry must be looked at again. `isSettled`: no notice will tell why it is missing, if it is. */
  readonly lookAgain: (place: Place, isSettled: boolean) => void;
  /** What else is to be said of a cut that somebody sought: whether the application was at rest. Null: nothing. */
  readonly remark: () => { readonly text: string; readonly isFrozen: boolean } | null;
  /** How long a group may stay open before it is ended unsettled. */
  readonly mostAgeMs: () => number;
  readonly nowMs?: () => number;
  readonly wallMs?: () => number;
}

/**
 * Cuts the stream of ops into groups and says what each cut is worth.
 *
 * A cut is `point-in-time` when, after the last read, a sync point of the capture brought no change that had to be sent, and every read
 * was clean (see `CleanReads`). Then all that had happened up to that sync point is sent as it then was, and what was still going on can
 * count as happening after it: nobody can have built on it yet. A change that was told meanwhile is followed first, and joins the group.
 * When that goes on for too long the group ends as `file-level`, and for a while nothing is held together any more, so that a source that
 * never rests is not slowed; whenever it rests all the same, the next cut is `point-in-time` again. Before it is given up, whoever owns
 * the groups may end it with copies of what does not rest (`endInstant`).
 */
export class Groups {
  readonly #parts: GroupsParts;
  readonly #nowMs: () => number;
  readonly #wallMs: () => number;
  #isOpen = false;
  #openedMs = 0;
  #openedSequence = 0;
  #applied: Consistency = 'file-level';
  #freeUntilMs = -Infinity;
  /** The last cut that was sent, and why it is worth no more, or what made it worth that. */
  #cut: Cut | null = null;
  #request: { readonly number: number; readonly sequence: number; readonly atMs: number; readonly wallMs: number } | null = null;
  #doubt: { readonly sinceMs: number; readonly progress: number } | null = null;

  /** The cut that is sought is a pause's: the target is told with it, and may prove what it then holds. */
  isPauseSought = false;

  constructor(parts: GroupsParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
    this.#wallMs = parts.wallMs ?? Date.now;
  }

  /** The target told what it now holds. */
  acknowledged(label: Consistency): void {
    this.#applied = label;
  }

  /** What the target holds, and why it is no more than that; '' when nothing stands against it. */
  consistency(): { readonly consistency: Consistency; readonly consistencyWhy: string } {
    const obstacle = this.#parts.obstacle();
    if (this.#applied === 'point-in-time' && obstacle !== MIRROR_RUNS) {
      const remark = this.#cut?.label === 'point-in-time' ? this.#cut.why : null;
      return { consistency: 'point-in-time', consistencyWhy: remark ?? '' };
    }
    const why = obstacle ?? this.#cut?.why ?? 'changes are on their way';
    return { consistency: 'file-level', consistencyWhy: why };
  }

  /** Why nothing that is sent now can be a state of one moment; null when nothing stands against it. */
  get obstacle(): string | null {
    return this.#parts.obstacle();
  }

  /** What is sent belongs to a group, of which the target applies nothing before its end. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** There is a group that did not settle in its time. */
  get isLate(): boolean {
    return this.#isOpen && this.#nowMs() - this.#openedMs > this.#parts.mostAgeMs();
  }

  /** A cut is wanted that holds all that has happened by now. */
  seek(): void {
    this.#request = null;
  }

  /**
   * The outbox is on a fresh link; the target may have an open group of the last one. `standing`: the cut at which it is paused. Where that is the
   * last that the target received no group is open, and another end would make its replica one of another cut.
   */
  linked(standing: Cut | null = null): void {
    this.#request = null;
    if (standing?.sequence === this.#parts.outbox.sequence) {
      this.#isOpen = false;
      this.#cut = standing;
    } else if (this.#parts.outbox.sequence > 0) this.#end('file-level', 'the link was made anew');
  }

  /** What is sent next is a change that was told, and may belong to a group. */
  following(): void {
    const { outbox, reads, obstacle, mostAgeMs } = this.#parts;
    const now = this.#nowMs();
    if (this.isLate) this.#giveUp(`changes did not rest for ${mostAgeMs()} ms`);
    else if (this.#isOpen && outbox.sequence - this.#openedSequence > MOST_OPS)
      this.#giveUp('more changed at once than is held together');
    if (reads.size > MOST_READS) reads.check(reads.size);
    const mayOpen = !this.#isOpen && now >= this.#freeUntilMs && obstacle() === null;
    outbox.mark = mayOpen ? () => this.#begin() : null;
  }

  /** What is sent next was found by a walk: it is not held together with anything. */
  walking(): void {
    const { outbox, reads } = this.#parts;
    outbox.mark = null;
    if (reads.size > MOST_READS) reads.check(reads.size);
    const why = this.#isOpen ? this.#parts.obstacle() : null;
    if (why !== null) this.#end('file-level', why);
  }

  /** A question is about to be sent; the target can answer it only when it has applied what came before. */
  asking(): void {
    if (this.#isOpen) this.#end('file-level', 'the target was asked about a large file in the middle of a group');
  }

  /**
   * Nothing waits to be sent. Ends the group if it is settled. Returns in how many ms to call again at the latest; null when there is
   * nothing to wait for. `isFresh`: a new cut is wanted even if nothing was sent since the last one.
   */
  rest(isFresh = false): number | null {
    const { outbox, obstacle, sync, mostAgeMs } = this.#parts;
    outbox.mark = null;
    const isCut = this.#cut?.sequence === outbox.sequence;
    if (isCut && this.#cut?.label === 'point-in-time' && !isFresh) return null;
    const why = obstacle() ?? (sync.isAvailable ? null : 'this system tells no sync points of its changes');
    if (why !== null) {
      if (this.#isOpen || isFresh || !isCut) this.#end('file-level', why, { isSought: isFresh });
      return null;
    }
    const heldMs = this.#parts.heldMs?.() ?? null;
    if (heldMs !== null) return Math.max(1, heldMs);
    const now = this.#nowMs();
    const late = this.isLate;
    const restless = this.#parts.restless?.() ?? null;
    if (restless !== null) {
      if (this.#isOpen && !late) return Math.max(1, this.#openedMs + mostAgeMs() - now);
      if (late) this.#giveUp(restless);
      else if (!isFresh && !isCut) this.#end('file-level', restless);
      // Who seeks a cut may have it with copies, and has a limit of his own.
      return isFresh ? DOUBT_MS : null;
    }
    if (!this.#areReadsClean(now)) {
      if (late) this.#giveUp(`files changed while they were read, for ${mostAgeMs()} ms`);
      return RECHECK_MS;
    }
    const request = this.#request;
    if (request?.sequence !== outbox.sequence) {
      if (late) this.#giveUp(`changes did not rest for ${mostAgeMs()} ms`);
      const wallMs = this.#wallMs();
      const number = sync.request();
      if (number === null) {
        sync.close();
        return this.rest(isFresh);
      }
      // The group's end, if one was just sent, is no change: the request is about what was sent by now.
      this.#request = { number, sequence: outbox.sequence, atMs: now, wallMs };
      return ANSWER_MS;
    }
    if (!sync.isAnswered(request.number)) {
      if (now - request.atMs < ANSWER_MS) return Math.max(1, ANSWER_MS - (now - request.atMs));
      this.#request = null;
      if (this.#isOpen) this.#giveUp('the capture did not answer in time');
      return ANSWER_MS;
    }
    this.#freeUntilMs = -Infinity;
    this.#end('point-in-time', null, { atMs: request.wallMs, isSought: isFresh });
    return null;
  }

  /**
   * The cut that was sought, after which nothing was sent, is where the source pauses: the target is told now. `atMs`: a later moment whose
   * state it is as well; null: none is known.
   */
  seal(atMs: number | null): Cut | null {
    const cut = this.#cut;
    if (cut === null) return null;
    const { outbox } = this.#parts;
    outbox.push({ kind: 'barrier' }, MARK_CAUSE);
    const sealedAtMs = atMs ?? Date.parse(cut.at);
    const sequence = outbox.push({ kind: 'group-end', atMs: sealedAtMs, label: cut.label }, MARK_CAUSE);
    outbox.flush();
    this.#request = null;
    this.#cut = { ...cut, sequence, at: new Date(sealedAtMs).toISOString() };
    return this.#cut;
  }

  /** What is sent next, up to `endInstant`, belongs together. */
  holdTogether(): void {
    if (!this.#isOpen) this.#parts.outbox.mark = () => this.#begin();
  }

  /** All is sent that the source had at `atMs`, in part from copies. */
  endInstant(atMs: number): void {
    this.#request = null;
    this.#freeUntilMs = -Infinity;
    this.#end('point-in-time', null, { atMs, isSought: true });
  }

  /** Nothing more is sent for now: what is in an open group would wait on the target, and may be what fills its queue. */
  interrupt(why: string): void {
    this.#parts.outbox.mark = null;
    if (this.#isOpen) this.#end('file-level', why);
  }

  /** Ends the group at once, settled or not: somebody has waited long enough. The cut that now stands last. */
  force(why: string): void {
    this.#parts.outbox.mark = null;
    this.#end('file-level', why, { isSought: true });
  }

  /** The last cut that was sent. */
  get cut(): Cut | null {
    return this.#cut;
  }

  /** Called for each op that goes into the outbox, to know what was read. */
  pushed(op: NewOp): void {
    const { reads } = this.#parts;
    switch (op.kind) {
      case 'write':
        reads.read(placeOf(op), { size: op.size, mtimeNs: op.attributes.mtimeNs });
        return;
      case 'write-stream':
      case 'patch-stream':
        // Their sender compares the stamps before and after; where those are too coarse, another look must tell. What was read before is over.
        if (reads.isFineGrained) reads.forget(placeOf(op));
        else reads.doubt(placeOf(op));
        return;
      case 'remove':
        reads.forget(placeOf(op));
        return;
      case 'rename':
        reads.moved({ root: op.fromRoot, path: op.from }, placeOf(op));
        return;
      default:
    }
  }

  #begin(): NewOp {
    this.#parts.outbox.mark = null;
    this.#isOpen = true;
    this.#openedMs = this.#nowMs();
    this.#openedSequence = this.#parts.outbox.nextSequence;
    return { kind: 'group-begin' };
  }

  #giveUp(why: string): void {
    const freeMs = this.#parts.mostAgeMs() * FREE_FACTOR;
    this.#freeUntilMs = this.#nowMs() + Math.min(freeMs, this.#parts.instantInMs?.() ?? freeMs);
    this.#end('file-level', why);
  }

  #end(label: Consistency, why: string | null, sought: { readonly atMs?: number; readonly isSought?: boolean } = {}): void {
    const { outbox } = this.#parts;
    const { atMs = this.#wallMs(), isSought = false } = sought;
    outbox.mark = null;
    const wasCut = this.#request?.sequence === outbox.sequence;
    if (isSought && this.isPauseSought) outbox.push({ kind: 'barrier' }, MARK_CAUSE);
    const sequence = outbox.push({ kind: 'group-end', atMs, label }, MARK_CAUSE);
    outbox.flush();
    // An end says nothing new: a request that was about all before it is about it too.
    if (wasCut && this.#request !== null) this.#request = { ...this.#request, sequence };
    this.#isOpen = false;
    const remark = this.#parts.remark();
    const said = [why, remark?.text ?? null].filter((text) => text !== null).join('; ');
    const isFrozen = remark?.isFrozen ?? false;
    this.#cut = { sequence, at: new Date(atMs).toISOString(), label, why: said === '' ? null : said, isFrozen };
  }

  #areReadsClean(now: number): boolean {
    const { absences, reads, lookAgain } = this.#parts;
    for (const place of absences.takeOverdue()) lookAgain(place, true);
    if (absences.size > 0) return false;
    if (reads.size === 0 || reads.check(CHECK_AT_ONCE)) {
      this.#doubt = null;
      return true;
    }
    if (this.#doubt?.progress !== reads.progress) this.#doubt = { sinceMs: now, progress: reads.progress };
    if (now - this.#doubt.sinceMs > DOUBT_MS) {
      this.#doubt = null;
      for (const place of reads.takeAll()) lookAgain(place, false);
    }
    return false;
  }
}

/** Where an op is, and nothing else of it: what is kept and looked at again becomes part of other ops. */
function placeOf({ root, path }: Pick<Place, 'root' | 'path'>): Place {
  return { root, path };
}
