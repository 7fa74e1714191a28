import type { Place } from '../model/index.ts';
import type { QueueItem } from './source-item.ts';

type Examine = QueueItem & { kind: 'examine' };
type How = Pick<Examine, 'content' | 'deep' | 'isSettled'>;

/** Places on disk that are remembered, so that a file which changes without pause does not fill the disk. */
const MOST_SPILLED = 20_000;

/**
 * The places that wait to be examined since the last rename or removal: a further change of one joins it. An item in memory takes what the
 * new change adds; one on disk cannot be changed any more, so a change joins it only if it adds nothing.
 */
export class WaitingPlaces {
  readonly #inMemory = new PlaceMap<Examine>();
  readonly #onDisk = new PlaceMap<How>();
  /** Items that need not walk any more what is below their places, as long as nothing moves. */
  readonly #walked = new Set<Examine>();

  /** Whether the change has joined an item that waits: the item itself if it is in memory and the change is of content. */
  join(place: Place, how: How): boolean | Examine {
    const item = this.#inMemory.get(place);
    if (item?.isSettled === how.isSettled) {
      item.content ||= how.content;
      item.deep ||= how.deep;
      return how.content ? item : true;
    }
    const spilled = this.#onDisk.get(place);
    return spilled?.isSettled === how.isSettled && (spilled.content || !how.content) && (spilled.deep || !how.deep);
  }

  /** What is below this place is being looked at for an item before its own: of what waits there only the place itself is left to do. */
  walked(place: Place): void {
    const item = this.#inMemory.get(place);
    if (item?.isSettled !== false || !item.deep) return;
    item.deep = false;
    this.#walked.add(item);
  }

  /** The newest item of its place. */
  add(item: Examine): void {
    const { place } = item;
    this.#onDisk.delete(place);
    this.#inMemory.set(place, item);
  }

  /** The item went to disk. */
  spilled(item: QueueItem): void {
    if (item.kind !== 'examine') return;
    const { place } = item;
    this.#walked.delete(item);
    if (this.#inMemory.get(place) !== item) return;
    this.#inMemory.delete(place);
    if (this.#onDisk.size >= MOST_SPILLED) this.#onDisk.clear();
    this.#onDisk.set(place, { content: item.content, deep: item.deep, isSettled: item.isSettled });
  }

  /** The item came back from disk and will be followed soon: what changes from now on is an item of its own. */
  readBack(item: QueueItem): void {
    if (item.kind === 'examine') this.#onDisk.delete(item.place);
  }

  /** No further change joins this item. */
  close(item: QueueItem): void {
    if (item.kind !== 'examine') return;
    const { place } = item;
    this.#walked.delete(item);
    if (this.#inMemory.get(place) === item) this.#inMemory.delete(place);
  }

  /** Something was moved or removed: what a walk before that saw of a folder may have been of another one. */
  clear(): void {
    for (const item of this.#walked) item.deep = true;
    this.#walked.clear();
    this.#inMemory.clear();
    this.#onDisk.clear();
  }
}

/** By place, with the very path strings that the items hold: keys of their own would cost as much again. */
class PlaceMap<T> {
  readonly #byRoot = new Map<number, Map<string, T>>();
  size = 0;

  get({ root, path }: Place): T | undefined {
    return this.#byRoot.get(root)?.get(path);
  }

  set({ root, path }: Place, value: T): void {
    const paths = this.#byRoot.get(root) ?? new Map<string, T>();
    if (paths.size === 0) this.#byRoot.set(root, paths);
    if (!paths.has(path)) this.size++;
    paths.set(path, value);
  }

  delete({ root, path }: Place): void {
    if (this.#byRoot.get(root)?.delete(path) === true) this.size--;
  }

  clear(): void {
    this.#byRoot.clear();
    this.size = 0;
  }
}
