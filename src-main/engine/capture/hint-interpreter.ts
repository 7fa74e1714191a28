import { statEntry } from '../fs/index.ts';
import { childPath, STAGE_FOLDER, type AbsolutePath, type EntryStat, type Place } from '../model/index.ts';
import { identityAt, type HintFolder, type HintTree } from './hint-tree.ts';
import type { NoticeBatch } from './notice-batch.ts';
import type { RootEvents, Selection } from './selection.ts';
import type { Hint } from './watch-thread.ts';

/** One name in a watched folder, as it is found now. */
interface Spot {
  readonly folder: HintFolder;
  readonly name: string;
  readonly place: Place;
  readonly absolute: AbsolutePath;
  readonly stat: EntryStat | null;
  /** The folder that was known there. */
  readonly known: HintFolder | undefined;
}

/**
 * Makes notices of hints. A hint says only that something is different at a name; what, the disk says. What arrived is told before what
 * went, so that whoever knows entries by their identity finds a moved one at its new place while the old one is still known.
 */
export class HintInterpreter {
  readonly #tree: HintTree;
  readonly #selection: Selection;
  readonly #batch: NoticeBatch;
  readonly #roots: RootEvents;

  constructor(tree: HintTree, selection: Selection, batch: NoticeBatch, roots: RootEvents) {
    this.#tree = tree;
    this.#selection = selection;
    this.#batch = batch;
    this.#roots = roots;
  }

  handle(hints: readonly Hint[]): void {
    this.#tree.round(() => this.#handle(hints));
  }

  #handle(hints: readonly Hint[]): void {
    const seen = new Set<string>();
    const departed: Spot[] = [];
    for (const { id, name } of hints) {
      const key = `${id}/${name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const folder = this.#tree.byId(id);
      if (folder === undefined || name === STAGE_FOLDER) continue;
      if (folder.parent === null && !this.#isTopHere(folder)) continue;
      const spot = this.#look(folder, name);
      if (spot === null) continue;
      if (folder.anchor?.kind === 'files') this.#rootFile(spot);
      else if (spot.stat?.kind === 'folder') this.#folder(spot);
      else if (spot.stat === null) departed.push(spot);
      else this.#entry(spot);
    }
    for (const spot of departed) this.#gone(spot);
    for (const top of this.#tree.takeAway()) this.#lose(top);
  }

  /** A folder that is no longer at its place says so under its own name, or not at all. */
  #isTopHere(top: HintFolder): boolean {
    if (this.#tree.isHere(top)) return true;
    this.#lose(top);
    return false;
  }

  #lose(top: HintFolder): void {
    const { anchor } = top;
    this.#tree.drop(top);
    if (anchor?.kind === 'folder') this.#roots.folderRootLost(anchor.root);
    else if (anchor?.kind === 'files') for (const root of anchor.roots.values()) this.#roots.fileRootLost(root);
  }

  #look(folder: HintFolder, name: string): Spot | null {
    const at = this.#tree.isHere(folder) ? this.#tree.pathOf(folder) : null;
    if (at === null) return this.#away(folder);
    const { anchor } = at.top;
    const absolute = at.absolute === '/' ? `/${name}` : `${at.absolute}/${name}`;
    const root = anchor?.kind === 'folder' ? anchor.root : anchor?.roots.get(name);
    if (root === undefined) return null;
    const path = anchor?.kind === 'folder' ? childPath(at.relative, name) : '';
    const stat = statEntry(absolute);
    if (stat === null && !this.#tree.isHere(folder)) return this.#away(folder);
    return { folder, name, place: { root, path }, absolute, stat, known: folder.children.get(name) };
  }

  /**
   * It has moved. Below the root the hint about that, or about its return, looks at all below it; no hint tells of a folder above the root
   * that moved, and may be back in a moment: the root is lost then.
   */
  #away(folder: HintFolder): null {
    const top = this.#tree.pathOf(folder)?.top;
    if (top !== undefined && this.#isTopHere(top)) this.#tree.doubt(folder);
    return null;
  }

  #rootFile({ place, stat }: Spot): void {
    if (stat === null) this.#roots.fileRootLost(place.root);
    else {
      this.#roots.fileRootSeen(place.root);
      this.#batch.touched(place, true);
    }
  }

  #folder({ folder, name, place, absolute, known }: Spot): void {
    const identity = identityAt(absolute);
    if (identity === null) return; // it went between two looks, which is hinted at
    const isBack = known?.identity === identity;
    if (isBack && known.doubts === 0) {
      if (this.#selection.selects(absolute, true)) this.#batch.touched(place, false);
      return;
    }
    const descends = this.#selection.descends(absolute);
    const moved = descends && !isBack ? this.#movedFrom(folder, identity) : null;
    const from = moved === null ? null : this.#placeOf(moved);
    if (known !== undefined && !(isBack && descends)) this.#tree.drop(known);
    if (moved !== null && from !== null) {
      this.#tree.drop(moved);
      this.#batch.add({ kind: 'renamed', from, to: place, isFolder: true });
    }
    if (descends) this.#tree.add(folder, name, identity);
    if (descends || this.#selection.selects(absolute, true)) this.#batch.add({ kind: 'appeared', place });
    else this.#batch.leftOut(this.#selection, place, absolute);
  }

  /** The folder that is known elsewhere and is not there any more. */
  #movedFrom(to: HintFolder, identity: string): HintFolder | null {
    const known = this.#tree.byIdentity(identity);
    if (known?.parent == null || this.#tree.isWithin(to, known) || this.#tree.isHere(known)) return null;
    return known;
  }

  #placeOf(folder: HintFolder): Place | null {
    const at = this.#tree.pathOf(folder);
    return at?.top.anchor?.kind === 'folder' ? { root: at.top.anchor.root, path: at.relative } : null;
  }

  #entry({ place, absolute, known }: Spot): void {
    if (known !== undefined) {
      this.#tree.drop(known);
      this.#batch.add({ kind: 'gone', place, isFolder: true });
    }
    if (this.#selection.selects(absolute, false)) this.#batch.touched(place, true);
    else this.#batch.leftOut(this.#selection, place, absolute);
  }

  #gone({ folder, name, place, absolute }: Spot): void {
    // What arrived elsewhere may have taken it along.
    const known = folder.children.get(name);
    const isFolder = known !== undefined;
    if (isFolder) this.#tree.drop(known);
    const matters = this.#selection.selects(absolute, isFolder) || (isFolder && this.#selection.descends(absolute));
    if (matters) this.#batch.add({ kind: 'gone', place, isFolder });
    else this.#batch.leftOut(this.#selection, place, absolute);
  }
}
