import { placeKey, type Place } from '../../model/index.ts';

/** As long as this nobody waits for a notice; then the place is looked at again. */
const OVERDUE_MS = 5_000;

/**
 * Places of which a change was told and where nothing was found, because the entry had moved on or gone. Why is still to be told, and
 * until then what the target has there is older than a change that is over: the replica holds no state of one moment.
 */
export class Absences {
  readonly #nowMs: () => number;
  readonly #missing = new Map<string, { readonly place: Place; readonly sinceMs: number }>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#missing.size;
  }

  noted(place: Place): void {
    this.#missing.set(placeKey(place), { place, sinceMs: this.#nowMs() });
  }

  /** It was told where the entry at `from`, and all below it, went. */
  explained(from: Place): void {
    if (this.#missing.size === 0) return;
    for (const [key, { place }] of this.#missing) {
      const isBelow = place.root === from.root && (place.path === from.path || place.path.startsWith(`${from.path}/`));
      if (isBelow) this.#missing.delete(key);
    }
  }

  takeOverdue(): readonly Place[] {
    const before = this.#nowMs() - OVERDUE_MS;
    const overdue = [...this.#missing].filter(([, { sinceMs }]) => sinceMs < before);
    for (const [key] of overdue) this.#missing.delete(key);
    return overdue.map(([, { place }]) => place);
  }
}
