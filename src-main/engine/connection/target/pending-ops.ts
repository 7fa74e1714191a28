import type { TargetQueue } from '../../queue/index.ts';
import { decodeStoredOp, isMark, type StoredOp, type WireOp } from '../../wire/index.ts';

/** So many ops wait in memory; more are read back from the queue's files when their turn comes. */
const MOST_IN_MEMORY = 20_000;
/** So many that are over are dropped together. */
const LEAST_DROPPED = 1024;

/** The data that an op brought, in bytes. */
export function bytesOf({ op, end }: StoredOp): number {
  return op.kind === 'write' ? op.size : (end?.bytes ?? 0);
}

/** The ops that are durable and not yet applied, in order, with as much of them in memory as is good. */
export class PendingOps {
  readonly #queue: TargetQueue;
  #ops: StoredOp[] = [];
  #head = 0;
  /** The last op that is, or was, in memory; those after it are only in the queue. */
  #loadedSequence: number;
  /** The last op that was added. The queue may hold more, which is not flushed yet and must not be applied. */
  #addedSequence: number;
  #count = 0;
  #bytes = 0;
  /** The `group-begin` of a group whose end has not come: it and what follows must wait. */
  #openSequence: number | null = null;
  /** At opening the first mark was an end: what was applied last belongs to a group that is not over. */
  readonly beganInside: boolean;

  constructor(queue: TargetQueue) {
    this.#queue = queue;
    this.#loadedSequence = queue.appliedSequence;
    this.#addedSequence = queue.receivedSequence;
    let firstMark: WireOp['kind'] | null = null;
    for (let at = queue.appliedSequence; at < queue.receivedSequence;) {
      const records = queue.readAfter(at);
      const last = records.at(-1);
      if (last === undefined) break;
      for (const { bytes } of records) {
        const stored = decodeStoredOp(bytes);
        this.#bytes += bytesOf(stored);
        this.#noteMark(stored.op);
        if (firstMark === null && isMark(stored.op) && stored.op.kind !== 'barrier') firstMark = stored.op.kind;
      }
      this.#count += records.length;
      at = last.sequence;
    }
    this.beganInside = firstMark === 'group-end';
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds ops that the queue just took. */
  push(ops: readonly StoredOp[]): void {
    const first = ops[0];
    if (first === undefined) return;
    this.#count += ops.length;
    this.#addedSequence += ops.length;
    for (const stored of ops) {
      this.#bytes += bytesOf(stored);
      this.#noteMark(stored.op);
    }
    const isJoined = first.op.sequence === this.#loadedSequence + 1;
    if (!isJoined || this.#ops.length - this.#head + ops.length > MOST_IN_MEMORY) return;
    for (const stored of ops) this.#ops.push(stored);
    this.#loadedSequence += ops.length;
  }

  /** The op whose turn it is; it stays until `done`. Null also while the next one is in a group that is not complete. */
  peek(): StoredOp | null {
    if (this.#head === this.#ops.length) this.#load();
    const stored = this.#ops[this.#head] ?? null;
    const mustWait = stored !== null && this.#openSequence !== null && stored.op.sequence >= this.#openSequence;
    return mustWait ? null : stored;
  }

  /** The end of an open group will not come: what has come of it is applied all the same. */
  abandonGroup(): void {
    this.#openSequence = null;
  }

  /** The op that `peek` gave is over. */
  done(): void {
    const stored = this.#ops[this.#head];
    if (stored === undefined) return;
    this.#count--;
    this.#bytes -= bytesOf(stored);
    this.#head++;
    // While more and more comes, the end of the list is never reached: what is over has to go before.
    if (this.#head < LEAST_DROPPED || this.#head * 2 < this.#ops.length) return;
    this.#ops = this.#ops.slice(this.#head);
    this.#head = 0;
  }

  #noteMark(op: WireOp): void {
    if (op.kind === 'group-begin') this.#openSequence ??= op.sequence;
    else if (op.kind === 'group-end') this.#openSequence = null;
  }

  #load(): void {
    this.#ops = [];
    this.#head = 0;
    if (this.#count === 0) return;
    const records = this.#queue.readAfter(this.#loadedSequence).filter(({ sequence }) => sequence <= this.#addedSequence);
    this.#ops = records.map(({ bytes }) => decodeStoredOp(bytes));
    this.#loadedSequence += this.#ops.length;
  }
}
