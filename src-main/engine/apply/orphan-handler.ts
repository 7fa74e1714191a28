import { realpathSync, renameSync, rmdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describeError, makeFolders, showName } from '../../base/index.ts';
import { codedError, native, statEntry } from '../fs/index.ts';
import { isWithin, type AbsolutePath, type EntryKind, type EntryStat, type RelativePath } from '../model/index.ts';
import type { AttributeSetter } from './attribute-setter.ts';
import { coded, moveAcross, unlinkIfThere } from './disk-steps.ts';
import type { KeptDeleted } from './kept-deleted.ts';
import type { OrphanList, OrphanOutcome } from './orphan-list.ts';
import type { ReplicaPaths } from './replica-paths.ts';

/** What a source found on the target and does not have itself, as it was listed. */
export interface Orphan {
  readonly root: number;
  readonly path: RelativePath;
  readonly entry: EntryKind;
  readonly size: number;
  readonly mtimeNs: bigint;
}

/** What becomes of orphans; `moveTo` is an absolute raw path. */
export interface OrphanPolicy {
  readonly action: 'report' | 'delete' | 'move';
  readonly moveTo: AbsolutePath | null;
  readonly olderThanHours: number;
}

export interface OrphanHandlerParts {
  readonly list: OrphanList;
  readonly kept: KeptDeleted;
  readonly paths: ReplicaPaths;
  readonly roots: readonly AbsolutePath[];
  readonly setName: string;
  readonly attributes: AttributeSetter;
  readonly policy: () => OrphanPolicy;
  /** The roots of all other replicas that this target holds. */
  readonly otherRoots: () => readonly AbsolutePath[];
  readonly changed: (root: number, folder: AbsolutePath) => void;
  readonly nowMs: () => number;
}

const HOUR_MS = 3_600_000;

/**
 * Decides about one orphan at a time and carries the decision out. Nothing goes on a guess: an entry that is not exactly as it was listed,
 * that is kept on purpose, that lies on another volume, behind a link or in another replica's place stays, and the list says why. A
 * folder goes only when it is empty.
 */
export class OrphanHandler {
  readonly #parts: OrphanHandlerParts;

  constructor(parts: OrphanHandlerParts) {
    this.#parts = parts;
  }

  handle(orphan: Orphan): void {
    const { list, roots } = this.#parts;
    const path = `${roots[orphan.root] ?? ''}/${orphan.path}`;
    let result: { outcome: OrphanOutcome; why: string } | null;
    try {
      result = this.#decide(orphan);
    } catch (error) {
      const { code, details } = codedError(error, path);
      if (code === 'internal') throw error;
      result = { outcome: 'stayed', why: describeError(code, details).cause };
    }
    if (result === null) return;
    list.put({ path, kind: orphan.entry, size: orphan.size, mtimeNs: orphan.mtimeNs, ...result });
  }

  /** Null when it is gone. */
  #decide(orphan: Orphan): { outcome: OrphanOutcome; why: string } | null {
    const { kept, paths, policy } = this.#parts;
    const { root, path: inside } = orphan;
    const path = paths.absolute(root, inside);
    if (inside === '') return stayed('It is the folder of the replica itself.');
    paths.checkParent(root, inside);
    const now = statEntry(path);
    if (now === null) return null;
    if (now.kind !== orphan.entry || (now.kind === 'file' && (now.size !== orphan.size || now.mtimeNs !== orphan.mtimeNs)))
      return stayed('It changed since it was found.');
    if (kept.get(path) !== null || kept.holdsBelow(path)) return stayed('The source deleted it, and deletes are ignored.');
    if (this.#isOfAnother(root, path)) return stayed('It belongs to another replica.');
    if (now.dev !== this.#rootDevice(root)) return stayed('It lies on another volume than the replica.');
    const { action, moveTo, olderThanHours } = policy();
    if (action === 'report') return { outcome: 'reported', why: '' };
    if (this.#ageMs(now) < olderThanHours * HOUR_MS) return stayed(`It is younger than ${olderThanHours} hours.`);
    if (action === 'delete') {
      this.#remove(root, path, now.kind);
      return { outcome: 'deleted', why: '' };
    }
    if (moveTo === null) return stayed('No folder is set for moved orphans (orphans.moveTo).');
    if ([...this.#parts.roots, ...this.#parts.otherRoots()].some((place) => overlap(real(place), real(moveTo))))
      return stayed('The folder for moved orphans (orphans.moveTo) lies in a replica.');
    // An orphan folder goes when what was in it is gone; the moved files have folders of their own.
    if (now.kind === 'folder') {
      this.#remove(root, path, now.kind);
      return { outcome: 'moved', why: '' };
    }
    return { outcome: 'moved', why: showName(this.#move(root, path, inside, moveTo)) };
  }

  #remove(root: number, path: AbsolutePath, kind: EntryKind): void {
    if (kind === 'folder') {
      coded(path, () => rmdirSync(native(path)));
      this.#parts.paths.forget();
    } else {
      unlinkIfThere(path);
    }
    this.#parts.changed(root, dirname(path));
  }

  #move(root: number, path: AbsolutePath, inside: RelativePath, moveTo: AbsolutePath): AbsolutePath {
    const place = `${moveTo}/${asName(this.#parts.setName)}/${basename(this.#parts.roots[root] ?? '')}/${inside}`;
    coded(place, () => makeFolders(native(dirname(place)), 0o700));
    let to = place;
    for (let i = 2; statEntry(to) !== null; i++) to = `${place} (${i})`;
    try {
      renameSync(native(path), native(to));
    } catch (error) {
      if (codedError(error, to).details.errno !== 'EXDEV') throw codedError(error, to);
      moveAcross(path, to, this.#parts.attributes);
    }
    this.#parts.changed(root, dirname(path));
    return to;
  }

  /** Since its content, its attributes or its name changed last: by its own clock and by the source's, whichever is later. */
  #ageMs(now: EntryStat): number {
    const latestNs = now.mtimeNs > now.ctimeNs ? now.mtimeNs : now.ctimeNs;
    return this.#parts.nowMs() - Number(latestNs / 1_000_000n);
  }

  #rootDevice(root: number): bigint | undefined {
    return statEntry(this.#parts.roots[root] ?? '')?.dev;
  }

  #isOfAnother(root: number, path: AbsolutePath): boolean {
    const rootPath = this.#parts.roots[root] ?? '';
    const place = `${real(rootPath)}${path.slice(rootPath.length)}`;
    return this.#parts.otherRoots().some((other) => overlap(real(other), place));
  }
}

function stayed(why: string): { outcome: 'stayed'; why: string } {
  return { outcome: 'stayed', why };
}

/** A set may have a name that no folder can have. */
function asName(setName: string): string {
  const name = setName.replaceAll('/', '_');
  return /^\.+$/.test(name) ? '_' : name;
}

function overlap(one: AbsolutePath, other: AbsolutePath): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

/** With all links in its existing part resolved. */
function real(path: AbsolutePath): AbsolutePath {
  try {
    return realpathSync(native(path), { encoding: 'latin1' });
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return `${real(parent) === '/' ? '' : real(parent)}/${basename(path)}`;
  }
}
