import { ReplicationError, showName } from '../../base/index.ts';
import { statEntry } from '../fs/index.ts';
import { lastName, type AbsolutePath, type Notice } from '../model/index.ts';
import type { CaptureOptions } from './capture.ts';
import type { ObjectKey } from './fanotify-events.ts';
import type { FanotifyGroup } from './fanotify-group.ts';
import type { InterpretedSet } from './fanotify-interpreter.ts';
import type { Anchor, HandleTree } from './handle-tree.ts';
import { MountWatch } from './mount-watch.ts';
import { NoticeBatch } from './notice-batch.ts';
import { RootGuard } from './root-guard.ts';
import type { RootEvents } from './selection.ts';

/** What a followed set needs of its follower, as long as it belongs to it. */
export interface Following {
  readonly group: FanotifyGroup;
  /** The tree of this moment: after a loss of events it is another one. */
  readonly tree: () => HandleTree;
  /** The number of the set's first root in the tree; the others come after it. */
  readonly firstRoot: number;
}

export interface FollowedSetOptions {
  readonly options: Omit<CaptureOptions, 'bellFd'>;
  readonly onContent?: InterpretedSet['onContent'];
  /** Events were lost. */
  readonly onOverflow?: () => void;
  readonly now: () => number;
}

/** One of the sets that a `FanotifyFollower` follows: where its roots are, whether they are still there, and what is to be told of them. */
export class FollowedSet implements InterpretedSet {
  readonly selection: InterpretedSet['selection'];
  readonly roots: readonly AbsolutePath[];
  readonly batch = new NoticeBatch();
  readonly onContent: InterpretedSet['onContent'];
  readonly #onOverflow: () => void;
  readonly #guard: RootGuard;
  readonly #mounts: MountWatch;
  #following: Following | null = null;
  /** All that was asked of the group, to be taken back. */
  #followed: { readonly path: AbsolutePath; readonly key: ObjectKey }[] = [];
  /** The folder of each root, or the one that holds it if it is a file. */
  readonly #tops = new Map<number, { readonly path: AbsolutePath; readonly key: ObjectKey; readonly isFile: boolean }>();

  constructor({ options, onContent = () => undefined, onOverflow = () => undefined, now }: FollowedSetOptions) {
    this.selection = options;
    this.roots = options.roots;
    this.onContent = onContent;
    this.#onOverflow = onOverflow;
    this.#mounts = new MountWatch(options.roots, (folder) => options.descends(folder));
    this.#guard = new RootGuard({
      roots: options.roots,
      mounts: this.#mounts,
      batch: this.batch,
      now,
      unfollow: (root) => this.#unfollow(root),
      elsewhere: () => this.#elsewhere(),
    });
  }

  get rootEvents(): RootEvents {
    return this.#guard;
  }

  /** Called once. Throws what `Capture.start` throws; then `leave` is due too. */
  join(following: Following): void {
    this.#following = following;
    for (const [root, path] of this.roots.entries()) this.#followRoot(root, path, following);
    for (const [root, { path: top }] of this.#tops) {
      for (const path of this.#mounts.below(root)) this.#anchorMount(root, top, path, this.#follow(path, following));
    }
  }

  leave(): void {
    if (this.#following === null) return;
    const { group, tree, firstRoot } = this.#following;
    const isOurs = (number: number): boolean => number >= firstRoot && number < firstRoot + this.roots.length;
    tree().unanchor((anchor) => (anchor.kind === 'folder' ? isOurs(anchor.root) : [...anchor.roots.values()].some(isOurs)));
    for (const { path, key } of this.#followed) group.unfollow(path, key);
    this.#followed = [];
    this.#following = null;
  }

  /** Events were lost, and the tree is a new one. */
  startOver(): void {
    this.#onOverflow();
    for (const root of this.#tops.keys()) this.#anchorRoot(root);
    for (const [root, { path: top }] of this.#tops) {
      for (const path of this.#mounts.below(root)) {
        const key = this.#following?.group.keyOf(path) ?? null;
        if (key !== null) this.#anchorMount(root, top, path, key);
      }
    }
    this.batch.add({ kind: 'overflow' });
  }

  /** Notices what no event tells of. Throws coded errors of the disk. */
  lookAtRoots(): void {
    this.#guard.look();
  }

  /** What happened since the last call. */
  take(): Notice[] {
    return this.batch.take();
  }

  #followRoot(root: number, path: AbsolutePath, following: Following): void {
    const kind = statEntry(path)?.kind;
    if (kind === undefined) throw new ReplicationError('not-found', { path: showName(path) });
    const isFile = kind !== 'folder';
    const top = isFile ? path.slice(0, path.lastIndexOf('/')) || '/' : path;
    this.#tops.set(root, { path: top, key: this.#follow(top, following), isFile });
    this.#anchorRoot(root);
  }

  #follow(path: AbsolutePath, { group }: Following): ObjectKey {
    const key = group.follow(path);
    this.#followed.push({ path, key });
    return key;
  }

  #anchorRoot(root: number): void {
    const top = this.#tops.get(root);
    if (top === undefined || this.#guard.isGone(root)) return;
    if (!top.isFile) this.#anchor(top.key, { kind: 'folder', root: this.#numberOf(root), path: '' });
    else {
      const roots = new Map([[lastName(this.roots[root] ?? ''), this.#numberOf(root)]]);
      this.#anchor(top.key, { kind: 'files', roots });
    }
  }

  /** Volumes below a root are file systems of their own, and their tops hang in no folder that an event could name. */
  #anchorMount(root: number, top: AbsolutePath, path: AbsolutePath, key: ObjectKey): void {
    const below = path.slice(top === '/' ? 1 : top.length + 1);
    this.#anchor(key, { kind: 'folder', root: this.#numberOf(root), path: below });
  }

  #anchor(key: ObjectKey, anchor: Anchor): void {
    this.#following?.tree().anchor(key, anchor);
  }

  #numberOf(root: number): number {
    return (this.#following?.firstRoot ?? 0) + root;
  }

  #unfollow(root: number): void {
    const number = this.#numberOf(root);
    this.#following?.tree().unanchor((anchor) => anchor.kind === 'folder' && anchor.root === number);
  }

  #elsewhere(): readonly number[] {
    const tops = [...this.#tops].filter(
      ([root, { path, key }]) => !this.#guard.isGone(root) && this.#following?.group.keyOf(path) !== key,
    );
    return tops.map(([root]) => root);
  }
}
