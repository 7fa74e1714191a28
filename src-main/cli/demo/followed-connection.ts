import type { ConnectionSnapshot } from '../../api/index.ts';
import { ReplicationError, Wake } from '../../base/index.ts';
import type { ControlSession } from '../../control/index.ts';

const LOOK_MS = 250;

/** One connection as its source reports it, always the newest snapshot. */
export class FollowedConnection {
  readonly id: string;
  readonly #source: ControlSession;
  readonly #changed = new Wake();
  readonly #unsubscribe: () => void;
  #snapshot: ConnectionSnapshot;

  constructor(source: ControlSession, snapshot: ConnectionSnapshot) {
    this.#source = source;
    this.#snapshot = snapshot;
    this.id = snapshot.id;
    this.#unsubscribe = source.onUpdate((update) => {
      if (update.name !== 'connections') return;
      const found = update.value.find(({ id }) => id === this.id);
      if (found === undefined) return;
      this.#snapshot = found;
      this.#changed.signal();
    });
  }

  get snapshot(): ConnectionSnapshot {
    return this.#snapshot;
  }

  /**
   * Resolves with the first snapshot for which `isDone`; `onLook` sees each one before. Rejects when the connection halts, when the
   * session ends, and when no number has moved for `stallMs`.
   */
  async until(
    what: string,
    isDone: (snapshot: ConnectionSnapshot) => boolean,
    signal: AbortSignal,
    { onLook, stallMs = 120_000 }: { onLook?: (snapshot: ConnectionSnapshot) => void; stallMs?: number } = {},
  ): Promise<ConnectionSnapshot> {
    let moved = '';
    let movedAtMs = Date.now();
    // The first look is a fresh one: what was pushed last may be older than what the caller just did.
    await this.#refresh();
    for (;;) {
      const snapshot = this.#snapshot;
      if (snapshot.halt !== null) throw new ReplicationError('halted', { text: snapshot.halt.cause });
      onLook?.(snapshot);
      if (isDone(snapshot)) return snapshot;
      const now = JSON.stringify([snapshot.statistics, snapshot.mirror, snapshot.transmission, snapshot.link]);
      if (now !== moved) movedAtMs = Date.now();
      moved = now;
      if (Date.now() - movedAtMs > stallMs) throw this.#stalled(what, stallMs);
      await this.#changed.wait(signal, LOOK_MS);
      await this.#refresh();
    }
  }

  close(): void {
    this.#unsubscribe();
  }

  async #refresh(): Promise<void> {
    this.#snapshot = await this.#source.call('connection.get', { connectionId: this.id });
  }

  #stalled(what: string, stallMs: number): ReplicationError {
    const { link, problems } = this.#snapshot;
    const why = problems[0]?.cause ?? (link.kind === 'down' ? link.cause : `the link is ${link.kind}`);
    return new ReplicationError('timeout', { text: `no progress for ${stallMs / 1000} s while waiting for ${what}; ${why}` });
  }
}

/** Mirrored, and nothing under way that the source knows of. */
export function isQuiet({ link, mirror, statistics, targetData, transmission }: ConnectionSnapshot): boolean {
  const { queuedOps, inFlightOps, targetQueueOps } = statistics;
  return (
    link.kind === 'up' &&
    transmission.kind === 'active' &&
    mirror.kind === 'idle' &&
    targetData === 'good' &&
    queuedOps + inFlightOps + targetQueueOps === 0
  );
}
