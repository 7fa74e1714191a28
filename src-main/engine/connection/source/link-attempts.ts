import { BackOff, describeError, type ReplicationError } from '../../../base/index.ts';
import { noteSkew } from './link-facts.ts';
import type { Problems } from './problems.ts';
import type { SourceStatus } from './source-status.ts';

/** Between attempts while the target refuses: only a person can change that, so there is no hurry. */
const REFUSED_MS = 3_000;

export interface LinkAttemptsParts {
  readonly status: SourceStatus;
  readonly problems: Problems;
  readonly targetName: string;
  readonly event: (severity: 'warning', text: string) => void;
}

/** Keeps the status of the link over all attempts to have one, and says when the next one is due. */
export class LinkAttempts {
  readonly #parts: LinkAttemptsParts;
  readonly #backOff = new BackOff({ firstMs: 100, mostMs: 3_000 });

  constructor(parts: LinkAttemptsParts) {
    this.#parts = parts;
  }

  begin(): void {
    const { status } = this.#parts;
    if (status.link.kind === 'stopped') status.setLink({ kind: 'connecting', since: new Date().toISOString() });
  }

  succeeded(clockSkewMs: number): void {
    const { status, problems, targetName } = this.#parts;
    this.#backOff.reset();
    status.setLink({ kind: 'up', since: new Date().toISOString(), clockSkewMs });
    noteSkew(problems, targetName, clockSkewMs);
  }

  /** Returns in how many ms to try again. */
  failed(error: ReplicationError): number {
    const { status, targetName, event } = this.#parts;
    const retryInMs = error.retry === 'never' ? REFUSED_MS : this.#backOff.next();
    const { cause } = describeError(error.code, { target: targetName, ...error.details });
    if (status.link.kind !== 'down') event('warning', `${cause} Changes wait in the queue; it is tried again by itself.`);
    status.setLink({ kind: 'down', since: new Date().toISOString(), cause, retryInMs });
    return retryInMs;
  }

  /** No link is wanted for now. */
  stopped(): void {
    this.#parts.status.setLink({ kind: 'stopped', since: new Date().toISOString() });
  }
}
