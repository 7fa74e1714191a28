import { statEntry } from '../../fs/index.ts';
import { placeKey, type EntryStat, type Place } from '../../model/index.ts';
import type { Roots } from './roots.ts';

/** Files below this size are sent with every change. */
const LARGE_BYTES = 1024 * 1024;
/** A file rests this many times as long as sending it took, at most `MOST_REST_MS`. */
const REST_FACTOR = 4;
const MOST_REST_MS = 10_000;

/**
 * Large files that change without pause. Each notice would send (or compare) all of it again; instead it rests a while after each
 * send, and its changes gather. Nothing is lost: a postponed file is due at a known time.
 */
export class HotFiles {
  readonly #roots: Roots;
  readonly #nowMs: () => number;
  readonly #restingUntil = new Map<string, number>();
  readonly #postponed = new Map<string, { readonly place: Place; readonly dueMs: number }>();

  constructor(roots: Roots, nowMs: () => number = () => performance.now()) {
    this.#roots = roots;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#postponed.size;
  }

  /** A change of this file waits for its time. */
  isPostponed(place: Place): boolean {
    return this.#postponed.has(this.#key(place));
  }

  /** True when the file is resting: it will be due later. */
  postpone(place: Place): boolean {
    const key = this.#key(place);
    const until = this.#restingUntil.get(key);
    if (until === undefined) return false;
    if (until <= this.#nowMs()) {
      this.#restingUntil.delete(key);
      return false;
    }
    const size = statEntry(this.#roots.absolute(place))?.size ?? 0;
    if (size < LARGE_BYTES) return false;
    this.#postponed.set(key, { place, dueMs: until });
    return true;
  }

  sent(place: Place, stat: EntryStat, tookMs: number): void {
    if (stat.size < LARGE_BYTES) return;
    const now = this.#nowMs();
    // Forget what has rested long ago.
    if (this.#restingUntil.size > 10_000)
      for (const [key, until] of this.#restingUntil) if (until < now) this.#restingUntil.delete(key);
    this.#restingUntil.set(this.#key(place), now + Math.min(MOST_REST_MS, tookMs * REST_FACTOR));
  }

  /** Until when the next one rests, in ms from now; null when none waits. */
  nextDueInMs(): number | null {
    let next = Infinity;
    for (const { dueMs } of this.#postponed.values()) next = Math.min(next, dueMs);
    return next === Infinity ? null : Math.max(0, next - this.#nowMs());
  }

  takeDue(): readonly Place[] {
    const now = this.#nowMs();
    const due = [...this.#postponed.entries()].filter(([, { dueMs }]) => dueMs <= now);
    for (const [key] of due) this.#postponed.delete(key);
    return due.map(([, { place }]) => place);
  }

  /** Those that wait; their rest is over, whatever was left of it. */
  takeAll(): readonly Place[] {
    if (this.#postponed.size === 0) return [];
    const all = [...this.#postponed.values()].map(({ place }) => place);
    for (const key of this.#postponed.keys()) this.#restingUntil.delete(key);
    this.#postponed.clear();
    return all;
  }

  #key(place: Place): string {
    return placeKey(place);
  }
}
