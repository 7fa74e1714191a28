import type { ConnectionId, ReplicaSnapshot, StoredSnapshot } from '../../api/index.ts';
import { describeError, formatDuration, toReplicationError, type Log } from '../../base/index.ts';
import { expiredSnapshots } from '../../engine/connection/index.ts';
import { cronTimes } from '../rotations/times.ts';
import type { ScheduleClock } from '../schedule-clock.ts';
import type { TakeInput } from './snapshots.ts';

const LOOK_MS = 10_000;
/** What could not be done is tried again after this; until the replica is complete it is not even tried. */
const AGAIN_MS = 300_000;
const BY_SCHEDULE = 'the schedule';

export interface SnapshotScheduleParts {
  readonly clock: ScheduleClock;
  readonly timeZone: () => string | null;
  readonly replicas: () => readonly ReplicaSnapshot[];
  readonly list: (connectionId: ConnectionId) => readonly StoredSnapshot[];
  readonly take: (input: TakeInput) => Promise<unknown>;
  readonly delete: (connectionId: ConnectionId, id: string, deletedBy: string) => Promise<void>;
  readonly tell: (severity: 'info' | 'warning', text: string, connectionId: ConnectionId) => void;
  readonly log: Log;
}

interface Failure {
  readonly atMs: number;
  readonly text: string;
}

/**
 * Takes the snapshots that are due, and deletes those that have expired. One that cannot be taken stays due until it can, so that a replica that is
 * mirrored just then has one afterwards; what fell due several times meanwhile is taken once, and not at all while nothing has come since the last.
 */
export class SnapshotSchedule {
  readonly #parts: SnapshotScheduleParts;
  readonly #stop: () => void;
  readonly #failures = new Map<ConnectionId, Failure>();
  #isWorking = false;

  constructor(parts: SnapshotScheduleParts) {
    this.#parts = parts;
    this.#stop = parts.clock.every(LOOK_MS, () => void this.look());
  }

  close(): void {
    this.#stop();
  }

  /** Resolves when what is due now is done. Never rejects. */
  async look(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      for (const replica of this.#parts.replicas()) await this.#lookAt(replica);
    } finally {
      this.#isWorking = false;
    }
  }

  async #lookAt(replica: ReplicaSnapshot): Promise<void> {
    const { connectionId, settings, snapshots, setName } = replica;
    const { at, keep, maxAgeDays, fileLevel } = settings.snapshots;
    const now = this.#parts.clock.now();
    const failedMs = this.#failures.get(connectionId)?.atMs ?? -Infinity;
    if (snapshots.run !== null || (snapshots.count === 0 && at === null) || now - failedMs < AGAIN_MS) return;
    try {
      const list = this.#parts.list(connectionId);
      if (at !== null && snapshots.isComplete && this.#isDue(at, list, now) && !list.some((one) => isStateOf(replica, one))) {
        const order = { connectionId, name: '', takenBy: BY_SCHEDULE, isScheduled: true, isFileLevelEnough: fileLevel };
        await this.#parts.take(order);
      }
      for (const { id } of expiredSnapshots(this.#parts.list(connectionId), { keep, maxAgeDays }, now))
        await this.#parts.delete(connectionId, id, BY_SCHEDULE);
      this.#failures.delete(connectionId);
    } catch (error) {
      this.#failed(connectionId, setName, error);
    }
  }

  #isDue(at: string, list: readonly StoredSnapshot[], now: number): boolean {
    const latest = cronTimes(at, this.#parts.timeZone()).latest(now);
    const last = list.find(({ isScheduled }) => isScheduled);
    return latest !== null && (last === undefined || Date.parse(last.takenAt) < latest.atMs);
  }

  /** Told once for as long as it is the same. */
  #failed(connectionId: ConnectionId, setName: string, error: unknown): void {
    const { code, details } = toReplicationError(error);
    const { cause, nextStep } = describeError(code, details);
    const text = `The scheduled snapshots of “${setName}” cannot be seen to now, and are tried again every ${formatDuration(AGAIN_MS)}: ${cause} ${nextStep}`;
    if (this.#failures.get(connectionId)?.text !== text) this.#parts.tell('warning', text, connectionId);
    this.#failures.set(connectionId, { atMs: this.#parts.clock.now(), text });
    this.#parts.log.info('scheduled snapshots failed', { connectionId, code });
  }
}

/** A replica at rest would else be taken again and again, and the copies of one state would push out all others. */
function isStateOf({ cut, appliedSequence }: ReplicaSnapshot, one: StoredSnapshot): boolean {
  const isSameCut = cut !== null && one.cut?.sequence === cut.sequence && one.cut.at === cut.at;
  return isSameCut && one.isGood && one.appliedSequence === appliedSequence;
}
