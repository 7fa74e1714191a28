import type { HoldOwner, TransmissionHold } from '../../../api/index.ts';
import type { ConnectionSpec } from '../replicator-api.ts';
import { Holds } from './holds.ts';
import type { SourceStatus } from './source-status.ts';

/** Holds transmission back for those who want it and shows the strongest of them; it goes on when the last one lets go. */
export class TransmissionControl {
  readonly #status: SourceStatus;
  readonly #holds = new Holds();
  readonly #warn: (text: string) => void;
  readonly #now: () => string;

  constructor(
    status: SourceStatus,
    stored: ConnectionSpec['hold'],
    warn: (text: string) => void,
    now = () => new Date().toISOString(),
  ) {
    this.#status = status;
    this.#warn = warn;
    this.#now = now;
    if (stored === null) return;
    const { cut, ...hold } = stored;
    this.hold({ by: 'operator', ...hold });
    // The replica may be being read: a pause that was at its cut is there still, and what changed meanwhile waits.
    const { owner, reason, since } = hold;
    if (cut !== null) status.setTransmission({ kind: 'paused', owner, reason, since, cut });
  }

  hold(hold: TransmissionHold): void {
    this.#holds.set(hold);
    this.#show();
  }

  lift(by: HoldOwner): void {
    this.#holds.lift(by);
    this.#show();
  }

  /** The target said that its queue has reached its limit, or that it has room again. */
  targetFull(isFull: boolean, targetName: string): void {
    if (!isFull) {
      this.lift('target-full');
      return;
    }
    const reason = `The queue of ${targetName} has reached its limit; changes wait here until it has room.`;
    if (this.#holds.get('target-full') !== null) return; // told again, because something else changed
    this.hold({ by: 'target-full', kind: 'pause', owner: targetName, reason, since: this.#now() });
    this.#warn(reason);
  }

  /** The strongest first. */
  list(): readonly TransmissionHold[] {
    return this.#holds.list();
  }

  /** Somebody wants the link closed. */
  get isStopped(): boolean {
    return this.#holds.list().some(({ kind }) => kind === 'stop');
  }

  #show(): void {
    const [first] = this.#holds.list();
    const { transmission } = this.#status;
    if (first === undefined) {
      if (transmission.kind !== 'active') this.#status.setTransmission({ kind: 'active', since: this.#now() });
      return;
    }
    const { by, kind, owner, reason, since } = first;
    if (by === 'target-full') {
      this.#status.setTransmission({ kind: 'waiting', by, owner, reason, since });
      return;
    }
    if (kind === 'stop') this.#status.setTransmission({ kind: 'stopped', owner, reason, since });
    // A pause that stands keeps its cut, whoever else holds meanwhile.
    else if (!('owner' in transmission && transmission.since >= since && isPause(transmission.kind))) {
      this.#status.setTransmission({ kind: 'pausing', owner, reason, since });
    }
  }
}

function isPause(kind: string): boolean {
  return kind === 'pausing' || kind === 'paused';
}
