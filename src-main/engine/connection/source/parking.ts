import type { Cut, Park } from '../../../api/index.ts';
import { ReplicationError } from '../../../base/index.ts';
import type { ConnectionSpec } from '../replicator-api.ts';
import type { AutoDisconnect } from './auto-disconnect.ts';
import type { TransmissionControl } from './transmission-control.ts';

export type ParkOrder = NonNullable<ConnectionSpec['park']>;

export interface ParkingParts {
  readonly transmission: Pick<TransmissionControl, 'hold' | 'lift'>;
  readonly autoDisconnect: Pick<AutoDisconnect, 'isFollowing' | 'park' | 'parked'>;
  /** What changed while nobody watched is being looked for: a replica that left now would lack it. */
  readonly isFindingOut: () => boolean;
  /** What would have to wait for the target's answers is given up. */
  readonly dropQuestions: () => void;
  readonly wake: () => void;
}

/**
 * An order to leave the target: what changed unseen is found first, if it can be; transmission is brought to a cut then, as for a pause, so that the replica at rest is a state that is known;
 * then the connection leaves and stays away. The order is the service's to store; that it was carried out is in the catalog.
 */
export class Parking {
  readonly #parts: ParkingParts;
  #order: ParkOrder | null = null;
  #isSeekingCut = false;

  constructor(parts: ParkingParts) {
    this.#parts = parts;
  }

  get status(): Park | null {
    if (this.#order !== null) return { kind: 'leaving', ...this.#order };
    return this.#parts.autoDisconnect.parked;
  }

  /** Parking what is parked changes nothing. */
  order(order: ParkOrder): void {
    const { autoDisconnect } = this.#parts;
    if (this.#order !== null || autoDisconnect.parked !== null) return;
    if (!autoDisconnect.isFollowing) {
      autoDisconnect.park(order, null);
      return;
    }
    this.#order = order;
    this.look();
  }

  /** To be called now and then: a cut is sought as soon as it is worth it. */
  look(): void {
    if (this.#order === null || this.#isSeekingCut || this.#parts.isFindingOut()) return;
    this.#isSeekingCut = true;
    this.#parts.transmission.hold({ by: 'park', kind: 'pause', ...this.#order });
  }

  /** Somebody wants the connection to stay. Returns false when it was not about to leave. */
  cancel(): boolean {
    if (this.#order === null) return false;
    this.#end();
    return true;
  }

  /** The target has applied everything before the cut, and stands still. */
  atCut(cut: Cut): void {
    if (this.#order === null) return;
    this.#parts.dropQuestions();
    this.#parts.autoDisconnect.park(this.#order, cut);
    this.#end();
  }

  /** The connection left by itself meanwhile: it stays away all the same. */
  leftByItself(): void {
    if (this.#order === null || this.#parts.autoDisconnect.isFollowing) return;
    this.#parts.autoDisconnect.park(this.#order, null);
    this.#end();
  }

  /** Throws `parked`: nothing can be asked of the target, and only a reconnect is to bring the connection back. */
  refuse(): void {
    if (this.#parts.autoDisconnect.parked !== null) throw new ReplicationError('parked', {});
  }

  #end(): void {
    this.#order = null;
    this.#isSeekingCut = false;
    this.#parts.transmission.lift('park');
    this.#parts.wake();
  }
}
