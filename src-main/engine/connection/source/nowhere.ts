import { placeKey, type Place } from '../../model/index.ts';

const MOST = 10_000;

/**
 * Places where the target could not do what it was told and where nothing is meant to be now, such as the old name of an entry that it did not
 * have when it was to move it. The target counts them as failed until it is told so.
 */
export class Nowhere {
  readonly #places = new Set<string>();

  note(place: Place): void {
    if (this.#places.size < MOST) this.#places.add(placeKey(place));
  }

  /** Whether the target waits to be told that nothing is there; forgotten with the answer. */
  take(place: Place): boolean {
    return this.#places.size > 0 && this.#places.delete(placeKey(place));
  }
}
