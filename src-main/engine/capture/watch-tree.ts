import { invariant } from '../../base/index.ts';
import type { AbsolutePath, Place, RelativePath } from '../model/index.ts';
import type { RootAnchor } from './watch-roots.ts';

/** What a top node of the tree stands for, and where it is. */
export type Anchor = RootAnchor & { readonly path: AbsolutePath };

/** A watched folder. It knows its name and its parent, so that renaming a folder with a million below it changes one node. */
export interface WatchNode {
  name: string;
  /** Null at the top, and in a node that was dropped. */
  parent: WatchNode | null;
  readonly anchor: Anchor | null;
  wd: number;
  children: Map<string, WatchNode> | null;
  /** Something below is not watched: the rules leave it out, or it could not be opened. */
  isPartial: boolean;
  /** The next node with the same kernel watch: one folder can be seen at two places through a bind mount. */
  twin: WatchNode | null;
}

/** Which kernel watch stands for which folder. Pure bookkeeping: it asks neither the disk nor the kernel. */
export class WatchTree {
  readonly tops: WatchNode[] = [];
  readonly #byWatch = new Map<number, WatchNode>();

  get watches(): number {
    return this.#byWatch.size;
  }

  addTop(anchor: Anchor): WatchNode {
    const node = newNode('', null, anchor);
    this.tops.push(node);
    return node;
  }

  /** The first node with this kernel watch; others follow as `twin`. */
  byWatch(wd: number): WatchNode | undefined {
    return this.#byWatch.get(wd);
  }

  /** Says that the folder of `node` is the one with this kernel watch. */
  setWatch(node: WatchNode, wd: number): void {
    if (node.wd === wd) return;
    invariant(node.wd < 0, 'a node gives up its watch before it gets another');
    node.wd = wd;
    node.twin = this.#byWatch.get(wd) ?? null;
    this.#byWatch.set(wd, node);
  }

  /** The kernel ended this watch: its folders are deleted or unmounted. */
  forgetWatch(wd: number): void {
    for (let node = this.#byWatch.get(wd) ?? null; node !== null;) {
      const next = node.twin;
      node.wd = -1;
      node.twin = null;
      node = next;
    }
    this.#byWatch.delete(wd);
  }

  /** A node for the folder `name` in `parent`, which must have none. */
  addChild(parent: WatchNode, name: string): WatchNode {
    const node = newNode(name, parent, null);
    this.#attach(node, parent, name);
    return node;
  }

  /** The folder is now called `name` in `parent`; all below goes along. A node that was there must have been dropped before. */
  move(node: WatchNode, parent: WatchNode, name: string): void {
    invariant(node.anchor === null, 'a top node has no other place');
    node.parent?.children?.delete(node.name);
    this.#attach(node, parent, name);
    if (node.isPartial) this.markPartial(parent);
  }

  /** Takes the node and all below it out of the tree; returns the kernel watches that no node needs any more. */
  drop(node: WatchNode): number[] {
    const free: number[] = [];
    if (node.anchor !== null) this.tops.splice(this.tops.indexOf(node), 1);
    else node.parent?.children?.delete(node.name);
    node.parent = null;
    const rest = [node];
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      if (next.wd >= 0 && this.#release(next)) free.push(next.wd);
      next.wd = -1;
      if (next.children !== null) rest.push(...next.children.values());
    }
    return free;
  }

  /** Notes that something below `node` is not watched, up to the top. */
  markPartial(node: WatchNode): void {
    for (let next: WatchNode | null = node; next !== null && !next.isPartial; next = next.parent) next.isPartial = true;
  }

  isWithin(node: WatchNode, folder: WatchNode): boolean {
    for (let next: WatchNode | null = node; next !== null; next = next.parent) if (next === folder) return true;
    return false;
  }

  #attach(node: WatchNode, parent: WatchNode, name: string): void {
    parent.children ??= new Map();
    invariant(!parent.children.has(name), 'one folder per name');
    parent.children.set(name, node);
    node.parent = parent;
    node.name = name;
  }

  /** True when no other node shares the watch. */
  #release(node: WatchNode): boolean {
    const first = this.#byWatch.get(node.wd);
    if (first === node) {
      if (node.twin === null) {
        this.#byWatch.delete(node.wd);
        return true;
      }
      this.#byWatch.set(node.wd, node.twin);
    } else {
      let before: WatchNode | null | undefined = first;
      while (before && before.twin !== node) before = before.twin;
      if (before) before.twin = node.twin;
    }
    node.twin = null;
    return false;
  }
}

function newNode(name: string, parent: WatchNode | null, anchor: Anchor | null): WatchNode {
  return { name, parent, anchor, wd: -1, children: null, isPartial: false, twin: null };
}

/** Where a watched folder is, or where `name` in it is: on the disk, and in which root. */
export interface Location {
  readonly absolute: AbsolutePath;
  readonly place: Place;
}

/** The absolute path of a watched folder; null once it was dropped. */
export function absolutePath(node: WatchNode): AbsolutePath | null {
  let path = '';
  let next = node;
  while (next.anchor === null) {
    path = `/${next.name}${path}`;
    if (next.parent === null) return null;
    next = next.parent;
  }
  const top = next.anchor.path;
  return path === '' ? top : top === '/' ? path : top + path;
}

/** Where the entry `name` in a watched folder is ('' is the folder itself); null when it belongs to no root. */
export function locate(node: WatchNode, name: string): Location | null {
  let relative: RelativePath = name;
  let next = node;
  while (next.anchor === null) {
    relative = relative === '' ? next.name : `${next.name}/${relative}`;
    if (next.parent === null) return null;
    next = next.parent;
  }
  const { anchor } = next;
  if (anchor.kind === 'files') {
    const root = anchor.roots.get(relative);
    return root === undefined ? null : { absolute: joined(anchor.path, relative), place: { root, path: '' } };
  }
  return { absolute: joined(anchor.path, relative), place: { root: anchor.root, path: relative } };
}

function joined(folder: AbsolutePath, path: RelativePath): AbsolutePath {
  if (path === '') return folder;
  return folder === '/' ? `/${path}` : `${folder}/${path}`;
}
