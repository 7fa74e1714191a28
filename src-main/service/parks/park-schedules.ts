import type {
  BackupWindow,
  ConnectionId,
  ConnectionSnapshot,
  MirrorOptions,
  ParkRun,
  ParkSchedule,
  RotationSnapshot,
} from '../../api/index.ts';
import { assertNever, describeError, formatDuration, toReplicationError, type Log } from '../../base/index.ts';
import type { SettingsFile } from '../../config/index.ts';
import { ON_TIME_MS, SMALL_STEP_BACK_MS } from '../rotations/due.ts';
import { cronTimes, localTime } from '../rotations/times.ts';
import type { ScheduleClock } from '../schedule-clock.ts';
import { BY_SCHEDULE, decide, type Decision, type ParkTimes } from './decide.ts';
import { obstacleToPark } from './obstacle.ts';
import type { StoredPark, StoredParks } from './stored.ts';

const LOOK_MS = 1_000;

export interface ParkSchedulesParts {
  readonly file: SettingsFile<StoredParks>;
  readonly clock: ScheduleClock;
  readonly timeZone: () => string | null;
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly windows: () => readonly BackupWindow[];
  readonly rotations: () => readonly RotationSnapshot[];
  readonly park: (connectionId: ConnectionId, order: { readonly owner: string; readonly reason: string }) => Promise<unknown>;
  /** Rejects while somebody reads the replica. */
  readonly reconnect: (connectionId: ConnectionId, mirror: MirrorOptions) => Promise<unknown>;
  readonly tell: (severity: 'info' | 'warning', text: string, connectionId: ConnectionId) => void;
  /** What is shown of a connection is another now. */
  readonly onChange: () => void;
  readonly log: Log;
}

/**
 * Parks connections by the clock and brings back what it parked. An order is given first and noted then: it may be given twice, which changes nothing, and
 * a kill between both finds the connection parked.
 */
export class ParkSchedules {
  readonly #parts: ParkSchedulesParts;
  readonly #times = new Map<string, ParkTimes>();
  /** Why what is due cannot be ordered, as it was told. */
  readonly #refused = new Map<ConnectionId, string>();
  #stop: () => void = () => undefined;
  #looking: Promise<void> | null = null;

  constructor(parts: ParkSchedulesParts) {
    this.#parts = parts;
  }

  /** To be called when the connections are open. */
  start(): void {
    this.#stop = this.#parts.clock.every(LOOK_MS, () => void this.look());
    void this.look();
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#looking;
  }

  /** Resolves when what is due now is done. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => (this.#looking = null));
    return this.#looking;
  }

  /** As connections show it; undefined where the clock never had to do with it. */
  shown({ id, settings }: ConnectionSnapshot): ParkSchedule | undefined {
    const last = this.#stored(id)?.last ?? null;
    const { park, reconnect } = this.#timesOf(settings.park);
    if (park === null && reconnect === null && last === null) return undefined;
    const nowMs = this.#parts.clock.now();
    const next = (times: ParkTimes['park']) => {
      const found = times?.next(nowMs) ?? null;
      return found === null ? null : iso(found.atMs);
    };
    return { nextParkAt: next(park), nextReconnectAt: next(reconnect), waits: this.#refused.get(id) ?? '', last };
  }

  async #lookAtAll(): Promise<void> {
    for (const connection of this.#parts.connections()) {
      try {
        await this.#lookAt(connection);
      } catch (error) {
        // The disk takes nothing, or the connection ended under our hands: the next look begins from what is stored.
        const facts = { connection: connection.id, error: String(error) };
        this.#parts.log.warn('a schedule of parking could not be looked after', facts);
      }
    }
  }

  async #lookAt(connection: ConnectionSnapshot): Promise<void> {
    const { id, settings } = connection;
    const { park, reconnect } = this.#timesOf(settings.park);
    const stored = this.#stored(id);
    if (park === null && reconnect === null && stored === undefined) return;
    const times = [settings.park.at ?? 'off', settings.park.reconnectAt ?? 'off', this.#parts.timeZone() ?? 'local'].join(', ');
    const nowMs = this.#parts.clock.now();
    const decidedMs = stored === undefined ? nowMs : Date.parse(stored.decidedUntil);
    const isSetBack = decidedMs > nowMs + SMALL_STEP_BACK_MS;
    // A reconnection that waits for somebody to be done is owed, whatever else is changed meanwhile.
    const isOwed = connection.park?.owner === BY_SCHEDULE && this.#refused.has(id);
    if (stored === undefined || (stored.times !== times && !isOwed) || isSetBack) {
      // New times, and a clock that was set back by much, count from now on.
      const text = `The clock was set back: the times at which ${named(connection)} is parked and reconnected count from now on.`;
      if (isSetBack) this.#parts.tell('warning', text, id);
      this.#refused.delete(id);
      await this.#store({ connectionId: id, times, decidedUntil: iso(nowMs), last: stored?.last ?? null });
      return;
    }
    const obstacle = obstacleToPark(connection, this.#parts.windows(), this.#parts.rotations());
    const decision = decide({ park, reconnect }, connection, obstacle, { decidedMs, nowMs });
    await this.#carryOut(connection, stored, decision, nowMs);
  }

  async #carryOut(connection: ConnectionSnapshot, stored: StoredPark, decision: Decision, nowMs: number): Promise<void> {
    const { id, settings } = connection;
    if (decision.kind === 'none') {
      // What was refused is not due any more: somebody else did it, or it cannot be done for another reason.
      if (this.#refused.delete(id)) this.#parts.onChange();
      return;
    }
    const { dueMs } = decision;
    const name = named(connection);
    const due = localTime(dueMs, this.#parts.timeZone());
    const note = async (run: Pick<ParkRun, 'what' | 'outcome' | 'why'> | null) => {
      const last = run === null ? stored.last : { ...run, dueAt: iso(dueMs), at: iso(nowMs) };
      await this.#store({ ...stored, decidedUntil: iso(dueMs), last });
    };
    switch (decision.kind) {
      case 'parked':
        await note(decision.isForThis ? { what: 'park', outcome: 'ordered', why: '' } : null);
        return;
      case 'missed': {
        const why = this.#refused.get(id) ?? decision.why;
        this.#refused.delete(id);
        await note({ what: 'park', outcome: 'missed', why });
        const text = `${name} was not parked, which was due ${due}, and is not before the next time. ${why}`;
        this.#parts.tell('warning', text, id);
        return;
      }
      case 'park': {
        const order = () => this.#parts.park(id, { owner: BY_SCHEDULE, reason: `due ${due}` });
        if (!(await this.#isOrdered(id, order, `${name} is due to be parked`))) return;
        await note({ what: 'park', outcome: 'ordered', why: '' });
        this.#parts.tell('info', `${name} is parked by the schedule, as was due ${due}.`, id);
        return;
      }
      case 'reconnect': {
        const order = () => this.#parts.reconnect(id, { kind: settings.park.mirror });
        if (!(await this.#isOrdered(id, order, `${name} is due to be reconnected`))) return;
        const lateMs = nowMs - dueMs;
        const why = lateMs <= ON_TIME_MS ? '' : `It was ${formatDuration(lateMs)} late.`;
        await note({ what: 'reconnect', outcome: 'ordered', why });
        this.#parts.tell('info', `${name} is reconnected by the schedule, as was due ${due}. ${why}`.trimEnd(), id);
        return;
      }
      default:
        assertNever(decision);
    }
  }

  /** Whether the order was taken. What stands against it is told once for as long as it is the same. */
  async #isOrdered(id: ConnectionId, order: () => Promise<unknown>, what: string): Promise<boolean> {
    try {
      await order();
      this.#refused.delete(id);
      return true;
    } catch (error) {
      const { code, details } = toReplicationError(error);
      const { cause, nextStep } = describeError(code, details);
      if (this.#refused.get(id) === cause) return false;
      this.#refused.set(id, cause);
      this.#parts.tell('warning', `${what}, and waits. ${cause} ${nextStep}`, id);
      this.#parts.onChange();
      return false;
    }
  }

  #stored(id: ConnectionId): StoredPark | undefined {
    return this.#parts.file.value.parks.find(({ connectionId }) => connectionId === id);
  }

  /** What belongs to connections that have ended goes with the next word about another one. */
  async #store(park: StoredPark): Promise<void> {
    const known = new Set(this.#parts.connections().map(({ id }) => id));
    await this.#parts.file.update(({ parks }) => ({
      parks: [...parks.filter(({ connectionId: id }) => id !== park.connectionId && known.has(id)), park],
    }));
    this.#parts.onChange();
  }

  #timesOf({ at, reconnectAt }: ConnectionSnapshot['settings']['park']): ParkTimes {
    const zone = this.#parts.timeZone();
    const key = [at, reconnectAt, zone].join('|');
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const made = {
      park: at === null ? null : cronTimes(at, zone),
      reconnect: reconnectAt === null ? null : cronTimes(reconnectAt, zone),
    };
    this.#times.set(key, made);
    return made;
  }
}

function named({ setName, targetName }: ConnectionSnapshot): string {
  return `“${setName}” to ${targetName}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
