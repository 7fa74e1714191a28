import { invariant, ReplicationError } from '../../base/index.ts';
import { folderIdentity } from '../fs/index.ts';
import type { AbsolutePath, RelativePath } from '../model/index.ts';
import { childFolders } from './child-folders.ts';
import type { RootAnchor } from './watch-roots.ts';
import type { HintSource } from './watch-thread.ts';

/** A folder that is watched. `identity` tells it from another that comes to its place. */
export interface HintFolder {
  readonly id: number;
  readonly anchor: RootAnchor | null;
  readonly identity: string;
  name: string;
  parent: HintFolder | null;
  readonly children: Map<string, HintFolder>;
}

/** The folders that are watched, each once, with the place where it hung when it was looked at last. */
export class HintTree {
  readonly #source: HintSource;
  readonly #descends: (folder: AbsolutePath) => boolean;
  readonly #byId = new Map<number, HintFolder>();
  readonly #byIdentity = new Map<string, HintFolder>();
  readonly #topPaths = new Map<number, AbsolutePath>();
  #nextId = 1;

  constructor(source: HintSource, descends: (folder: AbsolutePath) => boolean) {
    this.#source = source;
    this.#descends = descends;
  }

  get size(): number {
    return this.#byId.size;
  }

  byId(id: number): HintFolder | undefined {
    return this.#byId.get(id);
  }

  byIdentity(identity: string): HintFolder | undefined {
    return this.#byIdentity.get(identity);
  }

  tops(): readonly HintFolder[] {
    return [...this.#topPaths.keys()].flatMap((id) => this.#byId.get(id) ?? []);
  }

  /** Watches a top folder and, if `isDeep`, all below. */
  addTop(path: AbsolutePath, anchor: RootAnchor, isDeep: boolean): 'watched' | 'absent' | 'denied' {
    const identity = identityAt(path);
    if (identity === null) return 'absent';
    const top = this.#put({ anchor, identity, name: '', parent: null });
    this.#topPaths.set(top.id, path);
    const [failure] = this.#watch([top]);
    if (failure !== undefined) {
      this.drop(top);
      return failure;
    }
    if (isDeep) this.#fill([top]);
    return 'watched';
  }

  /** The place of a folder by what is known; null when it hangs in none that is watched. */
  pathOf(
    folder: HintFolder,
  ): { readonly absolute: AbsolutePath; readonly relative: RelativePath; readonly top: HintFolder } | null {
    const names: string[] = [];
    let top = folder;
    for (; top.parent !== null; top = top.parent) names.push(top.name);
    const base = this.#topPaths.get(top.id);
    if (base === undefined) return null;
    const relative = names.reverse().join('/');
    return { absolute: relative === '' ? base : `${base === '/' ? '' : base}/${relative}`, relative, top };
  }

  /** Whether the folder is still where it is known to be. */
  isHere(folder: HintFolder): boolean {
    const at = this.pathOf(folder);
    if (at === null) return false;
    return identityAt(at.absolute) === folder.identity;
  }

  /** Watches a folder that was found below another, with all below it. */
  add(parent: HintFolder, name: string, identity: string): void {
    const present = parent.children.get(name);
    if (present !== undefined) this.drop(present);
    const folder = this.#put({ anchor: null, identity, name, parent });
    if (this.#watch([folder]).length > 0) this.drop(folder);
    else this.#fill([folder]);
  }

  /** A folder hangs elsewhere now, with all below it; what changed in it meanwhile is watched afresh. */
  move(folder: HintFolder, parent: HintFolder, name: string): void {
    const present = parent.children.get(name);
    if (present !== undefined && present !== folder) this.drop(present);
    folder.parent?.children.delete(folder.name);
    folder.parent = parent;
    folder.name = name;
    parent.children.set(name, folder);
    this.#fill([folder], true);
  }

  isWithin(folder: HintFolder, above: HintFolder): boolean {
    for (let at: HintFolder | null = folder; at !== null; at = at.parent) if (at === above) return true;
    return false;
  }

  /** The folder and all below it are no longer watched. */
  drop(folder: HintFolder): void {
    folder.parent?.children.delete(folder.name);
    const ids: number[] = [];
    const rest = [folder];
    for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
      ids.push(one.id);
      this.#byId.delete(one.id);
      this.#topPaths.delete(one.id);
      if (this.#byIdentity.get(one.identity) === one) this.#byIdentity.delete(one.identity);
      rest.push(...one.children.values());
    }
    this.#source.unwatch(ids);
  }

  #put(facts: Pick<HintFolder, 'anchor' | 'identity' | 'name' | 'parent'>): HintFolder {
    const folder: HintFolder = { ...facts, id: this.#nextId++, children: new Map() };
    this.#byId.set(folder.id, folder);
    this.#byIdentity.set(folder.identity, folder);
    facts.parent?.children.set(folder.name, folder);
    return folder;
  }

  /** Watches folders; drops those that are not what they were when they were found, and those that cannot be read. Returns how many, and why. */
  #watch(folders: readonly HintFolder[]): ('absent' | 'denied')[] {
    const wanted = folders.flatMap((folder) => {
      const at = this.pathOf(folder);
      invariant(at !== null, 'a folder is watched where it hangs');
      return [{ id: folder.id, path: at.absolute }];
    });
    const failures: ('absent' | 'denied')[] = [];
    for (const { id, why } of this.#source.watch(wanted)) {
      if (why === 'watch-limit' || why === 'too-many-open') throw new ReplicationError(why, {});
      failures.push(why);
      const folder = this.#byId.get(id);
      if (folder?.parent != null) this.drop(folder);
    }
    return failures;
  }

  /** Watches what is below, level by level; each folder is watched before it is listed. `isKnown`: some of it may be watched already. */
  #fill(from: readonly HintFolder[], isKnown = false): void {
    for (let level = from; level.length > 0;) {
      const next: HintFolder[] = [];
      const fresh: HintFolder[] = [];
      for (const folder of level) {
        const found = this.#foldersIn(folder);
        if (isKnown)
          for (const child of [...folder.children.values()])
            if (found.get(child.name)?.identity !== child.identity) this.drop(child);
        for (const [name, { identity }] of found) {
          const known = folder.children.get(name);
          if (known !== undefined) next.push(known);
          else fresh.push(this.#put({ anchor: null, identity, name, parent: folder }));
        }
      }
      this.#watch(fresh);
      next.push(...fresh.filter((folder) => this.#byId.has(folder.id)));
      level = next;
    }
  }

  #foldersIn(folder: HintFolder): Map<string, { readonly identity: string }> {
    const found = new Map<string, { identity: string }>();
    const at = this.pathOf(folder);
    if (at === null || !this.isHere(folder)) return found; // it moved on; its parent's hint tells
    let names: string[];
    try {
      names = childFolders(at.absolute);
    } catch {
      return found; // gone, or not to be read: whoever reads the tree after us reports it
    }
    for (const name of names) {
      const absolute = at.absolute === '/' ? `/${name}` : `${at.absolute}/${name}`;
      const identity = this.#descends(absolute) ? identityAt(absolute) : null;
      if (identity !== null) found.set(name, { identity });
    }
    return found;
  }
}

/** What tells the folder at `path` from any other, also from one that was deleted and whose number it got; null when none is there. */
export function identityAt(path: AbsolutePath): string | null {
  const found = folderIdentity(path, { volume: false });
  return found === null || found.ino === 'file' ? null : `${found.dev}:${found.ino}:${found.birth ?? ''}`;
}
