import { STAGE_FOLDER, type AbsolutePath, type Place } from '../model/index.ts';
import {
  FAN_ATTRIB,
  FAN_CLOSE_WRITE,
  FAN_CREATE,
  FAN_DELETE,
  FAN_MODIFY,
  FAN_ONDIR,
  FAN_Q_OVERFLOW,
  FAN_RENAME,
  type FanotifyEvent,
  type ObjectKey,
} from './fanotify-events.ts';
import { joined, onDisk, type FolderNode, type HandleTree } from './handle-tree.ts';
import { MergedEvents, type End } from './merged-events.ts';
import type { NoticeBatch } from './notice-batch.ts';
import type { RootEvents, Selection } from './selection.ts';

/** A set of which notices are made. Several may be followed at once, also with the same folders. */
export interface InterpretedSet {
  readonly selection: Selection;
  readonly batch: NoticeBatch;
  readonly rootEvents: RootEvents;
  /** The content of a selected file changed, or may have; it is at `path`. */
  readonly onContent: (object: ObjectKey, path: AbsolutePath) => void;
}

/** What a number in the tree's anchors stands for; `root` is the index in the set. */
export interface InterpretedRoot {
  readonly set: InterpretedSet;
  readonly root: number;
  readonly path: AbsolutePath;
}

/** One place of an entry in a set. */
interface Spot {
  readonly set: InterpretedSet;
  readonly place: Place;
  readonly absolute: AbsolutePath;
  readonly isRootFile: boolean;
}

export interface InterpreterParts {
  readonly tree: HandleTree;
  /** By the number in the tree's anchors. */
  readonly roots: ReadonlyMap<number, InterpretedRoot>;
  /** Whether a folder, a file (or anything else) or nothing is there now. */
  readonly kindAt: (path: AbsolutePath) => 'folder' | 'file' | null;
  /** Nothing of the files in such a folder is of interest, as long as it is in no set. */
  readonly leaveOut: (folder: ObjectKey) => void;
  /** A folder may have come into a set, with all below it: what was left out is of interest now. */
  readonly leaveNothingOut: () => void;
}

/** A folder in no set is left out after so many events in it, and again if the kernel forgot that. */
const MOST_STRANGE_EVENTS = 32;

/** Makes notices of a file system's events: finds out where in which sets they happened, if at all, and keeps the tree up with them. */
export class FanotifyInterpreter {
  readonly #parts: InterpreterParts;
  readonly #merged = new MergedEvents();

  constructor(parts: InterpreterParts) {
    this.#parts = parts;
  }

  /** `overflow`: the kernel lost events; those after it were not handled. `isDrained`: nothing older waits in the kernel. */
  handle(events: readonly FanotifyEvent[], isDrained: boolean): 'done' | 'overflow' {
    for (const event of events) {
      if ((event.mask & FAN_Q_OVERFLOW) !== 0) return 'overflow';
      if ((event.mask & FAN_RENAME) !== 0) this.#renamed(event);
      else if (event.name === '.') this.#folderItself(event);
      else if (event.name !== '') this.#entry(event);
    }
    if (isDrained) this.#lookAtMerged();
    return 'done';
  }

  #folderItself({ folder, mask }: FanotifyEvent): void {
    if ((mask & FAN_ATTRIB) === 0) return;
    for (const { set, place, absolute, isRootFile } of this.#spots(this.#parts.tree.find(folder), ''))
      if (!isRootFile && set.selection.selects(absolute, true)) set.batch.touched(place, false);
  }

  #entry(event: FanotifyEvent): void {
    const { tree } = this.#parts;
    const { mask, name, object } = event;
    const isFolder = (mask & FAN_ONDIR) !== 0;
    const folder = tree.find(event.folder);
    if (folder !== null && !isFolder && tree.places(folder).length === 0) {
      if (++folder.strangeEvents % MOST_STRANGE_EVENTS === 0) this.#parts.leaveOut(folder.key);
      return;
    }
    if ((mask & FAN_DELETE) !== 0) {
      if (isFolder) this.#rootLost(object);
      const spots = this.#spots(folder, name);
      if (isFolder) tree.remove(object);
      if (folder !== null && spots.length > 0) this.#merged.deleted({ folder, name }, mask);
      for (const spot of spots) this.#left(spot, isFolder, false);
      return;
    }
    if (folder === null) return; // deleted since, or moved: then the move brings it as new
    const spots = this.#spots(folder, name);
    if ((mask & FAN_CREATE) !== 0) {
      if (isFolder) tree.put(object, folder, name);
      for (const spot of spots) this.#came(spot, isFolder, object);
      return;
    }
    const content = (mask & (FAN_MODIFY | FAN_CLOSE_WRITE)) !== 0;
    for (const spot of spots) {
      if (!spot.isRootFile && !spot.set.selection.selects(spot.absolute, isFolder)) continue;
      if (spot.isRootFile) this.#rootFileSeen(spot, content);
      else spot.set.batch.touched(spot.place, content);
      if (content) spot.set.onContent(object, spot.absolute);
    }
  }

  #renamed(event: FanotifyEvent): void {
    const { tree } = this.#parts;
    const isFolder = (event.mask & FAN_ONDIR) !== 0;
    const moved = isFolder ? tree.known(event.object) : undefined;
    const from = this.#end(event.folder, event.name);
    const to = this.#end(event.toFolder, event.toName);
    if (isFolder) this.#rootLost(event.object);
    const fromSpots = this.#mattering(this.#spots(from?.folder ?? null, event.name), isFolder);
    const isAhead = moved !== undefined && (moved.isLost || moved.parent !== from?.folder || moved.name !== event.name);
    const isHung = moved === undefined || this.#hang(moved, to);
    const toEverywhere = this.#spots(to?.folder ?? null, event.toName);
    // Before its notice, whose follower looks at all that happened up to then. Where it came from is not asked: of a folder above we may know
    // more than had happened when this did.
    if (isFolder && toEverywhere.length > 0) this.#parts.leaveNothingOut();
    const toSpots = this.#mattering(toEverywhere, isFolder);
    const isOfInterest = fromSpots.length > 0 || toSpots.length > 0;
    // A folder above may come into a set later; and a file may come back from a detour by a rename that was merged into the one that we know.
    if (isOfInterest || isFolder || this.#merged.knows(event.object)) this.#merged.renamed(event.object, isFolder, from, to);
    if (!isOfInterest) return;
    for (const set of new Set([...fromSpots, ...toSpots].map((spot) => spot.set))) {
      const ofSet = (spot: Spot): boolean => spot.set === set;
      const { object } = event;
      this.#renamedIn(set, fromSpots.filter(ofSet), toSpots.filter(ofSet), { object, isFolder, isSure: !isAhead && isHung });
    }
  }

  /** `isSure`: notices of what is in the folder were given under the name that it had then. */
  #renamedIn(
    { batch, onContent }: InterpretedSet,
    fromSpots: readonly Spot[],
    toSpots: readonly Spot[],
    { object, isFolder, isSure }: { readonly object: ObjectKey; readonly isFolder: boolean; readonly isSure: boolean },
  ): void {
    const [source, target] = [fromSpots[0], toSpots[0]];
    if (
      source === undefined ||
      target === undefined ||
      fromSpots.length > 1 ||
      toSpots.length > 1 ||
      source.isRootFile ||
      target.isRootFile
    ) {
      for (const spot of fromSpots) this.#left(spot, isFolder, true);
      for (const spot of toSpots) this.#came(spot, isFolder, object);
      return;
    }
    batch.add({ kind: 'renamed', from: source.place, to: target.place, isFolder });
    if (!isFolder) onContent(object, target.absolute);
    // Told under a place that it had not yet, or had parts that are not known there: then the move alone does not tell everything.
    if (isFolder && (!isSure || !this.#isWhole(source) || !this.#isWhole(target)))
      batch.add({ kind: 'appeared', place: target.place });
  }

  #hang(moved: FolderNode, to: End | null): boolean {
    if (to !== null) return this.#parts.tree.move(moved, to.folder, to.name);
    this.#parts.tree.lose(moved);
    return false;
  }

  #isWhole({ set, absolute }: Spot): boolean {
    return set.selection.selectsAllBelow(absolute);
  }

  #left(spot: Spot, isFolder: boolean, isMoved: boolean): void {
    if (spot.isRootFile) spot.set.rootEvents.fileRootLost(spot.place.root);
    else if (this.#matters(spot, isFolder))
      spot.set.batch.add({ kind: 'gone', place: spot.place, isFolder, ...(isMoved ? { isMoved } : {}) });
    else leftOut(spot);
  }

  /** Whoever follows the notice looks at the content, of which what was noted may have been told under another name, or not at all. */
  #came(spot: Spot, isFolder: boolean, object: ObjectKey | null): void {
    if (!isFolder && object !== null) spot.set.onContent(object, spot.absolute);
    if (spot.isRootFile) this.#rootFileSeen(spot, true);
    else if (!this.#matters(spot, isFolder)) leftOut(spot);
    else if (isFolder) spot.set.batch.add({ kind: 'appeared', place: spot.place });
    else spot.set.batch.touched(spot.place, true);
  }

  #rootFileSeen({ set, place }: Spot, content: boolean): void {
    set.rootEvents.fileRootSeen(place.root);
    set.batch.touched(place, content);
  }

  #rootLost(object: ObjectKey): void {
    for (const anchor of this.#parts.tree.known(object)?.anchors ?? []) {
      const at = anchor.kind === 'folder' ? this.#parts.roots.get(anchor.root) : undefined;
      at?.set.rootEvents.folderRootLost(at.root);
    }
  }

  /** A folder outside the selection matters too when something below it may be selected: it goes and comes with what is in it. */
  #matters({ set: { selection }, absolute, isRootFile }: Spot, isFolder: boolean): boolean {
    return isRootFile || selection.selects(absolute, isFolder) || (isFolder && selection.descends(absolute));
  }

  /** One end of a rename; where it is left out only its folder is told of. */
  #mattering(spots: readonly Spot[], isFolder: boolean): Spot[] {
    return spots.filter((spot) => {
      const matters = this.#matters(spot, isFolder);
      if (!matters) leftOut(spot);
      return matters;
    });
  }

  #end(key: ObjectKey, name: string): End | null {
    const folder = this.#parts.tree.find(key);
    return folder === null ? null : { folder, name };
  }

  /** Everywhere that the entry is in a set; `name` '' is the folder itself. */
  #spots(folder: FolderNode | null, name: string): Spot[] {
    if (folder === null || name === STAGE_FOLDER) return [];
    const spots: Spot[] = [];
    for (const at of this.#parts.tree.places(folder)) {
      const number = at.kind === 'folder' ? at.root : at.roots.get(name);
      const anchored = number === undefined ? undefined : this.#parts.roots.get(number);
      if (anchored === undefined) continue;
      const path = at.kind === 'folder' ? joined(at.path, name) : '';
      const { set, root } = anchored;
      spots.push({ set, place: { root, path }, absolute: onDisk(anchored.path, path), isRootFile: at.kind === 'files' });
    }
    return spots;
  }

  /** The kernel merges equal events, the later into the earlier: where that can hide the last word, the disk has it. */
  #lookAtMerged(): void {
    for (const { object, isFolder, ends, isGoneTold } of this.#merged.take()) {
      if (isFolder && object !== null) {
        const node = this.#parts.tree.known(object);
        if (node !== undefined) this.#parts.tree.lose(node);
      }
      const absent: Spot[] = [];
      for (const { folder, name } of ends) {
        for (const spot of this.#spots(folder, name)) {
          const kind = this.#parts.kindAt(spot.absolute);
          // What was said in the wrong order may have had it outside meanwhile, it or a folder below.
          if (kind === 'folder') this.#parts.leaveNothingOut();
          if (kind !== null) this.#came(spot, kind === 'folder', object);
          else if (!isGoneTold) absent.push(spot);
        }
      }
      for (const spot of absent) this.#left(spot, true, false);
    }
  }
}

function leftOut({ set, place, absolute }: Spot): void {
  set.batch.leftOut(set.selection, place, absolute);
}
