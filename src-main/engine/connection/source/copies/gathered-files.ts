import { statEntry } from '../../../fs/index.ts';
import { placeKey, type Place } from '../../../model/index.ts';
import type { QueueItem } from '../../../queue/index.ts';
import { isSameObject, type Catalog } from '../../../catalog/index.ts';
import type { Roots } from '../roots.ts';

export interface GatheredFile {
  readonly place: Place;
  /** Of the oldest change that waits here. */
  readonly noticedAtMs: number;
  /** It changed, or may have, after `mark`. */
  isAfterMark: boolean;
}

/**
 * Files whose changes are gathered instead of sent while all of them are about to be copied at one instant. Only contents and attributes of
 * files that the target knows under their only name; everything else is followed as ever. Nothing is lost: `end` gives them back.
 */
export class GatheredFiles {
  readonly #catalog: Catalog;
  readonly #roots: Roots;
  readonly #files = new Map<string, GatheredFile>();
  #isOn = false;
  #isMarked = false;
  #isDisturbed = false;

  constructor(catalog: Catalog, roots: Roots) {
    this.#catalog = catalog;
    this.#roots = roots;
  }

  get size(): number {
    return this.#files.size;
  }

  places(): readonly Place[] {
    return [...this.#files.values()].map(({ place }) => place);
  }

  has(place: Place): boolean {
    return this.#files.size > 0 && this.#files.has(placeKey(place));
  }

  /** Of the oldest change of the file that waits here. */
  noticedAtMs(place: Place): number | null {
    return this.#files.get(placeKey(place))?.noticedAtMs ?? null;
  }

  begin(): void {
    this.#isOn = true;
    this.unmark();
  }

  /** The files were copied as they are now: what is told from here on may have happened after that. */
  mark(): void {
    this.#isMarked = true;
    this.#isDisturbed = false;
    for (const file of this.#files.values()) file.isAfterMark = false;
  }

  unmark(): void {
    this.#isMarked = false;
  }

  /** Since `mark` something else was told than changes of the files that were copied. */
  get isDisturbed(): boolean {
    return this.#isDisturbed;
  }

  /** True when this change is kept here and need not be followed. */
  gather(item: QueueItem): boolean {
    if (!this.#isOn) return false;
    const isGathered =
      item.kind === 'examine' && !item.deep && !item.isSettled && this.add(item.place, item.noticedAtMs, item.content);
    if (!isGathered && this.#isMarked) this.#isDisturbed = true;
    return isGathered;
  }

  /** True when the file is kept here. A change of attributes alone brings no file in, but belongs to one that is. */
  add(place: Place, noticedAtMs: number, isContent = true): boolean {
    const known = this.#files.get(placeKey(place));
    if (known !== undefined) {
      known.isAfterMark = true;
      return true;
    }
    if (!isContent || !this.#isPlain(place)) return false;
    if (this.#isMarked) this.#isDisturbed = true;
    this.#files.set(placeKey(place), { place, noticedAtMs, isAfterMark: true });
    return true;
  }

  /** Names are about to change: what waits here is known by the names from before. */
  takeAll(): readonly Place[] {
    const places = this.places();
    if (places.length > 0 && this.#isMarked) this.#isDisturbed = true;
    this.#files.clear();
    return places;
  }

  /** Nothing is gathered any more; what was is the caller's. */
  end(): readonly GatheredFile[] {
    const files = [...this.#files.values()];
    this.#files.clear();
    this.#isOn = false;
    this.unmark();
    return files;
  }

  #isPlain(place: Place): boolean {
    const row = this.#catalog.lookup(place);
    if (row?.kind !== 'file') return false;
    try {
      const stat = statEntry(this.#roots.absolute(place));
      return stat?.kind === 'file' && stat.nlink === 1 && isSameObject(row, stat);
    } catch {
      return false; // whoever follows it instead says what is the matter
    }
  }
}
