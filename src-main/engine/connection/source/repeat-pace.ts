import type { Catalog } from '../../catalog/index.ts';
import type { QueueItem } from '../../queue/index.ts';
import type { InFlight } from '../../transmit/index.ts';

/** A target that applies nothing for so long is not waited for: it has the newer version as well, whenever it goes on. */
const MOST_MS = 1_000;
/** While nothing waits much is done that changes held up, such as removals. So where there was no such moment, they may all go for a part of each round. */
const ROUND_MS = 1_000;
const PACED_MS = 750;

export interface RepeatPaceParts {
  readonly catalog: Pick<Catalog, 'lookup'>;
  readonly inFlight: Pick<InFlight, 'applied'>;
  /** As notices are dated. */
  readonly wallMs?: () => number;
  readonly nowMs?: () => number;
}

/**
 * Paces what changes again and again by the target. A version that comes while the one before it is not applied yet waits for that, and so become one
 * what changed many times meanwhile; else a target that is slower than the writer would fall behind it further and further, to apply what is out
 * of date. What follows waits too, so that the order stays.
 */
export class RepeatPace {
  readonly #parts: RepeatPaceParts;
  readonly #wallMs: () => number;
  readonly #nowMs: () => number;
  #restedMs: number;
  #waiting: { readonly item: QueueItem; readonly sinceMs: number } | null = null;

  constructor(parts: RepeatPaceParts) {
    this.#parts = parts;
    this.#wallMs = parts.wallMs ?? Date.now;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
    this.#restedMs = this.#nowMs();
  }

  /** No change waits. */
  rested(): void {
    this.#restedMs = this.#nowMs();
  }

  /** How long the item, the next of all, waits at most for the target to apply more, in ms; null: its turn is now. */
  waitMs(item: QueueItem): number | null {
    if (item.kind !== 'examine' || item.isSettled) return null;
    const nowMs = this.#nowMs();
    if ((nowMs - this.#restedMs) % ROUND_MS >= PACED_MS) return null;
    if (this.#waiting?.item !== item) this.#waiting = { item, sinceMs: nowMs };
    // From the notice on, so that those that wait behind each other do not wait longer; a clock that was set back says nothing.
    const waitedMs = Math.max(nowMs - this.#waiting.sinceMs, this.#wallMs() - item.noticedAtMs);
    if (waitedMs >= MOST_MS) return null;
    const row = this.#parts.catalog.lookup(item.place);
    const isOnItsWay = row !== null && row.kind === 'file' && row.sequence > this.#parts.inFlight.applied;
    return isOnItsWay ? MOST_MS - waitedMs : null;
  }
}
