import { STAGE_FOLDER, type AbsolutePath, type RelativePath } from '../model/index.ts';
import type { ObjectKey } from './fanotify-events.ts';

/** Where a folder hangs in its file system at the moment; `parent` is null at the top of what can be seen. */
export interface Hanging {
  readonly parent: ObjectKey | null;
  readonly name: string;
}

/**
 * What a folder stands for in a set: a root or a volume mounted below one, or the folder around roots that are files. Roots are numbers that
 * their owner gives.
 */
export type Anchor =
  | { readonly kind: 'folder'; readonly root: number; readonly path: RelativePath }
  | { readonly kind: 'files'; readonly roots: Map<string, number> };

/** A folder that events spoke of. It knows its folder, not its path, so that renaming a tree changes one node. */
export interface FolderNode {
  readonly key: ObjectKey;
  parent: FolderNode | null;
  name: string;
  anchors: readonly Anchor[];
  /** Where it hangs is not known any more; it is asked for when next needed. */
  isLost: boolean;
  places: readonly FolderPlace[];
  placesOf: number;
  /** How much happened to files in it while it was in no set. */
  strangeEvents: number;
}

/** Where a folder is in the set. */
export type FolderPlace =
  | { readonly kind: 'folder'; readonly root: number; readonly path: RelativePath }
  | { readonly kind: 'files'; readonly roots: ReadonlyMap<string, number> };

/**
 * Folders by handle. What events tell of folders is kept; a folder that none told of yet is looked up, which says where it is now: that
 * may be ahead of the events. A later rename then starts somewhere else than the node hangs, and whoever handles it must compare.
 */
export class HandleTree {
  readonly #lookUp: (key: ObjectKey) => Hanging | null;
  readonly #nodes = new Map<ObjectKey, FolderNode>();
  readonly #anchored = new Set<FolderNode>();
  /** Places are remembered until any folder moves. */
  #moves = 1;

  constructor(lookUp: (key: ObjectKey) => Hanging | null) {
    this.#lookUp = lookUp;
  }

  get size(): number {
    return this.#nodes.size;
  }

  anchor(key: ObjectKey, anchor: Anchor): void {
    const node = this.#nodes.get(key) ?? this.#add(key, null, '', true);
    node.anchors = [...node.anchors, anchor];
    this.#anchored.add(node);
    this.#moves++;
  }

  /** Takes away the anchors for which `isOver`. */
  unanchor(isOver: (anchor: Anchor) => boolean): void {
    for (const node of [...this.#anchored]) {
      node.anchors = node.anchors.filter((anchor) => !isOver(anchor));
      if (node.anchors.length > 0) continue;
      this.#anchored.delete(node);
      // A folder like others from now on: where it hangs was of no interest before.
      this.lose(node);
    }
    this.#moves++;
  }

  /** The folder if something told of it; it may be out of date only where `isLost`. */
  known(key: ObjectKey): FolderNode | undefined {
    return this.#nodes.get(key);
  }

  /** The folder, looked up if need be; null when it is not there any more. */
  find(key: ObjectKey): FolderNode | null {
    const known = this.#nodes.get(key);
    if (known !== undefined && (!known.isLost || known.anchors.length > 0 || this.#rehang(known))) return known;
    if (known !== undefined) return null;
    const below: { key: ObjectKey; name: string }[] = [];
    let next: ObjectKey | null = key;
    let node: FolderNode | null = null;
    while (next !== null) {
      node = this.#nodes.get(next) ?? null;
      if (node !== null) break;
      const hanging: Hanging | null = below.some((seen) => seen.key === next) ? null : this.#lookUp(next);
      if (hanging === null) return null;
      below.push({ key: next, name: hanging.name });
      next = hanging.parent;
    }
    for (const { key: found, name } of below.reverse()) node = this.#add(found, node, name, false);
    return node;
  }

  /** A folder came into being, or an event says that it hangs here. */
  put(key: ObjectKey, parent: FolderNode, name: string): void {
    const known = this.#nodes.get(key);
    if (known === undefined) this.#add(key, parent, name, false);
    else this.move(known, parent, name);
  }

  /** False when that cannot be: what was looked up ahead of the events contradicts them, and the folder is lost for now. */
  move(node: FolderNode, parent: FolderNode, name: string): boolean {
    if (isWithin(parent, node)) {
      this.lose(node);
      return false;
    }
    node.parent = parent;
    node.name = name;
    node.isLost = false;
    this.#moves++;
    return true;
  }

  /** Nothing is known any more of where the folder hangs. */
  lose(node: FolderNode): void {
    node.isLost = true;
    node.parent = null;
    this.#moves++;
  }

  remove(key: ObjectKey): void {
    const node = this.#nodes.get(key);
    if (node === undefined || node.anchors.length > 0) return;
    this.#nodes.delete(key);
    this.lose(node);
  }

  /** Forgets all but what is anchored. Only while no event waits: what is looked up then is ahead of nothing. */
  forget(): void {
    this.#nodes.clear();
    for (const node of this.#anchored) {
      this.#nodes.set(node.key, node);
      this.lose(node);
    }
  }

  /** Everywhere that the folder is in the set; none for folders outside. */
  places(node: FolderNode): readonly FolderPlace[] {
    if (node.placesOf === this.#moves) return node.places;
    const places: FolderPlace[] = [];
    let below = '';
    let isStage = false;
    for (let next: FolderNode | null = node; next !== null; next = next.parent) {
      // What is anchored may hang below another anchor: a folder of the set that is mounted at another place of it.
      if (next.isLost && !this.#rehang(next) && next.anchors.length > 0) next.isLost = false;
      for (const anchor of next.anchors) {
        if (anchor.kind === 'folder') {
          if (!isStage) places.push({ kind: 'folder', root: anchor.root, path: joined(anchor.path, below) });
        } else if (next === node) places.push(anchor);
      }
      isStage ||= next.name === STAGE_FOLDER;
      below = below === '' ? next.name : `${next.name}/${below}`;
    }
    node.places = places;
    node.placesOf = this.#moves;
    return places;
  }

  #rehang(node: FolderNode): boolean {
    const hanging = this.#lookUp(node.key);
    if (hanging === null) return false;
    const parent = hanging.parent === null ? null : this.find(hanging.parent);
    if (parent !== null && isWithin(parent, node)) return false;
    node.parent = parent;
    node.name = hanging.name;
    node.isLost = false;
    this.#moves++;
    return true;
  }

  #add(key: ObjectKey, parent: FolderNode | null, name: string, isLost: boolean): FolderNode {
    const node: FolderNode = { key, parent, name, anchors: [], isLost, places: [], placesOf: 0, strangeEvents: 0 };
    this.#nodes.set(key, node);
    return node;
  }
}

/** The path of an entry of a folder in the set. */
export function joined(folder: RelativePath, name: string): RelativePath {
  if (folder === '') return name;
  return name === '' ? folder : `${folder}/${name}`;
}

/** The same on the disk. */
export function onDisk(root: AbsolutePath, path: RelativePath): AbsolutePath {
  if (path === '') return root;
  return root === '/' ? `/${path}` : `${root}/${path}`;
}

function isWithin(node: FolderNode, folder: FolderNode): boolean {
  for (let next: FolderNode | null = node; next !== null; next = next.parent) if (next === folder) return true;
  return false;
}
