import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReplicationError, Wake } from '../../../base/index.ts';
import type { Link, Outbox } from '../../transmit/index.ts';

/** Work goes on for this long before acknowledgements, notices and orders are let in. */
export const SLICE_MS = 5;
/** A frame that is not full leaves at the latest after this. */
const FLUSH_MS = 10;
/** More than this in the socket's own buffer: wait for the network. */
const SOCKET_BYTES = 2 * 1024 * 1024;
/** While the schedule holds an op back in its middle, its end is looked for this often if nothing tells of it. */
const HELD_LOOK_MS = 1_000;
const LOOK_MS = 100;

/** Ends the loop over one link without being a failure of it. */
export class LinkEnded extends Error {}

/** Who may send, as far as the flow over a link has to know. */
export interface FlowOwner {
  /** The link is to be closed: a stop by a person, or a halt. */
  mustEnd(): boolean;
  /** The schedule lets nothing go now. */
  isHeld(): boolean;
  isReleasing(): boolean;
}

/**
 * How fast a link takes what is sent: whoever sends asks here whether there is room, and waits here until there is. Meanwhile messages,
 * notices and orders are let in. What cannot go on throws: the loss of the link, or `LinkEnded`.
 */
export class LinkFlow {
  readonly #outbox: Outbox;
  readonly #owner: FlowOwner;
  readonly #wake: Wake;
  /** A file is half sent. */
  readonly #isMidFile: () => boolean;
  readonly #signal: AbortSignal;
  #link: Link | undefined;
  #error: ReplicationError | undefined;
  #lastFlushMs = 0;
  #lastTurnMs = 0;

  constructor(outbox: Outbox, owner: FlowOwner, wake: Wake, signal: AbortSignal, isMidFile: () => boolean) {
    this.#outbox = outbox;
    this.#owner = owner;
    this.#wake = wake;
    this.#isMidFile = isMidFile;
    this.#signal = signal;
  }

  /** A link is about to be made; what became of the last one is over. */
  begin(): void {
    this.#error = undefined;
  }

  opened(link: Link): void {
    this.#link = link;
  }

  closed(): void {
    this.#link = undefined;
  }

  /** The link is of no use any more; the next `check` throws this. */
  failed(error: ReplicationError): void {
    // What the target said before it closed tells more than that it closed.
    this.#error ??= error;
  }

  /** Whether this error is how the link ended, and says nothing of what was being sent. */
  isEnd(error: unknown): boolean {
    return error === this.#error;
  }

  check(): void {
    this.#signal.throwIfAborted();
    if (this.#error !== undefined) throw this.#error;
  }

  /** Work has gone on for long enough, or the line's limit asks for a wait. */
  get mustBreathe(): boolean {
    return performance.now() - this.#lastTurnMs > SLICE_MS || this.#outbox.meter.waitMs() > 0;
  }

  isFull(): boolean {
    return this.#outbox.isWindowFull || (this.#link?.bufferedBytes ?? 0) > SOCKET_BYTES || this.#outbox.meter.waitMs() > 0;
  }

  /** Between files a schedule closes the link. */
  endIfHeld(): void {
    if (this.#owner.isHeld() && !this.#isMidFile()) throw new LinkEnded();
  }

  /** Lets messages in, and waits while the target or the network is behind. Throws when the link cannot be used any more. */
  async breathe(): Promise<void> {
    this.endIfHeld();
    await this.drain();
    while (this.#outbox.isWindowFull) {
      this.#outbox.flush();
      this.check();
      await this.#wake.wait(this.#signal);
    }
  }

  /** As `breathe`, within one op: only its end lets the target acknowledge, so only the network is waited for. */
  async drain(): Promise<void> {
    if (this.#outbox.isFrameFull || performance.now() - this.#lastFlushMs > FLUSH_MS) {
      this.#outbox.flush();
      this.#lastFlushMs = performance.now();
    }
    await nextTurn();
    this.#lastTurnMs = performance.now();
    this.check();
    const link = this.#link;
    if (link !== undefined && link.bufferedBytes > SOCKET_BYTES) await link.drained();
    await this.#whenLineIsFree();
  }

  /** As `drain` when work has gone on for long enough; null before that: a turn for each small file would cost more than to read it. */
  rest(): Promise<void> | null {
    return this.mustBreathe ? this.drain() : null;
  }

  /** Until anything happens: an answer, room on the way, an order, or a moment. */
  async pause(): Promise<void> {
    this.#outbox.flush();
    this.check();
    if (this.#owner.mustEnd() && !this.#owner.isReleasing()) throw new LinkEnded();
    await this.#wake.wait(this.#signal, LOOK_MS);
    await this.drain();
  }

  /** Waits for the limit of the line and, in the middle of an op, for its schedule: a file that is half sent goes on where it stood. */
  async #whenLineIsFree(): Promise<void> {
    const { meter } = this.#outbox;
    for (;;) {
      // The schedule may have had its end while others had their turn.
      this.endIfHeld();
      const waitMs = this.#owner.isHeld() ? HELD_LOOK_MS : meter.waitMs();
      if (waitMs === 0) return;
      await this.#wake.wait(this.#signal, waitMs);
      this.check();
      if (this.#owner.mustEnd() && !this.#owner.isReleasing()) throw new LinkEnded();
    }
  }
}
