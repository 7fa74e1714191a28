import { durableStep, ReplicationError, type Wake } from '../../../base/index.ts';
import type { TargetMessage } from '../../wire/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { FailedOnTarget } from './failed-on-target.ts';
import type { LinkFlow } from './link-flow.ts';
import type { Standstill } from './standstill.ts';

/** Who has to hear of what the target tells. */
export interface TargetListener {
  readonly targetName: string;
  /** The queue of the target has reached its limit, or has room again. */
  onTargetFull(isFull: boolean): void;
  onReleased(): void;
  /** The target reported something that it cannot keep. */
  onLoss(): void;
}

export interface FromTargetParts {
  readonly stages: SourceStages;
  readonly listener: TargetListener;
  readonly flow: LinkFlow;
  readonly standstill: Standstill;
  /** The loop over the link; rung after each message. */
  readonly wake: Wake;
  /** More is applied. */
  readonly onApplied: () => void;
}

/** Takes what the target says after its welcome to whom it concerns. */
export class FromTarget {
  readonly #parts: FromTargetParts;
  readonly #failures: FailedOnTarget;

  constructor(parts: FromTargetParts) {
    this.#parts = parts;
    this.#failures = new FailedOnTarget(parts.stages);
  }

  /** Throws `protocol-error`. */
  heard(message: TargetMessage, payload: Uint8Array): void {
    const { flow, listener, onApplied, standstill, wake } = this.#parts;
    const { requests, outbox, catalog, groups, targetLosses } = this.#parts.stages;
    if (requests.handle(message, payload)) {
      // Whoever asked takes the answer first.
      setImmediate(() => wake.signal());
      return;
    }
    switch (message.kind) {
      case 'taken':
        outbox.window.taken(message.bytes);
        break;
      case 'ack':
        durableStep('source.ack.received');
        groups.acknowledged(message.label);
        if (outbox.inFlight.acknowledged(message.received, message.applied, Date.now())) {
          catalog.acknowledged(message.received);
          onApplied();
        }
        break;
      case 'failed':
        this.#failures.heard(message);
        break;
      case 'retrying':
        this.#retrying(message.problem);
        break;
      case 'standing':
        standstill.heard(message.isHeld);
        listener.onTargetFull(message.isFull);
        break;
      case 'refused':
        flow.failed(new ReplicationError(message.code, message.details));
        break;
      case 'loss':
        targetLosses.heard(message.root, message.loss);
        listener.onLoss();
        break;
      case 'released':
        flow.failed(new ReplicationError('link-lost', { text: 'released' }));
        listener.onReleased();
        break;
      default:
        throw new ReplicationError('protocol-error', { text: `'${message.kind}' is out of place` });
    }
    wake.signal();
  }

  #retrying(problem: (TargetMessage & { kind: 'retrying' })['problem']): void {
    const { listener, stages } = this.#parts;
    const key = `target:${listener.targetName}`;
    if (problem === null) stages.problems.clear(key);
    else stages.problems.note(key, new ReplicationError(problem.code, problem.details));
  }
}
