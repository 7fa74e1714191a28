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
  readonly name: string;
  readonly parent: HintFolder | null;
  readonly children: Map<string, HintFolder>;
  /** What is known of it may be wrong, or a hint about something in it was passed over. */
  isInDoubt: boolean;
  /** How many folders are in doubt: itself and all below. */
  doubts: number;
  /** How often it was watched in a row because it was in doubt. */
  readonly tries: number;
}

/** One that was watched so often, round after round, is believed: else whoever touches it in each round has all below watched for ever. */
const MOST_TRIES = 3;

/** The folders that are watched, each once, with the place where it hung when it was looked at last. */
export class HintTree {
  readonly #source: HintSource;
  readonly #descends: (folder: AbsolutePath) => boolean;
  readonly #byId = new Map<number, HintFolder>();
  readonly #byIdentity = new Map<string, HintFolder>();
  readonly #topPaths = new Map<number, AbsolutePath>();
  /** Folders that were put here in this round, and those of the round before, which are in doubt for no other reason than that. */
  #fresh = new Set<HintFolder>();
  #settling = new Set<HintFolder>();
  /** Tops that were not at their place when something below them was listed. */
  readonly #away = new Set<HintFolder>();
  #nextId = 1;

  constructor(source: HintSource, descends: (folder: AbsolutePath) => boolean) {
    this.#source = source;
    this.#descends = descends;
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
    const top = this.#put({ anchor, identity, name: '', parent: null, tries: 1 });
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

  /** Watches a folder that was found below another, with all below it; afresh where it was watched. */
  add(parent: HintFolder, name: string, identity: string): void {
    const present = parent.children.get(name);
    const isAgain = present?.identity === identity && this.#settling.has(present);
    if (present !== undefined) this.drop(present);
    const tries = isAgain ? present.tries + 1 : 1;
    const folder = this.#put({ anchor: null, identity, name, parent, tries });
    if (this.#watch([folder]).length > 0) this.drop(folder);
    else this.#fill([folder]);
  }

  /** Tops that were not at their place since the last call; what was hinted at below them may have been passed over. */
  takeAway(): readonly HintFolder[] {
    const away = [...this.#away].filter((top) => this.#byId.get(top.id) === top);
    this.#away.clear();
    return away;
  }

  /** The folder was not at its place when somebody came to look. Should it return, nothing that is known of it counts. */
  doubt(folder: HintFolder): void {
    this.#settle(folder);
    this.#beginDoubt(folder);
  }

  /**
   * Handles all hints that were taken. What was put here in one round is in doubt until the end of the next: another may have stood in a
   * folder's place while it was watched or listed, and only the hints that were made meanwhile tell.
   */
  round(handle: () => void): void {
    this.#settling = this.#fresh;
    this.#fresh = new Set();
    handle();
    for (const folder of this.#settling) this.#endDoubt(folder);
    this.#settling = new Set();
    if (this.#fresh.size > 0) this.#source.drain();
  }

  isWithin(folder: HintFolder, above: HintFolder): boolean {
    for (let at: HintFolder | null = folder; at !== null; at = at.parent) if (at === above) return true;
    return false;
  }

  /** The folder and all below it are no longer watched. */
  drop(folder: HintFolder): void {
    if (this.#byId.get(folder.id) !== folder) return;
    folder.parent?.children.delete(folder.name);
    for (let at = folder.parent; at !== null; at = at.parent) at.doubts -= folder.doubts;
    const ids: number[] = [];
    const rest = [folder];
    for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
      ids.push(one.id);
      this.#byId.delete(one.id);
      this.#topPaths.delete(one.id);
      this.#settle(one);
      if (this.#byIdentity.get(one.identity) === one) this.#byIdentity.delete(one.identity);
      rest.push(...one.children.values());
    }
    this.#source.unwatch(ids);
  }

  #put(facts: Omit<HintFolder, 'id' | 'children' | 'isInDoubt' | 'doubts'>): HintFolder {
    const folder: HintFolder = { ...facts, id: this.#nextId++, children: new Map(), isInDoubt: false, doubts: 0 };
    this.#byId.set(folder.id, folder);
    this.#byIdentity.set(folder.identity, folder);
    facts.parent?.children.set(folder.name, folder);
    if (folder.tries < MOST_TRIES) {
      this.#fresh.add(folder);
      this.#beginDoubt(folder);
    }
    return folder;
  }

  #settle(folder: HintFolder): void {
    this.#fresh.delete(folder);
    this.#settling.delete(folder);
  }

  #beginDoubt(folder: HintFolder): void {
    if (folder.isInDoubt) return;
    folder.isInDoubt = true;
    for (let at: HintFolder | null = folder; at !== null; at = at.parent) at.doubts++;
  }

  #endDoubt(folder: HintFolder): void {
    folder.isInDoubt = false;
    for (let at: HintFolder | null = folder; at !== null; at = at.parent) at.doubts--;
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
      if (folder?.parent == null) continue;
      const top = this.pathOf(folder)?.top;
      if (why === 'absent' && top !== undefined) this.#lookAtTop(top);
      this.drop(folder);
    }
    return failures;
  }

  /** Watches what is below, level by level; each folder is watched before it is listed. */
  #fill(from: readonly HintFolder[]): void {
    for (let level = from; level.length > 0;) {
      const found = level.flatMap((parent) =>
        this.#foldersIn(parent).map(({ name, identity }) =>
          this.#put({ anchor: null, identity, name, parent, tries: parent.tries }),
        ),
      );
      this.#watch(found);
      level = found.filter((folder) => this.#byId.has(folder.id));
    }
  }

  #foldersIn(folder: HintFolder): { readonly name: string; readonly identity: string }[] {
    const found: { name: string; identity: string }[] = [];
    const at = this.pathOf(folder);
    if (at === null) return found;
    if (!this.isHere(folder)) {
      this.doubt(folder);
      this.#lookAtTop(at.top);
      return found;
    }
    let names: string[];
    try {
      names = childFolders(at.absolute);
    } catch {
      this.#lookAtTop(at.top);
      return found; // gone, or not to be read: whoever reads the tree after us reports it
    }
    for (const name of names) {
      const absolute = at.absolute === '/' ? `/${name}` : `${at.absolute}/${name}`;
      const identity = this.#descends(absolute) ? identityAt(absolute) : null;
      if (identity !== null) found.push({ name, identity });
      else if (this.#descends(absolute)) this.#lookAtTop(at.top);
    }
    return found;
  }

  /** Something was not where it was found: no hint tells of a folder above the top that moved, and may be back in a moment. */
  #lookAtTop(top: HintFolder): void {
    if (!this.isHere(top)) this.#away.add(top);
  }
}

/** What tells the folder at `path` from any other, also from one that was deleted and whose number it got; null when none is there. */
export function identityAt(path: AbsolutePath): string | null {
  const found = folderIdentity(path, { volume: false });
  return found === null || found.ino === 'file' ? null : `${found.dev}:${found.ino}:${found.birth ?? ''}`;
}
