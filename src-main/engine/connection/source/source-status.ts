import type {
  ConnectionPlan,
  ConnectionSnapshot,
  ConnectionStatistics,
  ConnectionVerify,
  Halt,
  LinkStatus,
  MirrorStatus,
  Park,
  Problem,
  QueueStatus,
  TransmissionHold,
  TransmissionStatus as ShownTransmission,
} from '../../../api/index.ts';

/** What a worker knows of its transmission; whether the line's schedule holds it back is added by the main thread. */
export type TransmissionStatus = Exclude<ShownTransmission, { readonly kind: 'scheduled' }>;

/** What a source worker tells of itself; the main thread adds who and where. */
export interface SourceState {
  readonly link: LinkStatus;
  readonly transmission: TransmissionStatus;
  readonly holds: readonly TransmissionHold[];
  readonly mirror: MirrorStatus;
  readonly orphans: ConnectionSnapshot['orphans'];
  readonly replication: ConnectionSnapshot['replication'];
  readonly disconnection: Problem | null;
  readonly park: Park | null;
  readonly queue: QueueStatus;
  readonly consistency: ConnectionSnapshot['consistency'];
  readonly consistencyWhy: string;
  readonly targetData: ConnectionSnapshot['targetData'];
  readonly capture: ConnectionSnapshot['capture'];
  readonly halt: Halt | null;
  readonly problems: readonly Problem[];
  readonly problemCount: number;
  readonly notCarried: ConnectionSnapshot['notCarried'];
  readonly statistics: ConnectionStatistics;
  /** Without its schedule, which the main thread knows. */
  readonly verify: Omit<ConnectionVerify, 'nextAt'>;
  readonly plan: ConnectionPlan;
}

/** link: connecting → up ⇄ down; any → stopped → connecting. */
const linkMoves: Record<LinkStatus['kind'], readonly LinkStatus['kind'][]> = {
  connecting: ['up', 'down', 'stopped'],
  up: ['down', 'stopped'],
  down: ['connecting', 'up', 'down', 'stopped'],
  stopped: ['connecting', 'stopped'],
};

/** transmission: active → pausing → paused → active; active|pausing|paused → stopped → active|pausing; any ⇄ waiting. */
const transmissionMoves: Record<TransmissionStatus['kind'], readonly TransmissionStatus['kind'][]> = {
  active: ['pausing', 'stopped', 'active', 'waiting'],
  pausing: ['paused', 'active', 'stopped', 'pausing', 'waiting'],
  paused: ['active', 'stopped', 'paused', 'pausing', 'waiting'],
  stopped: ['active', 'stopped', 'pausing', 'waiting'],
  waiting: ['active', 'pausing', 'stopped', 'waiting'],
};

/** The two statuses that only the session sets; each move is checked against its diagram. */
export class SourceStatus {
  #link: LinkStatus;
  #transmission: TransmissionStatus;

  constructor(now: string) {
    this.#link = { kind: 'connecting', since: now };
    this.#transmission = { kind: 'active', since: now };
  }

  get link(): LinkStatus {
    return this.#link;
  }

  get transmission(): TransmissionStatus {
    return this.#transmission;
  }

  setLink(next: LinkStatus): void {
    if (!linkMoves[this.#link.kind].includes(next.kind)) throw new Error(`link: ${this.#link.kind} → ${next.kind}`);
    // A link that stays down keeps its "since".
    this.#link = next.kind === this.#link.kind ? { ...next, since: this.#link.since } : next;
  }

  setTransmission(next: TransmissionStatus): void {
    if (!transmissionMoves[this.#transmission.kind].includes(next.kind))
      throw new Error(`transmission: ${this.#transmission.kind} → ${next.kind}`);
    this.#transmission = next;
  }
}
