import type { ConnectionId, ConnectionSnapshot } from '../../api/index.ts';
import type { Log } from '../../base/index.ts';
import type { ScheduleClock } from '../schedule-clock.ts';
import { pauseAlarm, type PauseAlarm } from './pause-alarm.ts';

const LOOK_MS = 5_000;

export interface PauseWatchOptions {
  readonly clock: ScheduleClock;
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly resume: (connectionId: ConnectionId) => Promise<unknown>;
  readonly tell: (severity: 'warning' | 'error', text: string, connectionId: ConnectionId) => void;
  /** What is shown of a connection is another now. */
  readonly onChange: () => void;
  readonly log: Log;
}

/** Tells of each pause once that it has lasted long, and once that it has lasted as long as it may; resumes where that is set. */
export class PauseWatch {
  readonly #options: PauseWatchOptions;
  readonly #stop: () => void;
  readonly #told = new Map<ConnectionId, Pick<PauseAlarm, 'since' | 'level'>>();
  readonly #resuming = new Set<ConnectionId>();

  constructor(options: PauseWatchOptions) {
    this.#options = options;
    this.#stop = options.clock.every(LOOK_MS, () => this.#look());
  }

  close(): void {
    this.#stop();
  }

  #look(): void {
    const now = this.#options.clock.now();
    const connections = this.#options.connections();
    for (const connection of connections) {
      const alarm = pauseAlarm(connection, now);
      if (alarm === null) continue;
      this.#tellOnce(connection, alarm);
      if (alarm.level === 'over' && connection.settings.pause.atMax === 'resume') this.#resume(connection.id);
    }
    for (const id of this.#told.keys()) if (!connections.some((connection) => connection.id === id)) this.#told.delete(id);
  }

  #tellOnce({ id }: ConnectionSnapshot, { since, level, problem }: PauseAlarm): void {
    const told = this.#told.get(id);
    if (told?.since === since && told.level === level) return;
    this.#told.set(id, { since, level });
    const { cause, effect, nextStep } = problem;
    this.#options.tell(level === 'over' ? 'error' : 'warning', `${cause} ${effect} ${nextStep}`, id);
    this.#options.onChange();
  }

  #resume(id: ConnectionId): void {
    if (this.#resuming.has(id)) return;
    this.#resuming.add(id);
    this.#options
      .resume(id)
      .catch((error: unknown) => {
        // The disk takes nothing now, or the connection ended: the next look finds what is true.
        this.#options.log.warn('a pause that is over could not be resumed', { connection: id, error: String(error) });
      })
      .finally(() => this.#resuming.delete(id));
  }
}
