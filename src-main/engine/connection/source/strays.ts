import { isSameObject, type Catalog, type CatalogRow } from '../../catalog/index.ts';
import { statEntry } from '../../fs/index.ts';
import { parentPath, type Place } from '../../model/index.ts';
import type { Roots } from './roots.ts';

/**
 * A path is only a name for a folder at one moment. A notice from before a folder moved carries the folder's old path, and the disk may
 * have another folder there by now: what is seen through it says nothing about the folder that the catalog has under that path.
 * Such a folder is a stray until the item that tells of its move is reached; then it is walked, because notices of it were passed over.
 * Kept in memory: after a restart everything is compared anyway.
 */
export class Strays {
  readonly #catalog: Catalog;
  readonly #roots: Roots;
  readonly #ids = new Set<bigint>();

  constructor(catalog: Catalog, roots: Roots) {
    this.#catalog = catalog;
    this.#roots = roots;
  }

  /** Whether the disk has, around `place`, another folder than the catalog; the topmost such folder is marked. */
  isAstray(place: Place): boolean {
    let around = place;
    let row: CatalogRow | null;
    do {
      if (around.path === '') return false; // the root has a guard of its own
      around = { root: around.root, path: parentPath(around.path) };
      row = this.#catalog.lookup(around);
    } while (row === null);
    if (around.path === '' || this.#isHere(around, row)) return false;
    for (;;) {
      const above: Place = { root: around.root, path: parentPath(around.path) };
      const rowAbove = this.#catalog.lookup(above);
      if (above.path === '' || rowAbove === null || this.#isHere(above, rowAbove)) break;
      around = above;
      row = rowAbove;
    }
    this.#ids.add(row.id);
    return true;
  }

  mark(row: CatalogRow): void {
    this.#ids.add(row.id);
  }

  /** Whether notices of this folder were passed over; forgotten with the answer. */
  take(row: CatalogRow): boolean {
    return this.#ids.delete(row.id);
  }

  #isHere(place: Place, row: CatalogRow): boolean {
    const stat = statEntry(this.#roots.absolute(place));
    return stat !== null && isSameObject(row, stat);
  }
}
