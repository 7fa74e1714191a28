import { durableStep } from '../../../base/index.ts';
import { DATA_VERSION } from '../../wire/index.ts';
import { AckPace } from './ack-pace.ts';
import type { Failure } from './failures.ts';
import type { RootLoss } from './losses.ts';
import type { WaitingProblem } from './problem.ts';
import type { RunFigures } from './replica-run.ts';
import type { TargetLink } from './target-link.ts';

const ACK_INTERVAL_MS = 50;

export interface SourceReportsParts {
  readonly figures: () => RunFigures;
  /** Of all that was received since the start. */
  readonly appliedBytes: () => number;
  readonly problem: () => WaitingProblem | null;
  readonly failures: () => readonly Failure[];
  readonly losses: () => readonly RootLoss[];
  readonly isHoldOrdered: () => boolean;
  /** The newest revert of the replica. */
  readonly revertId: () => string | null;
  /** The queue has reached its limit. */
  readonly isFull: () => boolean;
}

/**
 * What a replica tells its source, when there is a link to tell it by; a new link is told all that holds. Nothing goes before the welcome:
 * a source takes anything else for a break of the protocol, and stays away for seconds.
 */
export class SourceReports {
  readonly #parts: SourceReportsParts;
  readonly #pace = new AckPace(ACK_INTERVAL_MS, () => this.#acknowledge());
  #link: TargetLink | null = null;
  /** The link, once it was welcomed. */
  #listener: TargetLink | null = null;
  #takenBytes = 0;

  constructor(parts: SourceReportsParts) {
    this.#parts = parts;
  }

  get link(): TargetLink | null {
    return this.#link;
  }

  set link(link: TargetLink | null) {
    this.#link = link;
    this.#listener = null;
    this.#takenBytes = 0;
  }

  /** The link's first answer, and all that was told before. */
  welcome(): void {
    const link = this.#link;
    if (link === null) return;
    const { receivedSequence, appliedSequence } = this.#parts.figures();
    const reverted = this.#parts.revertId();
    link.send({ kind: 'welcome', version: DATA_VERSION, receivedSequence, appliedSequence, nowMs: Date.now(), reverted });
    this.#listener = link;
    for (const failure of this.#parts.failures()) this.failure(failure);
    for (const loss of this.#parts.losses()) this.loss(loss);
    if (this.#parts.problem() !== null) this.problem();
    if (this.#parts.isHoldOrdered() || this.#parts.isFull()) this.standing();
    this.#pace.changed(true);
  }

  /** There is something new to acknowledge. */
  progress(isIdle: boolean): void {
    this.#pace.changed(isIdle);
  }

  failure(failure: Failure): void {
    this.#listener?.send({ kind: 'failed', ...failure });
  }

  loss({ root, loss }: RootLoss): void {
    this.#listener?.send({ kind: 'loss', root, loss });
  }

  problem(): void {
    const problem = this.#parts.problem();
    this.#listener?.send({
      kind: 'retrying',
      problem: problem === null ? null : { code: problem.code, details: problem.details },
    });
  }

  standing(): void {
    this.#listener?.send({ kind: 'standing', isHeld: this.#parts.isHoldOrdered(), isFull: this.#parts.isFull() });
  }

  /** So much data of large files came over this link and is taken care of. */
  taken(bytes: number): void {
    if (bytes === this.#takenBytes) return;
    this.#takenBytes = bytes;
    this.#link?.send({ kind: 'taken', bytes });
  }

  stop(): void {
    this.#pace.stop();
  }

  #acknowledge(): void {
    const { receivedSequence, appliedSequence, queuedOps, queuedBytes, label } = this.#parts.figures();
    this.#listener?.send({
      kind: 'ack',
      received: receivedSequence,
      applied: appliedSequence,
      queuedOps,
      queuedBytes,
      appliedBytes: this.#parts.appliedBytes(),
      label,
    });
    durableStep('target.ack.sent');
  }
}
