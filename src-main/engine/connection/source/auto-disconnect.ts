import type { ConnectionSettings, Cut, Park, Problem } from '../../../api/index.ts';
import { formatBytes, type ErrorCode, type ErrorDetails } from '../../../base/index.ts';
import type { QueueLoss } from '../../queue/index.ts';
import type { SourceStages } from './assemble-source.ts';
import { Disconnection, type Remirror } from './disconnection.ts';

export interface AutoDisconnectParts {
  readonly stages: Pick<SourceStages, 'catalog' | 'mirrors' | 'queue' | 'transfers'>;
  readonly settings: () => ConnectionSettings['queue'];
  readonly capture: {
    readonly isReady: () => boolean;
    /** No change went unseen that is not being looked for. */
    readonly isComplete: () => boolean;
    /** The roots are watched anew; `captured` follows. */
    readonly restart: () => void;
    readonly end: () => void;
  };
  readonly event: (severity: 'info' | 'warning', text: string) => void;
}

/**
 * What happens when the queue has reached its limit, or when the connection is parked: everything that waits is dropped and the connection leaves its target, so that it takes
 * no more room. It comes back when the target can be reached and nobody holds transmission, if its settings or a person say so, with
 * a mirror. A hold survives all of it: a replica that is being backed up is not written to because a queue was full.
 */
export class AutoDisconnect {
  readonly #parts: AutoDisconnectParts;
  readonly #state: Disconnection;

  constructor(parts: AutoDisconnectParts) {
    this.#parts = parts;
    this.#state = new Disconnection(parts.stages.catalog);
  }

  /** Joined: changes are noted. Else a mirror finds them, and notices mean nothing. */
  get isFollowing(): boolean {
    return this.#state.isFollowing;
  }

  /** The link is to be closed and stays closed. */
  get isApart(): boolean {
    return this.#state.kind === 'apart';
  }

  /** The link is up, and nothing is to be sent over it. */
  get mustWait(): boolean {
    return this.#state.kind === 'returning' || this.#state.kind === 'pending';
  }

  get status(): 'disconnected' | 'parked' | 'pending' | null {
    if (this.#state.isFollowing) return null;
    if (this.parked !== null) return 'parked';
    return this.#state.kind === 'pending' ? 'pending' : 'disconnected';
  }

  get problem(): Problem | null {
    return this.#state.problem();
  }

  /** Whether it should try to come back, if nobody holds transmission. What was parked never does of itself. */
  get mayReturn(): boolean {
    return this.#state.ordered !== null || (this.#parts.settings().autoReconnect && !this.#state.isParked);
  }

  /** Where it is parked; null when it is not, or was ordered back. */
  get parked(): Extract<Park, { kind: 'parked' }> | null {
    return this.#state.parked;
  }

  /** All that the source has is in the replica or on its way there. What changed while nobody watched is not, before it has been found. */
  get hasAll(): boolean {
    const { capture, stages } = this.#parts;
    return stages.mirrors.targetData() === 'good' && capture.isComplete() && !stages.mirrors.isComparing;
  }

  /** It leaves by order, at this cut. One that had left by itself stays away now; what its replica holds is a cut of nobody's. */
  park({ owner, reason }: { readonly owner: string; readonly reason: string }, cut: Cut | null): void {
    const { capture } = this.#parts;
    const isComplete = cut !== null && this.hasAll;
    const now = new Date().toISOString();
    if (!this.#state.isFollowing) {
      this.#state.park({ owner, reason, cut: null, isComplete: false }, now);
      capture.end();
    } else this.#depart(() => this.#state.park({ owner, reason, cut, isComplete }, now));
    this.#parts.event('info', `The connection is parked: ${reason}. Its replica is at rest until the connection is reconnected.`);
  }

  /** The service starts: a connection that is not to come back by itself says so. */
  started(): void {
    if (this.#state.isFollowing && !this.#parts.settings().autoReconnect) this.#leave('not-reconnected', {});
  }

  /** The queue has dropped everything, because it has no more room. */
  queueLost(loss: Exclude<QueueLoss, { kind: 'damaged' }>): void {
    if (!this.#state.isFollowing) return;
    const autoReconnect = this.#parts.settings().autoReconnect;
    if (loss.kind === 'failed') {
      this.#leave('queue-full', { ...loss.error.details, why: 'its folder cannot be written', autoReconnect });
    } else {
      const why =
        loss.kind === 'limit'
          ? `${formatBytes(loss.limitBytes)} on disk are allowed`
          : `only ${formatBytes(loss.freeBytes)} are free on its volume, and ${formatBytes(loss.keepFreeBytes)} are to be left`;
      this.#leave('queue-full', { why, autoReconnect });
    }
  }

  /**
   * The replica was set back to a snapshot, as the target tells with each link from then on. Everything that is known of it is in doubt, and whoever
   * set it back is to decide what follows: nothing is sent before a mirror is started, unless a mirror was ordered already.
   */
  reverted(id: string): void {
    const { catalog, mirrors, queue, transfers } = this.#parts.stages;
    if (catalog.fact('reverted') === id) return;
    if (this.#state.isFollowing) {
      queue.clear();
      transfers.clear();
      mirrors.abandon();
      mirrors.owe();
      this.#state.begin('replica-reverted', {}, new Date().toISOString());
      this.#state.pending();
    } else if (this.#state.ordered === null && this.#state.kind !== 'pending') this.#state.order('none');
    catalog.doubtAll();
    catalog.setFact('reverted', id);
    catalog.commit();
    this.#parts.event('warning', 'The replica was set back to a snapshot on the target. A mirror brings it up to date again.');
  }

  /** Somebody wants the connection back, with this mirror or with none. Returns false when it is joined. */
  reconnect(remirror: Remirror): boolean {
    if (this.#state.isFollowing) return false;
    if (this.#state.kind !== 'pending') this.#state.order(remirror);
    else if (remirror !== 'none') this.#join(remirror);
    return true;
  }

  /** The link is up. */
  linkUp(): void {
    if (this.#state.kind !== 'apart') return;
    this.#state.returning();
    if (this.#parts.capture.isReady()) this.captured();
    else this.#parts.capture.restart();
  }

  linkLost(): void {
    this.#state.notReturned();
  }

  /** Changes are noticed from now on. */
  captured(): void {
    if (this.#state.kind !== 'returning') return;
    const remirror = this.#state.ordered ?? remirrorOf(this.#parts.settings().autoRemirror);
    if (remirror === 'none') {
      this.#state.pending();
      this.#parts.event('warning', 'The connection is back. Nothing is sent before a mirror is started.');
    } else this.#join(remirror);
  }

  #join(remirror: Exclude<Remirror, 'none'>): void {
    this.#state.end();
    this.#parts.stages.queue.clear();
    this.#parts.stages.transfers.clear();
    this.#parts.stages.catalog.noticesLost();
    this.#parts.stages.mirrors.start(remirror);
    this.#parts.event('info', 'The connection is back; a mirror brings the replica up to date.');
  }

  /** Everything that waits is dropped; `store` keeps why. */
  #depart(store: () => void): void {
    const { mirrors, queue, transfers } = this.#parts.stages;
    queue.clear();
    transfers.clear();
    mirrors.abandon();
    mirrors.owe();
    store();
    this.#parts.capture.end();
  }

  #leave(code: ErrorCode, details: ErrorDetails): void {
    this.#depart(() => this.#state.begin(code, details, new Date().toISOString()));
    const problem = this.#state.problem();
    if (problem !== null) this.#parts.event('warning', `${problem.cause} ${problem.effect} ${problem.nextStep}`);
  }
}

/** The mirror that a setting stands for. */
function remirrorOf(kind: ConnectionSettings['queue']['autoRemirror']): Remirror {
  return kind === 'none' ? 'none' : { kind };
}
