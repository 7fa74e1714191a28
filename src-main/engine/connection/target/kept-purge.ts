import type { ReplicaSettings } from '../../../api/index.ts';
import { formatBytes } from '../../../base/index.ts';
import type { KeptTotals, PurgeOrder, PurgeResult } from '../../apply/index.ts';

/** How often it is looked whether something has become too old or too much. */
const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;

export interface KeptPurgeParts {
  readonly settings: () => ReplicaSettings['kept'];
  readonly totals: () => KeptTotals;
  /** Whether anything was deleted at that time or before. */
  readonly hasOlder: (beforeMs: number) => boolean;
  readonly purge: (order: PurgeOrder) => PurgeResult;
  /** Somebody holds the replica: nothing in it may change. */
  readonly isHeld: () => boolean;
  /** No source is linked: the replica may be at rest for a backup, and nothing in it changes by itself. */
  readonly isAway: () => boolean;
  readonly onEvent: (severity: 'info', text: string) => void;
  readonly nowMs?: () => number;
}

/** Removes kept deleted files for good once they are older, or together larger, than the settings of the replica allow. */
export class KeptPurge {
  readonly #parts: KeptPurgeParts;
  readonly #nowMs: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor(parts: KeptPurgeParts) {
    this.#parts = parts;
    this.#nowMs = parts.nowMs ?? Date.now;
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  /** What is due goes now; what a hold or the absence of the source forbids goes at a look after it. */
  look(): void {
    const { settings, totals, hasOlder, isAway, isHeld } = this.#parts;
    if (isHeld() || isAway() || totals().count === 0) return;
    const { maxAgeDays, maxBytes } = settings();
    if (maxAgeDays !== null) {
      const beforeMs = this.#nowMs() - maxAgeDays * DAY_MS;
      if (hasOlder(beforeMs)) this.#purge({ search: '', beforeMs, untilBytes: 0 }, `older than ${maxAgeDays} days`);
    }
    if (maxBytes !== null && totals().bytes > maxBytes) {
      const order = { search: '', beforeMs: this.#nowMs(), untilBytes: maxBytes };
      this.#purge(order, `beyond the ${formatBytes(maxBytes)} that may be kept`);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #purge(order: PurgeOrder, why: string): void {
    const { removed, removedBytes } = this.#parts.purge(order);
    if (removed === 0) return;
    this.#parts.onEvent('info', `${removed} kept deleted files (${formatBytes(removedBytes)}) were removed for good: ${why}.`);
  }
}
