import type { Soon } from '../../../base/index.ts';
import { statEntry } from '../../fs/index.ts';
import type { EntryStat, Place } from '../../model/index.ts';
import type { Outbox } from '../../transmit/index.ts';
import type { FileContent } from './file-content.ts';
import type { Refusals } from './refusals.ts';
import type { Roots } from './roots.ts';
import type { Content, Lane, Transfer } from './transfer.ts';

/** So many of a lane are open at once: a file is behind one that takes hours only if so many do. */
const OPEN_AT_ONCE = 4;
/** A file of a mirror that changes while it is sent joins those that changed: no others are begun then, for a target allows so many streams. */
const MOST_OPEN = 16;
/** More than that are not kept: then whoever finds another waits until one is over. */
const MOST_LIVE = 1_000;

export interface TransfersParts {
  readonly outbox: Outbox;
  readonly roots: Roots;
  readonly refusals: Refusals;
  readonly content: FileContent;
  /** Makes the parents of a place, and makes way there; false when a parent is gone. */
  readonly makeWay: (transfer: Transfer) => Soon<boolean>;
  /** Gives the content of a transfer its place in the order; false when it has none any more. */
  readonly finish: (transfer: Transfer, content: Content, isStill: boolean) => boolean;
  /** A transfer is over. `content` null: nothing came of it. `tookMs` since it was begun. */
  readonly onOver: (transfer: Transfer, content: Content | null, tookMs: number) => void;
  readonly again: (place: Place) => void;
  /** The file is not where it was, and of where it went, or the folder around it, is still to be told. */
  readonly missed: (transfer: Transfer) => void;
  /** Lets messages in between two pieces, and waits for the link. Throws when it is gone. */
  readonly drain: () => Promise<void>;
  /** Waits for the link, or until anything happens. Throws when the link is gone. */
  readonly pause: () => Promise<void>;
}

/**
 * Large files on their way to the target, in pieces between everything else that is sent. Until all of one has arrived the target has
 * what it had, and the catalog says so: only the op that takes the data has a place in the order. What is told of such a file meanwhile
 * waits for that; where it goes meanwhile is followed. A lost link begins them anew.
 */
export class Transfers {
  readonly #parts: TransfersParts;
  readonly #all = new Map<string, Transfer>();
  #turn = 0;

  constructor(parts: TransfersParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#all.size;
  }

  has(lane: Lane): boolean {
    for (const transfer of this.#all.values()) if (transfer.lane === lane) return true;
    return false;
  }

  /** A mirror under way is not complete without them. */
  get hasOfMirror(): boolean {
    for (const transfer of this.#all.values()) if (transfer.isOfMirror) return true;
    return false;
  }

  /** Whoever looks for files for the mirror is far enough ahead. */
  get isMirrorAhead(): boolean {
    return this.#count('mirror') >= OPEN_AT_ONCE;
  }

  /** Data of one are on their way. */
  get isMidFile(): boolean {
    for (const { isBegun } of this.#all.values()) if (isBegun) return true;
    return false;
  }

  /** What is waiting to be sent, and what was sent of files that have not arrived whole. */
  get counts(): {
    readonly waitingOps: number;
    readonly waitingBytes: number;
    readonly sentBytes: number;
    readonly mirrorBytes: number;
  } {
    const counts = { waitingOps: 0, waitingBytes: 0, sentBytes: 0, mirrorBytes: 0 };
    for (const { cause, plannedBytes, sentBytes } of this.#all.values()) {
      counts.sentBytes += sentBytes;
      if (cause.class === 'mirror') counts.mirrorBytes += sentBytes;
      else {
        counts.waitingOps++;
        counts.waitingBytes += Math.max(0, plannedBytes - sentBytes);
      }
    }
    return counts;
  }

  isUnderWay(place: Place): boolean {
    for (const transfer of this.#all.values()) if (isAt(transfer.place, place)) return true;
    return false;
  }

  /** Takes a file that is not under way. */
  async add(transfer: Transfer): Promise<void> {
    this.#all.set(keyOf(transfer.stat), transfer);
    while (transfer.lane === 'live' && this.#count('live') > MOST_LIVE) {
      if (await this.step('live')) await this.#parts.drain();
      else await this.#parts.pause();
    }
  }

  /**
   * A file is looked at, of which something was told. True when it is under way: it is looked at again when that is over. `mirrorEpoch`: that
   * of the mirror that looks.
   */
  absorb(place: Place, stat: EntryStat, mirrorEpoch: number | null = null): boolean {
    const transfer = this.#all.get(keyOf(stat));
    if (transfer === undefined) return false;
    // A mirror may be paused, or stopped; a change goes all the same, also one of another name.
    if (mirrorEpoch === null) transfer.lane = 'live';
    if (!isAt(transfer.place, place) && !this.#followTo(transfer, place)) return true;
    transfer.isTold = true;
    if (mirrorEpoch === null) return true;
    transfer.isOfMirror = true;
    // What was begun before the mirror may rest on what the mirror is to put right.
    if (transfer.epoch !== mirrorEpoch) {
      transfer.reset();
      transfer.epoch = mirrorEpoch;
      transfer.isWhole = true;
    }
    return true;
  }

  /** It was told that an entry, with all below it, has another place. */
  moved(from: Place, to: Place): void {
    for (const transfer of this.#all.values()) {
      transfer.otherNames = transfer.otherNames.map((name) => movedWith(name, from, to) ?? name);
      const place = movedWith(transfer.place, from, to);
      if (place !== null) this.#put(transfer, place);
    }
  }

  /** It was told that nothing is at a place any more, nor below it. */
  gone(place: Place): void {
    for (const transfer of [...this.#all.values()]) {
      if (movedWith(transfer.place, place, place) === null || this.#isThere(transfer, transfer.place)) continue;
      const name = transfer.otherNames.find((other) => this.#isThere(transfer, other));
      if (name !== undefined) this.#put(transfer, name);
      else this.#over(transfer, null);
    }
  }

  /** Whether `step` would do anything now. `begun`: only what is being sent goes on. */
  canStep(lane: Lane, begun = false): boolean {
    return this.#ready(lane, begun).length > 0;
  }

  /** Sends or compares one piece of a file; false when there is nothing to do now. Throws when the link is gone. */
  async step(lane: Lane, begun = false): Promise<boolean> {
    if (!begun) for (const transfer of this.#first(lane)) if (transfer.content === null) await this.#begin(transfer);
    const ready = this.#ready(lane, begun);
    // Changes share the line; a mirror sends one file after the other, and asks about the next ones.
    const transfer = lane === 'live' ? ready[this.#turn++ % ready.length] : ready[0];
    if (transfer?.content == null) return ready.length > 0;
    await this.#next(transfer, transfer.content);
    return true;
  }

  linkLost(): void {
    for (const transfer of this.#all.values()) transfer.reset();
  }

  /** The mirror is given up; what was told of its files is not. */
  dropMirror(): void {
    for (const transfer of [...this.#all.values()]) {
      transfer.isOfMirror = false;
      if (transfer.lane === 'mirror') this.#remove(transfer);
    }
  }

  /** Everything is compared when it goes on. */
  clear(): void {
    for (const transfer of [...this.#all.values()]) this.#remove(transfer);
  }

  /** Asks the target if it has to be asked; else it rests before it sends anything. */
  async #begin(transfer: Transfer): Promise<void> {
    transfer.beganAtMs = performance.now();
    transfer.content = this.#parts.content.of(transfer);
    await this.#next(transfer, transfer.content);
  }

  /** What cannot be read is listed; what has to do with the link leaves the transfer to be begun anew. */
  async #next(transfer: Transfer, steps: Generator<void, Content>): Promise<void> {
    try {
      const step = steps.next();
      if (step.done === true) await this.#finish(transfer, step.value);
    } catch (error) {
      transfer.reset();
      if (!this.#parts.refusals.refuse(transfer.place, error)) this.#parts.missed(transfer);
      this.#over(transfer, null);
    }
  }

  async #finish(transfer: Transfer, content: Content): Promise<void> {
    let isStill: boolean;
    try {
      isStill = this.#isThere(transfer, transfer.place) && (await this.#parts.makeWay(transfer));
    } catch (error) {
      this.#parts.finish(transfer, content, false);
      throw error;
    }
    const isFinished = this.#parts.finish(transfer, content, isStill);
    if (!isStill) this.#parts.missed(transfer);
    else if (!isFinished) {
      // Still of its mirror, which is not complete before.
      transfer.reset();
      return;
    }
    this.#over(transfer, isFinished ? content : null);
  }

  #over(transfer: Transfer, content: Content | null): void {
    const tookMs = transfer.beganAtMs === 0 ? 0 : performance.now() - transfer.beganAtMs;
    this.#remove(transfer);
    if (transfer.isTold) this.#parts.again(transfer.place);
    for (const name of transfer.otherNames) this.#parts.again(name);
    this.#parts.onOver(transfer, content, tookMs);
  }

  #remove(transfer: Transfer): void {
    transfer.reset();
    this.#all.delete(keyOf(transfer.stat));
  }

  /** The file was seen at another place: it is there now, or it has several names. Returns whether it is there now. */
  #followTo(transfer: Transfer, place: Place): boolean {
    if (!this.#isThere(transfer, transfer.place)) {
      this.#put(transfer, place);
      return true;
    }
    if (!transfer.otherNames.some((name) => isAt(name, place))) transfer.otherNames.push(place);
    return false;
  }

  #put(transfer: Transfer, place: Place): void {
    // Its data wait on the volume of its root; and a question named the place where the target will have another file, or none.
    if (transfer.place.root !== place.root || transfer.restsOnName) transfer.reset();
    transfer.otherNames = transfer.otherNames.filter((name) => !isAt(name, place));
    transfer.place = place;
  }

  #isThere(transfer: Transfer, place: Place): boolean {
    const stat = statEntry(this.#parts.roots.absolute(place));
    return stat !== null && transfer.isOf(stat);
  }

  #ready(lane: Lane, begun: boolean): readonly Transfer[] {
    const { outbox } = this.#parts;
    return this.#first(lane).filter(
      ({ isBegun, isSending, isWaiting }) => !isWaiting && (isBegun || !begun) && !(isSending && outbox.window.isFull),
    );
  }

  /** Those that go on, or may be begun: what is open has to be over before anything else is. */
  #first(lane: Lane): Transfer[] {
    const first: Transfer[] = [];
    if (this.#all.size === 0) return first;
    const others: Transfer[] = [];
    let open = 0;
    for (const transfer of this.#all.values()) {
      const isOpen = transfer.content !== null;
      if (isOpen) open++;
      const list = isOpen ? first : others;
      if (transfer.lane === lane && list.length < OPEN_AT_ONCE) list.push(transfer);
    }
    const room = Math.min(OPEN_AT_ONCE - first.length, MOST_OPEN - open);
    if (room > 0) first.push(...others.slice(0, room));
    return first;
  }

  #count(lane: Lane): number {
    let count = 0;
    for (const transfer of this.#all.values()) if (transfer.lane === lane) count++;
    return count;
  }
}

function keyOf({ dev, ino }: EntryStat): string {
  return `${dev}:${ino}`;
}

function isAt(one: Place, other: Place): boolean {
  return one.root === other.root && one.path === other.path;
}

/** Where `place` is after `from` has moved to `to`; null when it does not move with it. */
function movedWith(place: Place, from: Place, to: Place): Place | null {
  if (place.root !== from.root) return null;
  if (place.path !== from.path && !place.path.startsWith(`${from.path}/`)) return null;
  return { root: to.root, path: to.path + place.path.slice(from.path.length) };
}
