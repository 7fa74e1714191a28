import { SentList } from './sent-list.ts';

/** Which of the totals an op counts in. */
export type OpClass = 'mirror' | 'replication';

export interface SentOp {
  readonly sequence: number;
  readonly bytes: number;
  readonly class: OpClass;
  /** When the change that caused it was noticed, ms since 1970; null for a mirror. */
  readonly noticedAtMs: number | null;
}

/** An op counts for no more than this in the window of what is not received: the data of a large file are let in piece by piece before it. */
const MOST_COST_BYTES = 1024 * 1024;
/** How many delays the percentiles look back on. */
const DELAYS_KEPT = 1_000;

/** What was sent and is not yet received, and not yet applied; each op and byte counts in one of the two, then in neither. */
export class InFlight {
  /** Those that are not applied, in order of sequence; the first `queuedOps` of them are received. */
  readonly #ops = new SentList();
  readonly #delaysMs: number[] = [];
  unreceivedOps = 0;
  unreceivedBytes = 0;
  /** As `unreceivedBytes`, without what was let in before its op. */
  unreceivedCost = 0;
  /** Received and not applied: the target's queue. */
  queuedOps = 0;
  queuedBytes = 0;
  readonly sentTotals = { ops: 0, bytes: 0, mirrorBytes: 0, replicationBytes: 0 };
  readonly appliedTotals = { ops: 0, bytes: 0 };
  received = 0;
  applied = 0;

  /** A new link: what the target did not receive is no longer in flight; it goes back to being a change to send. */
  reset(receivedSequence: number, appliedSequence: number): void {
    this.acknowledged(receivedSequence, appliedSequence, 0);
    this.sentTotals.bytes -= this.unreceivedBytes;
    this.sentTotals.ops -= this.unreceivedOps;
    this.#ops.cut(this.queuedOps);
    this.unreceivedOps = 0;
    this.unreceivedBytes = 0;
    this.unreceivedCost = 0;
    this.received = receivedSequence;
    this.applied = appliedSequence;
  }

  sent(op: SentOp): void {
    this.#ops.push(op.sequence, op.bytes, op.noticedAtMs);
    this.unreceivedOps++;
    this.unreceivedBytes += op.bytes;
    this.unreceivedCost += Math.min(op.bytes, MOST_COST_BYTES);
    this.sentTotals.ops++;
    this.sentTotals.bytes += op.bytes;
    if (op.class === 'mirror') this.sentTotals.mirrorBytes += op.bytes;
    else this.sentTotals.replicationBytes += op.bytes;
  }

  /** `nowMs` 0 when the moment says nothing about delay. Returns whether anything moved. */
  acknowledged(received: number, applied: number, nowMs: number): boolean {
    const moved = received > this.received || applied > this.applied;
    this.received = Math.max(this.received, received);
    this.applied = Math.max(this.applied, applied);
    while (this.queuedOps < this.#ops.length && this.#ops.sequence(this.queuedOps) <= received) {
      const bytes = this.#ops.bytes(this.queuedOps);
      this.unreceivedOps--;
      this.unreceivedBytes -= bytes;
      this.unreceivedCost -= Math.min(bytes, MOST_COST_BYTES);
      this.queuedOps++;
      this.queuedBytes += bytes;
    }
    while (this.queuedOps > 0 && this.#ops.sequence(0) <= applied) {
      const bytes = this.#ops.bytes(0);
      const noticedAtMs = this.#ops.noticedAtMs(0);
      this.#ops.shift();
      this.queuedOps--;
      this.queuedBytes -= bytes;
      this.appliedTotals.ops++;
      this.appliedTotals.bytes += bytes;
      if (noticedAtMs !== null && nowMs > 0) this.#noteDelay(nowMs - noticedAtMs);
    }
    return moved;
  }

  /** Percentiles of notice-to-applied over the last changes. */
  latencyMs(): { p50: number; p99: number } | null {
    if (this.#delaysMs.length === 0) return null;
    const sorted = this.#delaysMs.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  }

  #noteDelay(delayMs: number): void {
    if (this.#delaysMs.length >= DELAYS_KEPT) this.#delaysMs.splice(0, DELAYS_KEPT / 10);
    this.#delaysMs.push(Math.max(0, delayMs));
  }
}
