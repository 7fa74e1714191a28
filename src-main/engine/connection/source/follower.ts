import type { Catalog } from '../../catalog/index.ts';
import { isSameObject } from '../../catalog/index.ts';
import type { Place } from '../../model/index.ts';
import type { QueueItem } from '../../queue/index.ts';
import type { GatheredFiles } from './copies/gathered-files.ts';
import type { FolderTimes } from './folder-times.ts';
import type { HotFiles } from './hot-files.ts';
import type { MassChangeGuard } from './mass-change-guard.ts';
import type { Moves } from './moves.ts';
import type { Cause, Leaving, SourceTree } from './source-tree.ts';
import type { Strays } from './strays.ts';
import type { Transfers } from './transfers.ts';

export interface FollowerParts {
  readonly catalog: Catalog;
  readonly tree: SourceTree;
  readonly moves: Moves;
  readonly folderTimes: FolderTimes;
  readonly hotFiles: HotFiles;
  readonly gathered: GatheredFiles;
  readonly strays: Strays;
  readonly guard: MassChangeGuard;
  /** Compares a whole tree with the catalog and sends the difference, now. */
  readonly walkTree: (place: Place, cause: Cause) => Promise<void>;
  /** The entry could not be read, or sent, when it was looked at last. */
  readonly isRefused: (place: Place) => boolean;
  /** The target is to be told that nothing is at a place of which the catalog has nothing; asked once. */
  readonly isNowhere: (place: Place) => boolean;
  /** Something was told of a place where nothing is any more, and not yet why. */
  readonly missed: (place: Place) => void;
  /** It was told where the entry at a place, with all below it, went. */
  readonly explained: (from: Place) => void;
  /** A folder moved: a walk that is under way must also walk its new place. */
  readonly folderMoved: (to: Place) => void;
  readonly transfers: Pick<Transfers, 'moved' | 'gone'>;
}

/**
 * Follows what happened on the source, one item at a time and in order. The disk may be further on than the item: an entry that is not
 * there any more waits for the item that says where it went, so that the target makes the same moves without data.
 */
export class Follower {
  readonly #parts: FollowerParts;

  constructor(parts: FollowerParts) {
    this.#parts = parts;
  }

  async follow(item: QueueItem): Promise<void> {
    // Whatever comes of it on the target, the time stamp of the folder around it changed on the source.
    if (item.kind === 'renamed') {
      this.#parts.folderTimes.disturbed(item.from);
      this.#parts.folderTimes.disturbed(item.to);
    } else if (item.kind === 'gone') this.#parts.folderTimes.disturbed(item.place);
    if (this.#parts.gathered.gather(item)) return;
    const cause: Cause = { class: 'replication', noticedAtMs: item.noticedAtMs };
    switch (item.kind) {
      case 'examine':
        if (item.content && !item.isSettled && this.#parts.hotFiles.postpone(item.place)) return;
        await this.#examine(item.place, item, cause);
        return;
      case 'gone':
        await this.#lookAtPostponed(cause);
        await this.#gone(item.place, item.isMoved === true ? 'moved' : 'deleted', cause);
        this.#parts.explained(item.place);
        return;
      case 'renamed':
        await this.#lookAtPostponed(cause);
        await this.#renamed(item.from, item.to, item.isFolder, cause);
        this.#parts.explained(item.from);
        return;
    }
  }

  /** `why`: what is known of an entry that turns out to be missing. */
  async #examine(
    place: Place,
    how: { content: boolean; deep: boolean; isSettled: boolean; why?: Leaving },
    cause: Cause,
  ): Promise<void> {
    const { tree, catalog, strays } = this.#parts;
    // Asked at every look, so that an old move never explains a later deletion.
    const wasMoved = this.#parts.guard.takeMoved(place);
    if (strays.isAstray(place)) {
      this.#parts.missed(place);
      return; // what is there now is not what the notice was about
    }
    // Also where something is again: what becomes of that later is told by itself.
    const wasNowhere = how.isSettled && this.#parts.isNowhere(place);
    const look = how.isSettled ? 'at-rest' : how.content ? 'content-notice' : 'attributes-notice';
    // A folder that could not be read may be readable now; nothing told what lies in it.
    const wasRefused = this.#parts.isRefused(place);
    const startedAtMs = performance.now();
    const { stat, isNewFolder, sent } = await tree.look(place, look, cause);
    if (strays.isAstray(place)) {
      // It moved while it was looked at: what was sent may be of something else.
      const row = catalog.lookup(place);
      if (row !== null) catalog.doubt(row, 'nothing');
      this.#parts.missed(place);
      return;
    }
    if (stat === null) {
      if (how.isSettled) this.#parts.transfers.gone(place);
      else this.#parts.missed(place);
      this.#parts.folderTimes.disturbed(place);
      const row = catalog.lookup(place);
      if (row === null) {
        if (wasNowhere) tree.sendNothing(place, cause);
        return;
      }
      if (how.isSettled) await tree.removeTree(place, row, cause, how.why ?? (wasMoved ? 'moved' : 'deleted'));
      // Its own removal or move is on its way; a move must not take unsent content for sent.
      else if (row.kind === 'folder') strays.mark(row);
      else if (how.content) catalog.doubt(row, 'nothing');
      return;
    }
    if (stat === 'excluded') return;
    if (stat.kind === 'file' && sent === 'content') this.#parts.hotFiles.sent(place, stat, performance.now() - startedAtMs);
    if (stat.kind === 'folder' && (how.deep || isNewFolder || wasRefused)) await this.#parts.walkTree(place, cause);
  }

  async #gone(place: Place, why: Leaving, cause: Cause): Promise<void> {
    const { tree, catalog } = this.#parts;
    const row = catalog.lookup(place);
    this.#parts.transfers.gone(place);
    const stat = this.#parts.strays.isAstray(place) ? null : tree.see(place);
    if (stat === null) {
      const isHeld = row !== null && this.#parts.guard.hold(place, row, why === 'moved', cause.noticedAtMs);
      if (row !== null && !isHeld) await tree.removeTree(place, row, cause, why);
      return;
    }
    if (stat === 'excluded') {
      // A pipe or device took its place, of which the target gets nothing.
      if (row !== null) await tree.removeTree(place, row, cause, why);
      return;
    }
    // Something else came to the same place meanwhile; what the target has there is not it.
    if (row !== null && !isSameObject(row, stat)) catalog.doubtTree(row);
    await this.#examine(place, { content: true, deep: true, isSettled: false }, cause);
  }

  async #renamed(from: Place, to: Place, isFolder: boolean, cause: Cause): Promise<void> {
    const { tree, moves, catalog, strays, transfers } = this.#parts;
    transfers.moved(from, to);
    if (!(await moves.follow(from, to, cause))) {
      await this.#examine(from, { content: true, deep: true, isSettled: true, why: 'moved' }, cause);
      await this.#examine(to, { content: true, deep: true, isSettled: false }, cause);
      return;
    }
    if (isFolder) {
      this.#parts.folderMoved(to);
      this.#parts.guard.folderMoved(from, to);
    }
    const row = catalog.lookup(to);
    if (row === null || strays.isAstray(to)) return;
    const stat = tree.see(to);
    if (stat === null || stat === 'excluded') return; // it went on; the next item tells where
    const isSame = isSameObject(row, stat);
    const wasPassedOver = isSame && strays.take(row);
    if (tree.isCurrent(to, row, stat) && !wasPassedOver) {
      tree.note(to, row, stat);
      return;
    }
    if (!isSame) catalog.doubtTree(row);
    await this.#examine(
      to,
      { content: !isFolder || !isSame, deep: !isSame || wasPassedOver || row.trust === 'nothing', isSettled: false },
      cause,
    );
  }

  /** Postponed files are known by the names they had: they are sent before names change. */
  async #lookAtPostponed(cause: Cause): Promise<void> {
    for (const place of [...this.#parts.hotFiles.takeAll(), ...this.#parts.gathered.takeAll()])
      await this.#examine(place, { content: true, deep: false, isSettled: false }, cause);
  }
}
