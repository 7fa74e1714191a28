import type { AbsolutePath } from '../model/index.ts';
import type { FolderHandle, FolderWatcher } from './folder-watcher.ts';
import { IN_IGNORED, type InotifyEvent } from './inotify-events.ts';
import { absolutePath, locate, WatchTree, type WatchNode } from './watch-tree.ts';

/**
 * Keeps the tree of watches equal to the disk. Events lag behind the disk, so a path that an event leads to may by now be another
 * folder. Therefore nothing is concluded from a path: a folder is opened, its watch number tells which folder that is, and all that
 * is read below is read through the open folder. Where the path no longer leads to the folder that the tree means, a rename of a
 * folder above is still on its way; the place is marked partial, and that rename looks at everything below again.
 */
export class TreeKeeper {
  readonly tree = new WatchTree();
  readonly #watcher: FolderWatcher;
  readonly #descends: (folder: AbsolutePath) => boolean;
  /** Watches that we ended; what the kernel still tells of them is about places that are no longer ours. */
  readonly #ended = new Set<number>();

  constructor(watcher: FolderWatcher, descends: (folder: AbsolutePath) => boolean) {
    this.#watcher = watcher;
    this.#descends = descends;
  }

  /** True for events of a watch that was ended; the kernel's own last word about it closes the matter. */
  isEnded(event: InotifyEvent): boolean {
    if (!this.#ended.has(event.wd)) return false;
    if ((event.mask & IN_IGNORED) !== 0) this.#ended.delete(event.wd);
    return true;
  }

  /** Watches a top folder and, if `isDeep`, all below. */
  watchTop(node: WatchNode, isDeep: boolean): 'watched' | 'absent' | 'denied' {
    const path = absolutePath(node) ?? '';
    const handle = this.#watcher.open(path);
    if (typeof handle === 'string') return handle;
    try {
      this.tree.setWatch(node, this.#watcher.watch(handle));
      if (isDeep) this.#sync(node, handle, path, false);
      return 'watched';
    } finally {
      this.#watcher.close(handle);
    }
  }

  /** Runs `use` with the folder open if its path still leads to it; else returns null. */
  whileOpen<T>(node: WatchNode, use: (handle: FolderHandle) => T): T | null {
    const path = absolutePath(node);
    if (path === null || node.wd < 0) return null;
    const handle = this.#watcher.open(path);
    if (typeof handle === 'string') return null;
    try {
      const wd = this.#watcher.watch(handle);
      if (wd === node.wd) return use(handle);
      this.endIfUnused(wd);
      return null;
    } finally {
      this.#watcher.close(handle);
    }
  }

  /**
   * Makes sure that the folder `name` in the open folder `parent` is watched with all below it. `known`: it was already, without a gap.
   * When nothing is there the tree is left as it is: whatever made it vanish tells so itself.
   */
  watchChild(parent: WatchNode, parentHandle: FolderHandle, name: string): 'new' | 'known' | 'absent' | 'denied' {
    return this.#child(parent, parentHandle, name, locate(parent, name)?.absolute ?? '', false);
  }

  /** Which watch the folder `name` in the open folder has; null when there is no such folder. Watches it if it was not. */
  watchOf(parentHandle: FolderHandle, name: string): number | null {
    const handle = this.#watcher.openChild(parentHandle, name);
    if (typeof handle === 'string') return null;
    try {
      return this.#watcher.watch(handle);
    } finally {
      this.#watcher.close(handle);
    }
  }

  /** Looks at everything below a watched folder again: what the rules leave out depends on where it is. */
  renewBelow(node: WatchNode, parentHandle: FolderHandle): void {
    const { parent } = node;
    if (parent !== null) this.#child(parent, parentHandle, node.name, absolutePath(node) ?? '', true);
  }

  /** The folder and all below it are no longer watched. */
  drop(node: WatchNode): void {
    for (const wd of this.tree.drop(node)) if (this.#watcher.unwatch(wd)) this.#ended.add(wd);
  }

  dropChild(parent: WatchNode, name: string): void {
    const child = parent.children?.get(name);
    if (child !== undefined) this.drop(child);
  }

  /** Ends a watch that looking at a folder made, when no node stands for it. */
  endIfUnused(wd: number): void {
    if (this.tree.byWatch(wd) === undefined && this.#watcher.unwatch(wd)) this.#ended.add(wd);
  }

  #child(parent: WatchNode, parentHandle: FolderHandle, name: string, path: AbsolutePath, isDeep: boolean) {
    const handle = this.#watcher.openChild(parentHandle, name);
    if (typeof handle === 'string') {
      if (handle === 'denied') this.tree.markPartial(parent);
      return handle;
    }
    try {
      const wd = this.#watcher.watch(handle);
      const present = parent.children?.get(name);
      if (present?.wd === wd) {
        if (isDeep) this.#sync(present, handle, path, true);
        return 'known';
      }
      if (present !== undefined) this.drop(present);
      this.#sync(this.#settle(parent, name, wd), handle, path, isDeep);
      return 'new';
    } finally {
      this.#watcher.close(handle);
    }
  }

  /** The node for a folder found at a place: the one that the tree has elsewhere, if the folder moved; else a new one. */
  #settle(parent: WatchNode, name: string, wd: number): WatchNode {
    for (let node = this.tree.byWatch(wd) ?? null; node !== null; node = node.twin) {
      if (node.anchor !== null || this.tree.isWithin(parent, node)) continue;
      if (this.whileOpen(node, () => true) === true) continue;
      this.tree.move(node, parent, name);
      return node;
    }
    const node = this.tree.addChild(parent, name);
    this.tree.setWatch(node, wd);
    return node;
  }

  /** Watches what is below an open, watched folder. The watch came before the listing: what comes later than both tells of itself. */
  #sync(node: WatchNode, handle: FolderHandle, path: AbsolutePath, isDeep: boolean): void {
    const names = this.#childFolders(handle);
    if (names === null) {
      this.tree.markPartial(node);
      return;
    }
    node.isPartial = false;
    if (node.children !== null && node.children.size > 0) {
      const there = new Set(names);
      for (const child of [...node.children.values()]) if (!there.has(child.name)) this.drop(child);
    }
    for (const name of names) {
      const childAbsolute = path === '/' ? `/${name}` : `${path}/${name}`;
      if (!this.#descends(childAbsolute)) {
        this.dropChild(node, name);
        this.tree.markPartial(node);
        continue;
      }
      const outcome = this.#child(node, handle, name, childAbsolute, isDeep);
      if (outcome === 'absent' || outcome === 'denied') this.dropChild(node, name);
      else if (node.children?.get(name)?.isPartial === true) this.tree.markPartial(node);
    }
  }

  /** Null when the folder cannot be listed; whoever reads the tree after us meets the same trouble and reports it. */
  #childFolders(handle: FolderHandle): string[] | null {
    try {
      return this.#watcher.childFolders(handle);
    } catch {
      return null;
    }
  }
}
