import { STAGE_FOLDER, type Place } from '../model/index.ts';
import {
  IN_ATTRIB,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_IGNORED,
  IN_ISDIR,
  IN_MODIFY,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_Q_OVERFLOW,
  IN_UNMOUNT,
  type InotifyEvent,
} from './inotify-events.ts';
import type { NoticeBatch } from './notice-batch.ts';
import type { RootEvents, Selection } from './selection.ts';
import type { TreeKeeper } from './tree-keeper.ts';
import { locate, type Location, type WatchNode } from './watch-tree.ts';

type Handled = 'done' | 'overflow';

/** One end of a rename: the watched folder, the name in it, and where that is. */
interface End {
  readonly node: WatchNode;
  readonly name: string;
  readonly at: Location;
}

/** Makes notices of events, one after the other, and keeps the tree of watches up with them. */
export class EventInterpreter {
  readonly #keeper: TreeKeeper;
  readonly #selection: Selection;
  readonly #batch: NoticeBatch;
  readonly #roots: RootEvents;
  #isConfused = false;

  constructor(keeper: TreeKeeper, selection: Selection, batch: NoticeBatch, roots: RootEvents) {
    this.#keeper = keeper;
    this.#selection = selection;
    this.#batch = batch;
    this.#roots = roots;
  }

  /** `overflow`: the kernel lost events, or they make no sense; those after it were not handled. */
  handle(events: readonly InotifyEvent[]): Handled {
    const arrivals = arrivalsByCookie(events);
    const paired = new Set<number>();
    for (const event of events) {
      if ((event.mask & IN_Q_OVERFLOW) !== 0) return 'overflow';
      if (this.#keeper.isEnded(event)) continue;
      const first = this.#keeper.tree.byWatch(event.wd);
      if (first === undefined) continue;
      if ((event.mask & IN_MOVED_TO) !== 0 && paired.delete(event.cookie)) continue;
      if ((event.mask & IN_MOVED_FROM) !== 0 && first.twin === null) {
        const arrival = arrivals.get(event.cookie);
        if (arrival !== undefined && this.#renamed(first, event, arrival)) {
          if (this.#isConfused) return 'overflow';
          paired.add(event.cookie);
          continue;
        }
      }
      for (const node of withTwins(first)) this.#handleOne(node, event);
      if ((event.mask & IN_IGNORED) !== 0) this.#keeper.tree.forgetWatch(event.wd);
    }
    return 'done';
  }

  #handleOne(node: WatchNode, { name, mask }: InotifyEvent): void {
    if (name === '') {
      this.#onFolderItself(node, mask);
      return;
    }
    if (name === STAGE_FOLDER) return;
    const at = locate(node, name);
    if (at === null) return;
    if (node.anchor?.kind === 'files') {
      this.#onRootFile(at.place, mask);
      return;
    }
    const isFolder = (mask & IN_ISDIR) !== 0;
    if ((mask & (IN_CREATE | IN_MOVED_TO)) !== 0) this.#came({ node, name, at }, isFolder);
    else if ((mask & (IN_DELETE | IN_MOVED_FROM)) !== 0) this.#left({ node, name, at }, isFolder, (mask & IN_MOVED_FROM) !== 0);
    else this.#changed({ node, name, at }, mask, isFolder);
  }

  #onFolderItself(node: WatchNode, mask: number): void {
    // An unmount below a root takes away what is still meant to be there: that is for a person to judge, not a delete.
    const isLost = (mask & IN_UNMOUNT) !== 0 || (node.anchor !== null && (mask & (IN_DELETE_SELF | IN_MOVE_SELF)) !== 0);
    if (isLost) {
      const { anchor } = topOf(node);
      if (anchor?.kind === 'folder') this.#roots.folderRootLost(anchor.root);
      else if (anchor?.kind === 'files') for (const root of anchor.roots.values()) this.#roots.fileRootLost(root);
    } else if ((mask & IN_ATTRIB) !== 0) {
      const at = locate(node, '');
      if (at !== null && this.#selection.selects(at.absolute, true)) this.#batch.touched(at.place, false);
    }
  }

  #onRootFile(place: Place, mask: number): void {
    if ((mask & (IN_DELETE | IN_MOVED_FROM)) !== 0) {
      this.#roots.fileRootLost(place.root);
      return;
    }
    this.#roots.fileRootSeen(place.root);
    this.#batch.touched(place, (mask & ~(IN_ATTRIB | IN_ISDIR)) !== 0);
  }

  #changed({ node, name, at }: End, mask: number, isFolder: boolean): void {
    if (isFolder && node.children?.has(name) !== true && this.#selection.descends(at.absolute)) {
      // A folder that could not be opened may have become readable.
      const outcome = this.#keeper.whileOpen(node, (handle) => this.#keeper.watchChild(node, handle, name));
      if (outcome === 'new') this.#batch.add({ kind: 'appeared', place: at.place });
    }
    if (this.#selection.selects(at.absolute, isFolder)) {
      this.#batch.touched(at.place, (mask & (IN_MODIFY | IN_CLOSE_WRITE)) !== 0);
    }
  }

  #came({ node, name, at }: End, isFolder: boolean): void {
    if (!isFolder) {
      // A name that was a folder before is a file now; the folder's own end was told already, unless it went before we saw it.
      if (this.#selection.selects(at.absolute, false)) this.#batch.touched(at.place, true);
      else this.#batch.leftOut(this.#selection, at.place, at.absolute);
      return;
    }
    if (!this.#matters(at, true)) {
      this.#batch.leftOut(this.#selection, at.place, at.absolute);
      return;
    }
    if (this.#selection.descends(at.absolute) && this.#watchArrived(node, name) === 'known') {
      // Watched since a folder above it appeared: that notice covers what is in it.
      if (this.#selection.selects(at.absolute, true)) this.#batch.touched(at.place, false);
      return;
    }
    this.#batch.add({ kind: 'appeared', place: at.place });
  }

  #watchArrived(node: WatchNode, name: string): 'new' | 'known' | 'absent' | 'denied' | 'in-flux' {
    const outcome = this.#keeper.whileOpen(node, (handle) => this.#keeper.watchChild(node, handle, name));
    if (outcome !== null) return outcome;
    this.#keeper.tree.markPartial(node);
    return 'in-flux';
  }

  #left({ node, name, at }: End, isFolder: boolean, isMoved: boolean): void {
    if (isFolder) this.#keeper.dropChild(node, name);
    if (this.#matters(at, isFolder))
      this.#batch.add({ kind: 'gone', place: at.place, isFolder, ...(isMoved ? { isMoved } : {}) });
    else this.#batch.leftOut(this.#selection, at.place, at.absolute);
  }

  /** A folder outside the selection matters too when something below it may be selected: it goes and comes with what is in it. */
  #matters(at: Location, isFolder: boolean): boolean {
    return this.#selection.selects(at.absolute, isFolder) || (isFolder && this.#selection.descends(at.absolute));
  }

  /** Both halves of a rename. False when they must be taken as a departure and an arrival. */
  #renamed(fromNode: WatchNode, departure: InotifyEvent, arrival: InotifyEvent): boolean {
    const toNode = this.#keeper.tree.byWatch(arrival.wd);
    if (toNode?.twin !== null) return false;
    if (fromNode.anchor?.kind === 'files' || toNode.anchor?.kind === 'files') return false;
    if (departure.name === STAGE_FOLDER || arrival.name === STAGE_FOLDER) return false;
    const fromAt = locate(fromNode, departure.name);
    const toAt = locate(toNode, arrival.name);
    if (fromAt === null || toAt === null) return false;
    const isFolder = (departure.mask & IN_ISDIR) !== 0;
    if (!this.#matters(fromAt, isFolder) || !this.#matters(toAt, isFolder)) return false;
    const from: End = { node: fromNode, name: departure.name, at: fromAt };
    const to: End = { node: toNode, name: arrival.name, at: toAt };
    if (isFolder) this.#folderRenamed(from, to);
    else this.#batch.add({ kind: 'renamed', from: fromAt.place, to: toAt.place, isFolder });
    return true;
  }

  #folderRenamed(from: End, to: End): void {
    const moved = from.node.children?.get(from.name) ?? null;
    const found = this.#selection.descends(to.at.absolute)
      ? this.#keeper.whileOpen(to.node, (handle) => this.#follow(moved, from, to, handle))
      : this.#leave(moved);
    if (found === null) {
      // A folder above the new place moved on meanwhile; its own rename looks at everything below again.
      this.#place(moved, to);
      this.#keeper.tree.markPartial(to.node);
    }
    this.#batch.add({ kind: 'renamed', from: from.at.place, to: to.at.place, isFolder: true });
    if (found === 'compare' || found === 'compare-both') this.#batch.add({ kind: 'appeared', place: to.at.place });
    if (found === 'compare-both') this.#batch.add({ kind: 'appeared', place: from.at.place });
  }

  /** Brings the watches of a moved folder to its new place; says what the mover's data alone do not tell. */
  #follow(moved: WatchNode | null, from: End, to: End, toHandle: number): 'same' | 'compare' | 'compare-both' {
    const keeper = this.#keeper;
    const wd = keeper.watchOf(toHandle, to.name);
    if (moved !== null && wd === null) {
      // It moved on already; the next rename will find it here.
      this.#place(moved, to);
      return 'same';
    }
    if (moved?.wd === wd) {
      this.#place(moved, to);
      if (!moved.isPartial) return 'same';
      keeper.renewBelow(moved, toHandle);
      return 'compare';
    }
    // What is at the new place by now is not the folder that we know at the old one: watch what is there, at both.
    keeper.watchChild(to.node, toHandle, to.name);
    if (wd !== null) keeper.endIfUnused(wd);
    const atOld = keeper.whileOpen(from.node, (handle) => {
      const outcome = keeper.watchChild(from.node, handle, from.name);
      if (outcome === 'absent') keeper.dropChild(from.node, from.name);
      return outcome;
    });
    if (atOld === null) {
      keeper.dropChild(from.node, from.name);
      keeper.tree.markPartial(from.node);
    }
    return atOld === 'new' || atOld === 'known' ? 'compare-both' : 'compare';
  }

  /** The new place is not watched below. */
  #leave(moved: WatchNode | null): 'compare' {
    if (moved !== null) this.#keeper.drop(moved);
    return 'compare';
  }

  #place(moved: WatchNode | null, to: End): void {
    const present = to.node.children?.get(to.name);
    if (present !== undefined && present !== moved) this.#keeper.drop(present);
    if (moved === null || moved === present) return;
    // A folder inside itself: the tree and the events contradict each other. Nothing that we know is worth keeping.
    if (this.#keeper.tree.isWithin(to.node, moved)) this.#isConfused = true;
    else this.#keeper.tree.move(moved, to.node, to.name);
  }
}

function topOf(node: WatchNode): WatchNode {
  let top = node;
  while (top.parent !== null) top = top.parent;
  return top;
}

function withTwins(first: WatchNode): readonly WatchNode[] {
  const nodes = [first];
  for (let node = first.twin; node !== null; node = node.twin) nodes.push(node);
  return nodes;
}

function arrivalsByCookie(events: readonly InotifyEvent[]): Map<number, InotifyEvent> {
  const arrivals = new Map<number, InotifyEvent>();
  for (const event of events) if ((event.mask & IN_MOVED_TO) !== 0) arrivals.set(event.cookie, event);
  return arrivals;
}
