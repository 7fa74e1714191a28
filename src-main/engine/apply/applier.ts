/* One switch over all ops, kept whole: what each does to the disk, and to what is remembered of it, is compared side by side. */
import { linkSync, mkdirSync, renameSync, rmdirSync, symlinkSync } from 'node:fs';
import { assertNever, durableStep, ReplicationError, showName } from '../../base/index.ts';
import { codedError, native, statEntry } from '../fs/index.ts';
import { parentPath, type AbsolutePath, type EntryStat, type RelativePath } from '../model/index.ts';
import { isMark, type EntryOp, type StoredOp, type StreamEnd, type WireOp } from '../wire/index.ts';
import type { AttributeSetter } from './attribute-setter.ts';
import { coded, lendRights, makeAnew, moveAcross, unlinkIfThere } from './disk-steps.ts';
import type { Flusher } from './flusher.ts';
import { nothingKept, type KeptPlaces } from './kept-places.ts';
import { patchFile, tryClone } from './patch-file.ts';
import { patchInPlace } from './patch-in-place.ts';
import type { OrphanHandler } from './orphan-handler.ts';
import type { ReplicaPaths } from './replica-paths.ts';
import type { Stage } from './stage.ts';

type Op<K extends WireOp['kind']> = Extract<WireOp, { kind: K }>;

export interface PlaceOfFailure {
  readonly root: number;
  readonly path: RelativePath;
}

/**
 * `failed`: never passes as sent; the places no longer hold what the source believes. `blocked`: passes when the disk has room or is
 * writable again; nothing was done and the op must be kept.
 */
export type ApplyOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'failed'; readonly places: readonly PlaceOfFailure[]; readonly error: ReplicationError }
  | { readonly kind: 'blocked'; readonly error: ReplicationError };

export interface ApplierParts {
  readonly paths: ReplicaPaths;
  readonly stage: Stage;
  readonly flusher: Flusher;
  readonly attributes: AttributeSetter;
  /** Without it nothing is kept, and no op may ask for it. */
  readonly kept?: KeptPlaces;
  /** Without it orphans are left alone. */
  readonly orphans?: Pick<OrphanHandler, 'handle'>;
}

const APPLIED: ApplyOutcome = { kind: 'applied' };

/**
 * Carries out ops on the replica's disk, one at a time and in order. Never leaves the roots, never follows a link, never deletes a
 * folder that is not empty, never shows a half-written file under its name. What it changed is noted in the flusher.
 */
export class Applier {
  readonly #paths: ReplicaPaths;
  readonly #stage: Stage;
  readonly #flusher: Flusher;
  readonly #attributes: AttributeSetter;
  readonly #kept: KeptPlaces;
  readonly #orphans: ApplierParts['orphans'];

  constructor(parts: ApplierParts) {
    this.#kept = parts.kept ?? nothingKept;
    this.#orphans = parts.orphans;
    this.#paths = parts.paths;
    this.#stage = parts.stage;
    this.#flusher = parts.flusher;
    this.#attributes = parts.attributes;
  }

  /**
   * Applies one op. `isRepeat`: it may have been applied before a crash, so that finding its work done is a success. Only a patch
   * takes time off the thread and gives a promise.
   */
  apply({ op, end }: StoredOp, isRepeat: boolean): ApplyOutcome | Promise<ApplyOutcome> {
    if (isMark(op)) return APPLIED;
    try {
      if (op.kind === 'patch-stream') {
        return this.#patch(op, end, isRepeat).then(
          () => APPLIED,
          (error: unknown) => this.#outcomeOf(op, error),
        );
      }
      this.#withWritableParents(op, () => this.#applyNow(op, end, isRepeat));
      return APPLIED;
    } catch (error) {
      return this.#outcomeOf(op, error);
    }
  }

  /** Deletes what an op that failed left in the stage. */
  discard({ op }: StoredOp): void {
    if (isMark(op) || !this.#stage.hasRoot(op.root)) return;
    for (const suffix of ['', '.new']) unlinkIfThere(this.#stage.pathOf(op.root, op.sequence, suffix));
  }

  #applyNow(op: Exclude<EntryOp, { kind: 'patch-stream' }>, end: StreamEnd | null, isRepeat: boolean): void {
    switch (op.kind) {
      case 'write': {
        this.#commit(op, op, isRepeat);
        return;
      }
      case 'write-stream':
        if (end?.isWhole === true) this.#commit(op, end, isRepeat);
        return;
      case 'folder': {
        this.#folder(op);
        return;
      }
      case 'symlink': {
        this.#symlink(op);
        return;
      }
      case 'link': {
        this.#link(op);
        return;
      }
      case 'attributes': {
        this.#setAttributes(op);
        return;
      }
      case 'rename': {
        this.#rename(op, isRepeat);
        return;
      }
      case 'remove': {
        this.#remove(op);
        return;
      }
      case 'orphan':
        this.#orphans?.handle(op);
        return;
      default:
        return assertNever(op);
    }
  }

  /** Renames staged data to their place. */
  #commit(
    op: Op<'write' | 'write-stream' | 'patch-stream'>,
    expected: { size: number; attributes: { mtimeNs: bigint } },
    isRepeat: boolean,
  ): void {
    const final = this.#place(op);
    const staged = this.#stage.pathOf(op.root, op.sequence);
    this.#moveOver(staged, final, () => {
      const now = isRepeat ? statEntry(final) : null;
      if (now?.kind !== 'file' || now.size !== expected.size || now.mtimeNs !== expected.attributes.mtimeNs)
        throw missing(staged);
    });
    this.#kept.drop(final);
    this.#changedIn(op.root, final);
  }

  #folder(op: Op<'folder'>): void {
    const path = this.#place(op);
    let now = statEntry(path);
    if (now !== null && now.kind !== 'folder') {
      unlinkIfThere(path);
      now = null;
      this.#paths.forget();
    }
    if (now === null) {
      coded(path, () => mkdirSync(native(path), op.attributes.mode));
      now = statEntry(path);
      this.#changedIn(op.root, path);
    }
    if (now !== null) this.#attributes.set(path, now, op.attributes);
    this.#kept.drop(path);
    this.#flusher.changed(this.#stage.volumeOf(op.root), path);
  }

  #symlink(op: Op<'symlink'>): void {
    const path = this.#place(op);
    const temporary = this.#stage.temporaryOf(op.root, op.sequence);
    coded(path, () => makeAnew(temporary, () => symlinkSync(native(op.target), native(temporary))));
    const now = statEntry(temporary);
    if (now !== null) this.#attributes.set(temporary, now, op.attributes);
    this.#moveOver(temporary, path, () => {
      throw missing(temporary);
    });
    this.#kept.drop(path);
    this.#paths.forget();
    this.#changedIn(op.root, path);
  }

  #link(op: Op<'link'>): void {
    const path = this.#place(op);
    const existing = this.#place({ root: op.existingRoot, path: op.existing });
    const original = statEntry(existing);
    if (original === null || original.kind === 'folder') throw missing(existing);
    const now = statEntry(path);
    if (isSame(now, original)) return;
    const temporary = this.#stage.temporaryOf(op.root, op.sequence);
    coded(path, () => makeAnew(temporary, () => linkSync(native(existing), native(temporary))));
    this.#moveOver(temporary, path, () => {
      throw missing(temporary);
    });
    this.#kept.drop(path);
    this.#changedIn(op.root, path);
  }

  #setAttributes(op: Op<'attributes'>): void {
    const path = this.#place(op);
    const now = statEntry(path);
    if (now?.kind !== op.entry) throw missing(path);
    this.#attributes.set(path, now, op.attributes);
    // A link cannot be opened for a flush of its own.
    if (now.kind === 'symlink') this.#flusher.wroteMuch(this.#stage.volumeOf(op.root));
    else this.#flusher.changed(this.#stage.volumeOf(op.root), path);
  }

  #rename(op: Op<'rename'>, isRepeat: boolean): void {
    const to = this.#place(op);
    if (op.from === '') throw new ReplicationError('outside-root', { path: showName(to) });
    const from = this.#place({ root: op.fromRoot, path: op.from });
    const moved = statEntry(from);
    if (moved === null) {
      if (isRepeat && statEntry(to) !== null) {
        this.#kept.moved(from, to);
        return;
      }
      throw missing(from);
    }
    const now = statEntry(to);
    if (from !== to && isSame(now, moved)) {
      // Two names of one file: the system's rename would leave both.
      unlinkIfThere(from);
    } else {
      if (moved.kind === 'folder' && now !== null && now.kind !== 'folder') unlinkIfThere(to);
      this.#moveOver(from, to, () => {
        throw missing(from);
      });
    }
    this.#kept.moved(from, to);
    this.#kept.drop(to);
    if (moved.kind === 'folder' || now?.kind === 'folder') this.#paths.forget();
    this.#changedIn(op.root, to);
    this.#changedIn(op.fromRoot, from);
  }

  #remove(op: Op<'remove'>): void {
    let path: AbsolutePath;
    try {
      path = this.#place(op);
    } catch (error) {
      // No folder to hold it: it is not there.
      if (error instanceof ReplicationError && error.code === 'missing-on-target') return;
      throw error;
    }
    const now = statEntry(path);
    if (now === null) return;
    if ((now.kind === 'folder') !== (op.entry === 'folder')) {
      throw new ReplicationError('changed-on-target', { path: showName(path), expected: op.entry, found: now.kind });
    }
    // A folder in which something is kept stays with it.
    if (op.isKept || (now.kind === 'folder' && this.#kept.holdsBelow(path))) {
      this.#kept.add(path, now);
      return;
    }
    if (now.kind === 'folder') {
      coded(path, () => rmdirSync(native(path)));
      this.#paths.forget();
    } else {
      unlinkIfThere(path);
    }
    this.#kept.drop(path);
    this.#changedIn(op.root, path);
  }

  async #patch(op: Op<'patch-stream'>, end: StreamEnd | null, isRepeat: boolean): Promise<void> {
    if (end?.isWhole !== true) return;
    const base = this.#place(op);
    const patch = this.#stage.pathOf(op.root, op.sequence);
    const result = this.#stage.pathOf(op.root, op.sequence, '.new');
    const now = statEntry(base);
    if (statEntry(patch) === null) {
      if (isRepeat && now?.kind === 'file' && now.size === end.size && now.mtimeNs === end.attributes.mtimeNs) return;
      throw missing(patch);
    }
    if (now === null) throw missing(base);
    unlinkIfThere(result);
    const { size, attributes } = end;
    const work = { base, baseSize: op.baseSize, patch, result, size, attributes, isRepeat };
    const isClone = await tryClone(work);
    const patched = isClone ? null : await patchInPlace(work, end.bytes, this.#attributes);
    if (patched !== null) {
      const volume = this.#stage.volumeOf(op.root);
      // By its descriptor, since its name may be another's by then; by its name too, for the times.
      this.#flusher.wrote(volume, patched, null);
      this.#flusher.changed(volume, base);
      this.#flusher.whenFlushed(() => unlinkIfThere(patch));
      return;
    }
    try {
      await patchFile(work, isClone, this.#attributes);
    } catch (error) {
      // On a full disk what was built half would take the room of everything else, until the next try and after it.
      try {
        unlinkIfThere(result);
      } catch {
        // The next try removes it; what failed first says what is the matter.
      }
      throw error;
    }
    durableStep('target.patch.built');
    // The copy took time: the way must still be the one that was checked.
    this.#paths.forget();
    this.#paths.checkParent(op.root, op.path);
    this.#withWritableParents(op, () => {
      this.#moveOver(result, base, () => {
        throw missing(result);
      });
    });
    durableStep('target.patch.renamed');
    this.#changedIn(op.root, base);
    unlinkIfThere(patch);
  }

  /** The path of a place whose parents are proven to lie inside. */
  #place({ root, path }: PlaceOfFailure): AbsolutePath {
    const absolute = this.#paths.absolute(root, path);
    this.#paths.checkParent(root, path);
    return absolute;
  }

  /** Renames `from` over a file, a link or an empty folder at `to`. `onMissing` decides when `from` is not there. */
  #moveOver(from: AbsolutePath, to: AbsolutePath, onMissing: () => void): void {
    try {
      renameSync(native(from), native(to));
      return;
    } catch (error) {
      const failure = codedError(error, to);
      if (failure.code === 'not-found' || failure.code === 'not-a-folder') {
        if (statEntry(from) === null) {
          onMissing();
          return;
        }
        // A parent that was proven has gone since: somebody else works in the replica.
        this.#paths.forget();
        throw missing(to);
      }
      const isInTheWay = failure.code === 'is-a-folder' || failure.code === 'already-exists' || failure.code === 'not-empty';
      if (isInTheWay && this.#kept.holdsBelow(to)) {
        this.#kept.makeWay(to);
        this.#paths.forget();
      } else if (failure.code === 'is-a-folder' || failure.code === 'already-exists') {
        coded(to, () => rmdirSync(native(to)));
        this.#paths.forget();
      } else if (failure.details.errno === 'EXDEV') {
        moveAcross(from, to, this.#attributes);
        return;
      } else {
        throw failure;
      }
    }
    coded(to, () => renameSync(native(from), native(to)));
  }

  #changedIn(root: number, path: AbsolutePath): void {
    this.#flusher.changed(this.#stage.volumeOf(root), path.slice(0, Math.max(1, path.lastIndexOf('/'))));
  }

  /** A source may hold folders that even their owner cannot write to. Root can all the same; others lend themselves the right for the moment. */
  #withWritableParents(op: EntryOp, change: () => void): void {
    try {
      change();
      return;
    } catch (error) {
      const failure = codedError(error, op.path);
      if (failure.code !== 'permission-denied') throw failure;
      const parents = [this.#paths.absolute(op.root, parentPath(op.path))];
      if (op.kind === 'rename') parents.push(this.#paths.absolute(op.fromRoot, parentPath(op.from)));
      const takeBack = parents.map((parent) => lendRights(parent)).filter((step) => step !== null);
      if (takeBack.length === 0) throw failure;
      try {
        change();
      } finally {
        for (const step of takeBack) step();
      }
    }
  }

  #outcomeOf(op: EntryOp, error: unknown): ApplyOutcome {
    const failure = codedError(error, op.path);
    switch (failure.code) {
      case 'disk-full':
      case 'read-only':
      case 'too-many-open':
        return { kind: 'blocked', error: failure };
      case 'internal':
        throw failure;
      default: {
        const places: PlaceOfFailure[] = [{ root: op.root, path: op.path }];
        if (op.kind === 'rename') places.push({ root: op.fromRoot, path: op.from });
        return { kind: 'failed', places, error: failure };
      }
    }
  }
}

function missing(path: AbsolutePath): ReplicationError {
  return new ReplicationError('missing-on-target', { path: showName(path) });
}

function isSame(one: EntryStat | null, other: EntryStat): boolean {
  return one !== null && one.ino === other.ino && one.dev === other.dev;
}
