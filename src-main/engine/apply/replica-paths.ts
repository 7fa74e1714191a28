import { ReplicationError, showName } from '../../base/index.ts';
import { statEntry } from '../fs/index.ts';
import { foldersInside, parentPath, STAGE_FOLDER, type AbsolutePath, type RelativePath } from '../model/index.ts';

const MOST_REMEMBERED = 10_000;

/**
 * From a place in a replica to a path of the disk, and the proof that the way there stays inside: every folder between the root and the
 * entry is a real folder, never a link. Proofs are remembered until `forget`; whoever changes a folder, and each flush, calls it.
 */
export class ReplicaPaths {
  readonly #roots: readonly AbsolutePath[];
  readonly #proven: Set<RelativePath>[];
  /** Of each root: folders above it that have to be real ones too. */
  readonly #ways: readonly (readonly AbsolutePath[])[];
  #lastRoot = -1;
  #lastParent = '';
  #remembered = 0;

  /** `namesInside`: as in the offer; the way through the last names of a root has to stay inside as well. */
  constructor(roots: readonly AbsolutePath[], namesInside: readonly number[] = []) {
    this.#roots = roots;
    this.#proven = roots.map(() => new Set());
    this.#ways = roots.map((root, i) => foldersInside(root, namesInside[i] ?? 0));
  }

  /** Throws `outside-root` for a root that the replica does not have and for our own stage folder. */
  absolute(root: number, path: RelativePath): AbsolutePath {
    const base = this.#roots[root];
    if (base === undefined) throw new ReplicationError('outside-root', { path: showName(path), root });
    if (path.includes(STAGE_FOLDER) && path.split('/').includes(STAGE_FOLDER)) {
      throw new ReplicationError('outside-root', { path: showName(path) });
    }
    return path === '' ? base : `${base}/${path}`;
  }

  /** Throws `outside-root` when a folder on the way is a link, `missing-on-target` when it is not there or no folder. */
  checkParent(root: number, path: RelativePath): void {
    if (path === '') {
      this.#proveWay(root);
      return;
    }
    const parent = parentPath(path);
    if (root === this.#lastRoot && parent === this.#lastParent) return;
    const proven = this.#proven[root];
    if (proven?.has(parent) !== true) this.#prove(root, parent);
    this.#lastRoot = root;
    this.#lastParent = parent;
  }

  /** Folders may have changed: nothing is taken for proven any more. */
  forget(): void {
    this.#lastRoot = -1;
    if (this.#remembered === 0) return;
    this.#remembered = 0;
    for (const proven of this.#proven) proven.clear();
  }

  #prove(root: number, folder: RelativePath): void {
    const proven = this.#proven[root];
    if (proven === undefined) throw new ReplicationError('outside-root', { path: showName(folder), root });
    if (this.#remembered > MOST_REMEMBERED) this.forget();
    if (folder === '') this.#proveWay(root);
    else if (!proven.has(parentPath(folder))) this.#prove(root, parentPath(folder));
    proveFolder(this.absolute(root, folder));
    proven.add(folder);
    this.#remembered++;
  }

  /** Further up the administrator decides, also about links. */
  #proveWay(root: number): void {
    for (const folder of this.#ways[root] ?? []) proveFolder(folder);
  }
}

function proveFolder(absolute: AbsolutePath): void {
  const kind = statEntry(absolute)?.kind;
  if (kind === 'symlink') throw new ReplicationError('outside-root', { path: showName(absolute) });
  if (kind !== 'folder') throw new ReplicationError('missing-on-target', { path: showName(absolute) });
}
