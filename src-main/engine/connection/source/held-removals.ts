import { isWithin, placeKey, type Place } from '../../model/index.ts';

/** So few that they may go early wait for the next one this long after the last, and this long after the first. */
const BRIEF_QUIET_MS = 10;
const BRIEF_MS = 50;
/** No further removal for so long: whoever removes is done. */
const QUIET_MS = 500;
/** A few removals now and then are not held longer than this. */
const FEW_MS = 5_000;
/** So many are no longer a few. */
const FEW = 100;
/** Longer than this nothing is held, whatever goes on. */
const LONGEST_MS = 600_000;
/** More places are not remembered; a comparison finds them then. */
const MOST_PLACES = 100_000;

/** Removals that wait until it can be told whether they are a few or the loss of everything. Places are kept under their present names. */
export class HeldRemovals {
  readonly #places = new Map<string, Place>();
  /** Those of the places, and of the places let go last, that were moved away and not deleted. */
  readonly #moved = new Set<string>();
  #overflowed = 0;
  #holdsTree = false;
  /** When the first and the last of them were looked at, and when they were told. */
  #firstMs = 0;
  #lastMs = 0;
  #firstToldMs = 0;
  #lastToldMs = 0;

  get count(): number {
    return this.#places.size + this.#overflowed;
  }

  /** More were held than are known by name. */
  get isOverflowed(): boolean {
    return this.#overflowed > 0;
  }

  /** `isTree`: more than one entry goes with it. */
  add(place: Place, isMoved: boolean, nowMs: number, isTree = false, toldMs = nowMs): void {
    if (this.count === 0) {
      this.#firstMs = nowMs;
      this.#firstToldMs = toldMs;
    } else this.#keepUp(nowMs);
    this.#lastMs = nowMs;
    this.#lastToldMs = toldMs;
    this.#holdsTree ||= isTree;
    if (this.#places.size >= MOST_PLACES) {
      this.#overflowed++;
      return;
    }
    this.#places.set(placeKey(place), place);
    if (isMoved) this.#moved.add(placeKey(place));
    else this.#moved.delete(placeKey(place));
  }

  has(place: Place): boolean {
    return this.#places.has(placeKey(place));
  }

  /** Some are held, and no more than may go early. */
  isBrief(allowed: number): boolean {
    return this.count > 0 && this.count <= allowed && !this.#holdsTree;
  }

  /** Until they are to be decided about, in ms from now; null when nothing is held. `allowed`: so many may go early. */
  dueInMs(nowMs: number, allowed = 0): number | null {
    if (this.count === 0) return null;
    this.#keepUp(nowMs);
    if (this.isBrief(allowed)) return Math.max(0, Math.min(this.#lastMs + BRIEF_QUIET_MS, this.#firstMs + BRIEF_MS) - nowMs);
    return Math.max(0, this.#quietMs(this.#firstMs, this.#lastMs) - nowMs);
  }

  /** A removal that was told before this moment is to be decided about together with them; null when nothing is held. */
  togetherUntilMs(nowMs: number): number | null {
    if (this.count === 0) return null;
    this.#keepUp(nowMs);
    return this.#quietMs(this.#firstToldMs, this.#lastToldMs);
  }

  places(): readonly Place[] {
    return [...this.#places.values()];
  }

  /** They are looked at now; which of them were moved is known until each was asked about. */
  letGo(): void {
    this.#places.clear();
    this.#overflowed = 0;
    this.#holdsTree = false;
  }

  clear(): void {
    this.letGo();
    this.#moved.clear();
  }

  /** Whether a removal that was let go was a move away; forgotten with the answer. */
  takeMoved(place: Place): boolean {
    return this.#moved.delete(placeKey(place));
  }

  /** A folder moved, and what was removed in it is known by its new name. */
  folderMoved(from: Place, to: Place): void {
    for (const [key, place] of this.#places) {
      if (place.root !== from.root || !isWithin(place.path, from.path)) continue;
      const moved = { root: to.root, path: to.path + place.path.slice(from.path.length) };
      this.#places.delete(key);
      this.#places.set(placeKey(moved), moved);
      if (this.#moved.delete(key)) this.#moved.add(placeKey(moved));
    }
  }

  /** After the clock was set back: what was just now is just now, and does not lie ahead for as long as it was set back. */
  #keepUp(nowMs: number): void {
    const backMs = this.#lastMs - nowMs;
    if (backMs <= 0) return;
    this.#firstMs -= backMs;
    this.#lastMs -= backMs;
    this.#firstToldMs -= backMs;
    this.#lastToldMs -= backMs;
  }

  /** When they have waited long enough, by a first and a last moment. */
  #quietMs(firstMs: number, lastMs: number): number {
    const few = this.count < FEW ? firstMs + FEW_MS : Infinity;
    return Math.min(lastMs + QUIET_MS, firstMs + LONGEST_MS, few);
  }
}
