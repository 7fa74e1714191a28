import type { Soon } from '../../../base/index.ts';
import type { Catalog, CatalogRow } from '../../catalog/index.ts';
import { isSameObject } from '../../catalog/index.ts';
import { statEntry } from '../../fs/index.ts';
import type { EntryStat, Place } from '../../model/index.ts';
import type { NewOp, Outbox } from '../../transmit/index.ts';
import type { FolderTimes } from './folder-times.ts';
import type { NotCarriedList } from './not-carried.ts';
import type { Roots } from './roots.ts';
import type { Cause, SourceTree } from './source-tree.ts';

export interface MovesParts {
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly roots: Roots;
  readonly tree: SourceTree;
  readonly notCarried: NotCarriedList;
  readonly folderTimes: FolderTimes;
}

/** Entries that got another name on the source get it on the target too, with all below them and without their data. */
export class Moves {
  readonly #parts: MovesParts;

  constructor(parts: MovesParts) {
    this.#parts = parts;
  }

  /**
   * Follows a move that is known or likely: the target's copy of `from` goes to `to` without data. Returns false when it cannot be
   * followed; both places are then to be examined.
   */
  async follow(from: Place, to: Place, cause: Cause): Promise<boolean> {
    const { catalog, folderTimes, outbox, tree } = this.#parts;
    const row = catalog.lookup(from);
    // What may not be there cannot be moved: it is sent at its new place instead.
    if (row === null || row.trust === 'nothing' || from.path === '' || to.path === '') return false;
    // Roots may lie on different volumes of the target, where a tree cannot be renamed from one to the other.
    if (from.root !== to.root && row.kind === 'folder') return false;
    // The object could be found again only below itself: not a move.
    if (to.root === from.root && to.path.startsWith(`${from.path}/`)) return false;
    // Time stamps that wait are known by the old names.
    if (row.kind === 'folder') tree.sendFolderTimes(folderTimes.takeAll());
    if (!(await tree.ensureParents(to, cause))) return false;
    const present = catalog.lookup(to);
    if (present !== null) {
      // It was found there before its move was told, and the target has it there already: it must not be taken for what was in the way.
      if (this.#isOnDisk(present, to)) return false;
      // Only a file may be replaced by a rename in one step; a folder has to be emptied before.
      if (present.kind === 'folder' || row.kind === 'folder') await tree.removeTree(to, present, cause, 'replaced');
      else catalog.remove(present, outbox.nextSequence);
    }
    const moved = catalog.lookup(from);
    if (moved === null) return false;
    const op: NewOp = { kind: 'rename', ...to, fromRoot: from.root, from: from.path };
    const sequence = outbox.push(op, { bytes: 0, class: cause.class, noticedAtMs: cause.noticedAtMs });
    catalog.rename(moved, to, sequence);
    if (moved.kind === 'folder') this.#parts.notCarried.moved(this.#parts.roots.absolute(from), this.#parts.roots.absolute(to));
    folderTimes.disturbed(from);
    folderTimes.disturbed(to);
    return true;
  }

  /** After a move, or at rest: an entry that is new here may be one that the target has under a name that is gone. */
  followIfMoved(place: Place, stat: EntryStat, cause: Cause): Soon<boolean> {
    const { catalog } = this.#parts;
    for (const row of catalog.byIdentity(stat)) {
      if (row.trust === 'nothing') continue;
      const from = catalog.placeOf(row);
      if (this.#isOnDisk(row, from)) continue;
      return this.follow(from, place, cause);
    }
    return false;
  }

  #isOnDisk(row: CatalogRow, place: Place): boolean {
    const there = statEntry(this.#parts.roots.absolute(place));
    return there !== null && isSameObject(row, there);
  }
}
