import type { Catalog } from '../../catalog/index.ts';
import { parentPath, placeKey, type Place } from '../../model/index.ts';

/**
 * Folders whose time stamp on the target was changed by what was put into them, so that it must be set once more. The catalog doubts
 * their attributes meanwhile: a restart sets them too.
 */
export class FolderTimes {
  readonly #catalog: Catalog;
  readonly #pending = new Map<string, Place>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** An entry at `place` came, went or was replaced on the target. */
  disturbed(place: Place): void {
    if (place.path === '') return;
    const folder = { root: place.root, path: parentPath(place.path) };
    const key = placeKey(folder);
    if (this.#pending.has(key)) return;
    this.#pending.set(key, folder);
    this.doubtIfPending(folder);
  }

  /** After the catalog took a waiting folder for known: its time may be older than what was put into it meanwhile. */
  doubtIfPending(folder: Place): void {
    if (!this.#pending.has(placeKey(folder))) return;
    const row = this.#catalog.lookup(folder);
    if (row !== null) this.#catalog.doubt(row, 'attributes');
  }

  /** Takes one folder out, if it waits. */
  take(folder: Place): boolean {
    return this.#pending.delete(placeKey(folder));
  }

  /** Takes all out, deepest first: setting a folder's times does not disturb its parent, but making it again would. */
  takeAll(): readonly Place[] {
    const all = [...this.#pending.values()].sort((a, b) => b.path.length - a.path.length);
    this.#pending.clear();
    return all;
  }
}
