import type { Catalog } from '../../catalog/index.ts';
import type { QueueItem } from '../../queue/index.ts';
import type { InFlight } from '../../transmit/index.ts';

/** A target that applies nothing for so long is not waited for: it has the newer version as well, whenever it goes on. */
const MOST_MS = 1_000;

export interface RepeatPaceParts {
  readonly catalog: Pick<Catalog, 'lookup'>;
  readonly inFlight: Pick<InFlight, 'applied'>;
  readonly nowMs?: () => number;
}

/**
 * Paces what changes again and again by the target. A version that comes while the one before it is not applied yet waits for that, and so become one
 * what changed many times meanwhile; else a target that is slower than the writer would fall behind it further and further, to apply what is out
 * of date. What follows waits too, so that the order stays.
 */
export class RepeatPace {
  readonly #parts: RepeatPaceParts;
  readonly #nowMs: () => number;

  constructor(parts: RepeatPaceParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
  }

  /** How long the item waits at most, in ms, for the target to apply more; null: its turn is now. */
  waitMs(item: QueueItem): number | null {
    if (item.kind !== 'examine' || item.isSettled) return null;
    const leftMs = Math.min(MOST_MS, item.noticedAtMs + MOST_MS - this.#nowMs());
    if (leftMs <= 0) return null;
    const row = this.#parts.catalog.lookup(item.place);
    return row !== null && row.kind === 'file' && row.sequence > this.#parts.inFlight.applied ? leftMs : null;
  }
}
