import { placeKey, type Place } from '../../model/index.ts';
import type { SourceQueue } from '../../queue/index.ts';

/** So long further disturbances are waited for: programs make and remove their temporary files all the time. */
const REST_MS = 250;
const MOST = 1_000;

/**
 * Folders of which only the time stamp changed, because what the set leaves out came or went there. They are looked at after a moment, so
 * that entries which nobody wants on the target cost little there.
 */
export class DisturbedFolders {
  readonly #nowMs: () => number;
  /** By due time, the earliest first. */
  readonly #waiting = new Map<string, { readonly place: Place; readonly dueMs: number }>();

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** False when too many wait already: then it is to be looked at in its turn. */
  note(place: Place): boolean {
    const key = placeKey(place);
    if (this.#waiting.has(key)) return true;
    if (this.#waiting.size >= MOST) return false;
    this.#waiting.set(key, { place, dueMs: this.#nowMs() + REST_MS });
    return true;
  }

  /** In ms from now; null when none waits. */
  nextDueInMs(): number | null {
    for (const { dueMs } of this.#waiting.values()) return Math.max(0, dueMs - this.#nowMs());
    return null;
  }

  takeDue(): readonly Place[] {
    const due: Place[] = [];
    for (const [key, { place, dueMs }] of this.#waiting) {
      if (dueMs > this.#nowMs()) break;
      due.push(place);
      this.#waiting.delete(key);
    }
    return due;
  }

  takeAll(): readonly Place[] {
    const all = [...this.#waiting.values()].map(({ place }) => place);
    this.#waiting.clear();
    return all;
  }
}

/** Puts folders into the queue of which at most the attributes changed. */
export function queueFolders(queue: Pick<SourceQueue, 'examine'>, folders: readonly Place[]): void {
  for (const place of folders) queue.examine(place, { content: false, deep: false, isSettled: false }, Date.now());
}
