import { statEntry } from '../fs/index.ts';
import type { MountWatch } from './mount-watch.ts';
import type { NoticeBatch } from './notice-batch.ts';
import type { RootEvents } from './selection.ts';

/** A file that is replaced by delete and create, as editors do, is back within this time. */
const REPLACE_MS = 100;
/** How often a root is compared with what is found at its path: a folder above it may have been renamed, which tells nobody. */
const LOOK_MS = 1_000;

export interface RootGuardParts {
  readonly roots: readonly string[];
  readonly mounts: Pick<MountWatch, 'changed'>;
  /** Takes the word that a root is gone, and that a file is there again. */
  readonly batch: Pick<NoticeBatch, 'add' | 'touched'>;
  readonly now: () => number;
  /** What is known of a root that is a folder is of no use any more. */
  readonly unfollow: (root: number) => void;
  /** The roots at whose path something else is found than what is followed. */
  readonly elsewhere: () => Iterable<number>;
}

/** Decides when a root counts as gone. Each loss is told once. The same for every way to follow changes. */
export class RootGuard implements RootEvents {
  readonly #parts: RootGuardParts;
  readonly #missingSince = new Map<number, number>();
  readonly #gone = new Set<number>();
  #lookedAt: number;

  constructor(parts: RootGuardParts) {
    this.#parts = parts;
    this.#lookedAt = parts.now();
  }

  isGone(root: number): boolean {
    return this.#gone.has(root);
  }

  lose(root: number): void {
    this.#parts.unfollow(root);
    this.#missingSince.delete(root);
    if (this.#gone.has(root)) return;
    this.#gone.add(root);
    this.#parts.batch.add({ kind: 'root-gone', root });
  }

  folderRootLost(root: number): void {
    this.lose(root);
  }

  /** It may be back at once. */
  fileRootLost(root: number): void {
    if (!this.#gone.has(root) && !this.#missingSince.has(root)) this.#missingSince.set(root, this.#parts.now());
  }

  fileRootSeen(root: number): void {
    this.#missingSince.delete(root);
    this.#gone.delete(root);
  }

  /** To be called after each read: what no event tells of is found here. */
  look(): void {
    const { batch, elsewhere, mounts, roots } = this.#parts;
    for (const root of this.#overdue()) {
      if (statEntry(roots[root] ?? '') === null) this.lose(root);
      else {
        this.fileRootSeen(root);
        batch.touched({ root, path: '' }, true);
      }
    }
    if (!this.#isTime()) return;
    for (const root of [...elsewhere()]) this.lose(root);
    for (const root of mounts.changed()) this.lose(root);
  }

  /** Files that stayed away too long. */
  #overdue(): number[] {
    if (this.#missingSince.size === 0) return [];
    const before = this.#parts.now() - REPLACE_MS;
    return [...this.#missingSince].flatMap(([root, since]) => (since <= before ? [root] : []));
  }

  #isTime(): boolean {
    const now = this.#parts.now();
    if (now - this.#lookedAt < LOOK_MS) return false;
    this.#lookedAt = now;
    return true;
  }
}
