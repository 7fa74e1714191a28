import type { ConnectionSnapshot, StatisticsSample } from '../../src-main/api/index.ts';
import type { ConsoleLink } from '../api/index.ts';
import { sampleBetween } from './sample.ts';

const KEPT_MS = 30 * 60_000;
const SAMPLE_MS = 1000;

/** The chart data of the one connection that is shown: what the console remembers, then a sample for each second. */
export class History {
  readonly serverId: string;
  readonly connectionId: string;
  readonly #link: ConsoleLink;
  #samples = $state.raw<readonly StatisticsSample[]>([]);
  #last: { readonly atMs: number; readonly connection: ConnectionSnapshot } | undefined;

  constructor(link: ConsoleLink, serverId: string, connectionId: string) {
    this.#link = link;
    this.serverId = serverId;
    this.connectionId = connectionId;
    void this.#load();
  }

  get samples(): readonly StatisticsSample[] {
    return this.#samples;
  }

  /** Called with each new snapshot; makes a sample when a second has passed since the last one. */
  observe(connection: ConnectionSnapshot, atMs: number): void {
    if (this.#last === undefined) {
      this.#last = { atMs, connection };
      return;
    }
    if (atMs - this.#last.atMs < SAMPLE_MS) return;
    const sample = sampleBetween(this.#last.connection, connection, this.#last.atMs, atMs);
    this.#last = { atMs, connection };
    const oldestMs = atMs - KEPT_MS;
    this.#samples = [...this.#samples.filter((other) => Date.parse(other.at) >= oldestMs), sample];
  }

  async #load(): Promise<void> {
    try {
      const past = await this.#link.invoke('statistics.history', { serverId: this.serverId, connectionId: this.connectionId });
      const since = past.at(-1)?.at ?? '';
      this.#samples = [...past, ...this.#samples.filter((sample) => sample.at > since)];
    } catch {
      // No history is not worth a message: the chart starts now.
    }
  }
}
