import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { BackOff, durableStep, ReplicationError, Wake } from '../../../base/index.ts';
import type { Applier, ApplyOutcome, ReplicaPaths } from '../../apply/index.ts';
import type { TargetQueue } from '../../queue/index.ts';
import type { Place } from '../../model/index.ts';
import { isMark, type StoredOp, type WireOp } from '../../wire/index.ts';
import type { ApplyTurn } from './apply-turns.ts';
import type { DriftWatch } from './drift-watch.ts';
import type { Failure, Failures } from './failures.ts';
import type { GroupGate } from './group-gate.ts';
import type { Milestone } from './milestone.ts';
import { bytesOf, type PendingOps } from './pending-ops.ts';
import type { ProblemSlot } from './problem.ts';

export interface ApplyParts {
  readonly applier: Applier;
  readonly queue: TargetQueue;
  readonly pending: PendingOps;
  readonly failures: Failures;
  readonly gate: GroupGate;
  readonly drift: DriftWatch;
  readonly paths: ReplicaPaths;
  readonly problem: ProblemSlot;
  readonly turn: ApplyTurn;
  /** Everything up to here is applied; not necessarily flushed. */
  readonly committed: Milestone;
  /** An entry of the replica is about to change. */
  readonly onMoving: () => void;
  readonly onFailed: (failure: Failure) => void;
  /** Some ops were applied: there is something to flush. */
  readonly onCommitted: () => void;
}

/** Applies the durable ops one after the other, groups without a halt in between. A failed op is told and passed over; want of room stops everything until there is some. */
export class ApplyLoop {
  readonly #parts: ApplyParts;
  readonly #wake = new Wake();
  readonly #backOff = new BackOff({ firstMs: 200, mostMs: 5_000 });
  #lookedSequence = 0;
  /** Data of the ops applied in this run. */
  appliedBytes = 0;

  constructor(parts: ApplyParts) {
    this.#parts = parts;
  }

  /** Rung when ops were added. */
  notify(): void {
    this.#wake.signal();
  }

  /** Works until `signal` aborts, which rejects between two ops. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#applyAll(signal);
    } finally {
      this.#parts.turn.end(true);
    }
  }

  async #applyAll(signal: AbortSignal): Promise<never> {
    const { applier, gate, pending, problem, queue, turn } = this.#parts;
    turn.begin();
    for (;;) {
      signal.throwIfAborted();
      const stored = gate.mayApply() ? pending.peek() : null;
      if (stored === null) {
        this.#parts.onCommitted();
        turn.end(true);
        await this.#wake.wait(signal);
        turn.begin();
        continue;
      }
      const isRepeat = stored.op.sequence <= queue.uncertainSequence;
      if (!isRepeat) this.#lookForDrift(stored.op);
      if (!isMark(stored.op)) this.#parts.onMoving();
      durableStep('target.apply.begin');
      const result = applier.apply(stored, isRepeat);
      // Waiting on what is there already would cost a turn of the event loop for every op.
      const outcome = result instanceof Promise ? await result : result;
      if (outcome.kind === 'blocked') {
        problem.set(outcome.error);
        this.#parts.onCommitted();
        turn.end(true);
        await delay(this.#backOff.next(), undefined, { signal });
        turn.begin();
        continue;
      }
      problem.clear();
      this.#backOff.reset();
      this.#settle(stored, outcome);
      if (!turn.isOver()) continue;
      this.#parts.onCommitted();
      turn.end(false);
      await nextTurn(undefined, { signal });
      turn.begin();
    }
  }

  /** Once for each op, also if it has to be tried again. Where an op failed before, the source does not know yet what is there. */
  #lookForDrift(op: WireOp): void {
    if (op.sequence <= this.#lookedSequence) return;
    this.#lookedSequence = op.sequence;
    if (isMark(op) || this.#parts.failures.has(op.root, op.path)) return;
    const { drift, paths } = this.#parts;
    drift.before(op, (root, path) => {
      const absolute = paths.absolute(root, path);
      paths.checkParent(root, path);
      return absolute;
    });
  }

  #settle(stored: StoredOp, outcome: Exclude<ApplyOutcome, { kind: 'blocked' }>): void {
    const { applier, committed, failures, gate, pending, queue } = this.#parts;
    const { op } = stored;
    if (outcome.kind === 'failed') {
      // Kept before the data go: after a crash between the two the op would look applied.
      for (const place of outcome.places) this.#fail(op.sequence, place, outcome.error);
      applier.discard(stored);
    } else if (isMark(op)) {
      // A replica that lacks something holds no state that the source had.
      gate.passed(op.kind === 'group-end' && failures.count > 0 ? { ...op, label: 'file-level' } : op);
    } else {
      if (bringsAll(stored)) failures.resolve(op.root, op.path);
      if (op.kind === 'rename') this.#failuresMoved({ root: op.fromRoot, path: op.from }, { root: op.root, path: op.path });
      if (op.sequence <= queue.doubtfulSequence) this.#doubt(op);
    }
    this.appliedBytes += bytesOf(stored);
    durableStep('target.apply.done');
    queue.markApplied(op.sequence);
    durableStep('target.apply.counted');
    pending.done();
    committed.reach(op.sequence);
  }

  #fail(sequence: number, { root, path }: { root: number; path: string }, { code, details }: ReplicationError): void {
    const failure: Failure = { sequence, root, path, code, details };
    this.#parts.failures.add(failure);
    durableStep('target.failure.noted');
    this.#parts.onFailed(failure);
  }

  /** The source may have moved the entry before it heard what failed there, and then knows no such place. */
  #failuresMoved(from: Place, to: Place): void {
    for (const failure of this.#parts.failures.moved(from, to)) this.#parts.onFailed(failure);
  }

  /**
   * After the machine stopped, a move may have been made before and again now, with something newer in its place. The source looks at
   * both ends again.
   */
  #doubt(op: WireOp): void {
    if (op.kind !== 'rename' && op.kind !== 'link') return;
    const error = new ReplicationError('missing-on-target', { text: 'moved again after the machine had stopped' });
    this.#fail(op.sequence, op, error);
    if (op.kind === 'rename') this.#fail(op.sequence, { root: op.fromRoot, path: op.from }, error);
  }
}

/** Whether the place holds what the source means after this op, also when an earlier one failed there. */
function bringsAll({ op, end }: StoredOp): boolean {
  switch (op.kind) {
    // What is below the attributes, or beside the changed parts, is as it was; and data that broke off changed nothing.
    case 'attributes':
    case 'patch-stream':
      return false;
    case 'write-stream':
      return end?.isWhole === true;
    default:
      return true;
  }
}
