import type { VerifyDifference, VerifyOptions } from '../../../api/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { isWithin, type Place } from '../../model/index.ts';
import type { SourceQueue } from '../../queue/index.ts';
import type { Pair } from '../../verify/index.ts';

/** From this size on a file is sent again as the blocks that differ; see `FileSender`. */
const LARGE_BYTES = 4 * 1024 * 1024;
const ATTRIBUTES: ReadonlySet<string> = new Set(['mode', 'owner', 'extended attributes']);

/** Has what differs sent again, through the ordered queue like any change. Deletes only what the catalog says was sent. */
export class VerifyRepair {
  readonly #catalog: Catalog;
  readonly #queue: SourceQueue;
  readonly #options: VerifyOptions;
  /** A tree that is sent whole: what lies below it is part of that. */
  #tree: Place | null = null;

  constructor(catalog: Catalog, queue: SourceQueue, options: VerifyOptions) {
    this.#catalog = catalog;
    this.#queue = queue;
    this.#options = options;
  }

  /** Returns whether it will be put right. */
  repair({ place, source, target }: Pair, { what, properties, bytesOutOfSync }: VerifyDifference): boolean {
    if (this.#options.repair === 'none' || what === 'unreadable') return false;
    if (this.#options.repair === 'newer' && target !== null && (source === null || source.mtimeNs <= target.attributes.mtimeNs))
      return false;
    if (this.#tree !== null && this.#tree.root === place.root && isWithin(place.path, this.#tree.path)) return true;
    const row = this.#catalog.lookup(place);
    // What is only on the target and was never sent is not ours to delete.
    if (source === null && row === null) return false;
    const isOnlyAttributes =
      what === 'different' && properties.every((name) => ATTRIBUTES.has(name) || (name === 'modified' && bytesOutOfSync === 0));
    const isFolder = source?.kind === 'folder';
    if (row !== null && source !== null) {
      if (isOnlyAttributes || (isFolder && target?.kind === 'folder')) this.#catalog.doubt(row, 'attributes');
      else if (target?.kind === 'file' && source.kind === 'file' && source.size >= LARGE_BYTES) this.#forgetContent(row);
      else this.#forgetAll(row);
    }
    if (isFolder && target?.kind !== 'folder') this.#tree = place;
    this.#queue.examine(place, { content: true, deep: what !== 'different', isSettled: true }, Date.now());
    return true;
  }

  /** The target has a file there, of content unknown: blocks are compared before it is sent. */
  #forgetContent(row: CatalogRow): void {
    for (const name of this.#namesOf(row)) {
      const { linkTarget, sequence, epoch, extendedHash, flags } = name;
      const stat = { ...name, ctimeNs: 0n, allocatedBytes: name.size };
      this.#catalog.put(this.#catalog.placeOf(name), stat, { linkTarget, sequence, epoch, readAtMs: 0, extendedHash, flags });
    }
  }

  #forgetAll(row: CatalogRow): void {
    for (const name of this.#namesOf(row)) this.#catalog.doubtTree(name);
  }

  /** A file's other names have the same content on the target: none of them may serve as the good copy of another. */
  #namesOf(row: CatalogRow): readonly CatalogRow[] {
    return row.kind === 'file' && row.nlink > 1 ? this.#catalog.byIdentity({ ...row, allocatedBytes: 0 }) : [row];
  }
}
