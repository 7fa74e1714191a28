import type { ConnectionId, ConnectionSnapshot, VerifyOptions } from '../api/index.ts';
import type { Log } from '../base/index.ts';
import type { ScheduleClock } from './schedule-clock.ts';

const LOOK_MS = 5_000;

export interface VerifyScheduleOptions {
  readonly clock: ScheduleClock;
  readonly connections: () => readonly ConnectionSnapshot[];
  readonly start: (connectionId: ConnectionId, options: VerifyOptions) => Promise<unknown>;
  readonly log: Log;
}

/**
 * Starts the verifications that are due. One that cannot start now (a mirror runs, the link is down, a question waits) stays due and
 * starts when it can; a service that was off starts what became due meanwhile, once.
 */
export class VerifySchedule {
  readonly #options: VerifyScheduleOptions;
  readonly #stop: () => void;

  constructor(options: VerifyScheduleOptions) {
    this.#options = options;
    this.#stop = options.clock.every(LOOK_MS, () => this.#look());
  }

  close(): void {
    this.#stop();
  }

  #look(): void {
    const now = this.#options.clock.now();
    for (const connection of this.#options.connections()) {
      if (!isDue(connection, now)) continue;
      const { bytes, repair, orphans } = connection.settings.verify;
      this.#options.start(connection.id, { bytes, repair, orphans }).catch((error: unknown) => {
        // Between the look and the start something came in its way; the next look tries again.
        this.#options.log.info('a scheduled verification could not start', { connection: connection.id, error: String(error) });
      });
    }
  }
}

function isDue({ verify, mirror, halt, link, replication }: ConnectionSnapshot, now: number): boolean {
  if (verify.nextAt === null || verify.run !== null || Date.parse(verify.nextAt) > now) return false;
  return mirror.kind === 'idle' && halt === null && link.kind === 'up' && replication === 'replicating';
}
