import { setTimeout as delay } from 'node:timers/promises';
import { BackOff, durableStep, ReplicationError, Wake } from '../../../base/index.ts';
import type { Flusher, ReplicaPaths } from '../../apply/index.ts';
import type { TargetQueue } from '../../queue/index.ts';
import { encodeStoredOp, type StoredOp } from '../../wire/index.ts';
import type { Failures } from './failures.ts';
import type { Intake } from './intake.ts';
import type { Milestone } from './milestone.ts';
import { bytesOf, type PendingOps } from './pending-ops.ts';
import type { ProblemSlot } from './problem.ts';

/** So much that came is flushed at once, however many ops it is. */
const MUCH_BYTES = 8 * 1024 * 1024;
/**
 * After a flush of so many ops the next begins no sooner than this after it began: to a file system each flush is a commit of its own, which
 * writes the same folders and tables of inodes again and keeps new files waiting. Few changes are flushed at once.
 */
const MANY_OPS = 256;
const PACE_MS = 20;

export interface FlushParts {
  readonly intake: Intake;
  readonly flusher: Flusher;
  readonly paths: ReplicaPaths;
  readonly queue: TargetQueue;
  readonly pending: PendingOps;
  readonly failures: Failures;
  /** Makes durable what applying noted beside the disk. */
  readonly commitRecords: () => void;
  readonly problem: ProblemSlot;
  readonly committed: Milestone;
  /** Everything up to here is received for good. */
  readonly received: Milestone;
  /** Everything up to here is applied for good. */
  readonly flushed: Milestone;
  readonly appliedBytes: () => number;
  /** `flushed` has risen. Told in the same turn: who looks must not find what is applied beside a cut that is older. */
  readonly onApplied: () => void;
  /** Ops were added to `pending`. */
  readonly onReceived: () => void;
  /** A flush is over: milestones, figures or the room for more may have changed. */
  readonly onFlushed: () => void;
}

/**
 * Makes what came in and what was applied durable, together: while one flush runs, what comes belongs to the next. First the data, then
 * the ops: an op in the queue always has its data on disk.
 */
export class FlushLoop {
  readonly #parts: FlushParts;
  readonly #wake = new Wake();
  readonly #backOff = new BackOff({ firstMs: 200, mostMs: 5_000 });
  #isEnding = false;
  /** Data of the ops that are applied and flushed in this run. */
  flushedBytes = 0;
  /** Data of the ops that became durable in this run. */
  receivedBytes = 0;
  #flushedOps = 0;

  constructor(parts: FlushParts) {
    this.#parts = parts;
  }

  /** Rung when there may be something to flush. */
  notify(): void {
    this.#wake.signal();
  }

  /** `run` resolves when nothing is left to flush, or when it would have to wait for room. */
  end(): void {
    this.#isEnding = true;
    this.#wake.signal();
  }

  /** Works until `end`, or until `signal` aborts, which rejects, but never in the middle of a flush. A failed flush rejects. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const beganAtMs = performance.now();
      const from = this.#flushedOps;
      if (await this.#flushOnce(signal)) {
        if (this.#flushedOps - from >= MANY_OPS) await this.#pace(beganAtMs, signal);
        continue;
      }
      if (this.#isEnding) return;
      await this.#wake.wait(signal);
    }
  }

  async #pace(beganAtMs: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = beganAtMs + PACE_MS - performance.now();
      if (waitMs <= 0 || this.#isEnding || this.#parts.intake.unflushedBytes > MUCH_BYTES) return;
      await this.#wake.wait(signal, waitMs);
    }
  }

  /** False when there was nothing to do. */
  async #flushOnce(signal: AbortSignal): Promise<boolean> {
    const { committed, failures, flushed, flusher, intake, paths, queue } = this.#parts;
    const incomingBytes = intake.unflushedBytes;
    const committedSequence = committed.sequence;
    if (!intake.hasReady && committedSequence === flushed.sequence) return false;
    const ready = intake.takeReady();
    const appliedBytes = this.#parts.appliedBytes();
    // Somebody else may change folders too; nothing is believed longer than one flush.
    paths.forget();
    this.#parts.commitRecords();
    await failures.sync();
    if (!flusher.isClean) await flusher.flush();
    durableStep('target.data.flushed');
    this.#flushedOps += ready.length + committedSequence - flushed.sequence;
    if (committedSequence > flushed.sequence) {
      queue.markFlushed(committedSequence);
      this.flushedBytes = appliedBytes;
      flushed.reach(committedSequence);
      this.#parts.onApplied();
    }
    // The end of a group mostly comes while its data are flushed: together they cost one flush of the queue.
    for (const stored of intake.takeReadyWithoutData()) ready.push(stored);
    if (ready.length > 0 && !(await this.#keep(ready, signal))) return false;
    intake.flushed(incomingBytes);
    this.#parts.onFlushed();
    return true;
  }

  /** Puts ops into the queue; false when there is no room and the loop is ending: they come again. */
  async #keep(ready: readonly StoredOp[], signal: AbortSignal): Promise<boolean> {
    const { pending, problem, queue, received } = this.#parts;
    const records = ready.map((stored) => ({ sequence: stored.op.sequence, bytes: encodeStoredOp(stored) }));
    for (;;) {
      try {
        queue.append(records);
        break;
      } catch (error) {
        if (!(error instanceof ReplicationError) || error.retry !== 'soon') throw error;
        if (this.#isEnding) return false;
        problem.set(error);
        await delay(this.#backOff.next(), undefined, { signal });
      }
    }
    problem.clear();
    this.#backOff.reset();
    durableStep('target.queue.appended');
    await queue.sync();
    durableStep('target.queue.flushed');
    pending.push(ready);
    for (const stored of ready) this.receivedBytes += bytesOf(stored);
    received.reach(queue.receivedSequence);
    this.#parts.onReceived();
    return true;
  }
}
