/** What is on the way of large files leaves within this, beyond the time that the way itself takes: a change behind it waits no longer. */
const QUEUE_MS = 30;
const FIRST_BYTES = 1024 * 1024;
const LEAST_BYTES = 64 * 1024;
const MOST_BYTES = 32 * 1024 * 1024;
/** A measured rate that is lower than before counts for so much of the next one: one late answer says little. */
const WEIGHT = 0.1;
/** So many pieces make the way full. */
const PIECES = 4;
const LEAST_PIECE_BYTES = 16 * 1024;

interface Sent {
  /** All that was sent on this link, with this piece. */
  readonly total: number;
  readonly atMs: number;
  /** What was taken by then. */
  readonly taken: number;
}

/**
 * How much data of large files may be on the way to the target: as much as the way takes in a moment. The network and the target's disk would
 * hold far more, and a small change would have to wait behind all of it. Measured on the way, which may be a cable or an ocean: the rate at
 * which data are taken, and the shortest time that any took.
 */
export class StreamWindow {
  readonly #nowMs: () => number;
  #sent = 0;
  #taken = 0;
  #pieces: Sent[] = [];
  #bytesPerMs: number | null = null;
  #shortestMs = Infinity;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A fresh link: another way, perhaps. */
  open(): void {
    this.#sent = 0;
    this.#taken = 0;
    this.#pieces = [];
    this.#bytesPerMs = null;
    this.#shortestMs = Infinity;
  }

  get isFull(): boolean {
    return this.#sent - this.#taken >= this.bytes;
  }

  /** What may be on the way. */
  get bytes(): number {
    if (this.#bytesPerMs === null) return FIRST_BYTES;
    return Math.min(MOST_BYTES, Math.max(LEAST_BYTES, this.#bytesPerMs * (this.#shortestMs + QUEUE_MS)));
  }

  /** The largest piece that goes at once. */
  get pieceBytes(): number {
    return Math.max(LEAST_PIECE_BYTES, Math.floor(this.bytes / PIECES));
  }

  sent(bytes: number): void {
    this.#sent += bytes;
    this.#pieces.push({ total: this.#sent, atMs: this.#nowMs(), taken: this.#taken });
  }

  /** The target has taken `total` of what was sent on this link. */
  taken(total: number): void {
    if (total <= this.#taken) return;
    this.#taken = total;
    let last: Sent | undefined;
    while (this.#pieces[0] !== undefined && this.#pieces[0].total <= total) last = this.#pieces.shift();
    if (last === undefined) return;
    const tookMs = Math.max(0.1, this.#nowMs() - last.atMs);
    this.#shortestMs = Math.min(this.#shortestMs, tookMs);
    const rate = (total - last.taken) / tookMs;
    const before = this.#bytesPerMs;
    this.#bytesPerMs = before === null || rate > before ? rate : before * (1 - WEIGHT) + rate * WEIGHT;
  }
}
