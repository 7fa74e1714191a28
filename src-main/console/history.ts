import type { ConnectionId, ConnectionSnapshot, StatisticsSample } from '../api/index.ts';

const MOST_SAMPLES = 30 * 60;

interface Track {
  readonly samples: StatisticsSample[];
  last: { readonly atMs: number; readonly sentBytes: number; readonly appliedBytes: number };
}

/** The last 30 minutes of each connection of one server, one sample for each `sample` (once a second). */
export class History {
  readonly #tracks = new Map<ConnectionId, Track>();

  /** Takes the present lists; connections that are gone are forgotten. */
  sample(connections: readonly ConnectionSnapshot[], nowMs: number): void {
    const present = new Set(connections.map(({ id }) => id));
    for (const id of this.#tracks.keys()) if (!present.has(id)) this.#tracks.delete(id);
    for (const { id, statistics } of connections) {
      const { sentBytes, appliedBytes, queuedBytes, queuedOps, targetQueueBytes } = statistics;
      const now = { atMs: nowMs, sentBytes, appliedBytes };
      const track = this.#tracks.get(id);
      if (!track) {
        // The first sight gives no rate: what was sent before it took an unknown time.
        this.#tracks.set(id, { samples: [], last: now });
        continue;
      }
      const seconds = (nowMs - track.last.atMs) / 1000;
      // Counters begin again at 0 with a restart of the service.
      const rate = (value: number, before: number) => (seconds > 0 ? Math.max(0, Math.round((value - before) / seconds)) : 0);
      track.samples.push({
        at: new Date(nowMs).toISOString(),
        sentBytesPerSec: rate(sentBytes, track.last.sentBytes),
        appliedBytesPerSec: rate(appliedBytes, track.last.appliedBytes),
        queuedBytes,
        queuedOps,
        targetQueueBytes,
      });
      if (track.samples.length > MOST_SAMPLES) track.samples.shift();
      track.last = now;
    }
  }

  /** Oldest first. */
  of(connectionId: ConnectionId): readonly StatisticsSample[] {
    return [...(this.#tracks.get(connectionId)?.samples ?? [])];
  }
}
