import { readFileSync } from 'node:fs';
import { invariant, ReplicationError, showName } from '../../base/index.ts';
import { readFolder, statEntry } from '../fs/index.ts';
import type { AbsolutePath, Notice } from '../model/index.ts';
import type { Capture, CaptureOptions } from './capture.ts';
import { EventInterpreter } from './event-interpreter.ts';
import { InotifyWatcher, type FolderWatcher } from './folder-watcher.ts';
import { isRenameOpen } from './inotify-events.ts';
import { MountWatch } from './mount-watch.ts';
import { NoticeBatch } from './notice-batch.ts';
import { RootGuard } from './root-guard.ts';
import { TreeKeeper } from './tree-keeper.ts';
import { rootsOf, watchRoots, type MissingRoot } from './watch-roots.ts';

/** What tests put in the place of kernel and clock. */
export interface CaptureParts {
  readonly createWatcher: () => FolderWatcher;
  readonly now: () => number;
}

/** How long the second half of a rename is waited for; the kernel writes both in one go, so it is there or on its way. */
const RENAME_WAIT_MS = 10;
const RENAME_TAIL_EVENTS = 64;

interface Session {
  readonly watcher: FolderWatcher;
  readonly keeper: TreeKeeper;
  readonly interpreter: EventInterpreter;
}

/** Follows changes with inotify. All calls from one thread, which `read` blocks. */
export class InotifyCapture implements Capture {
  readonly #options: CaptureOptions;
  readonly #parts: CaptureParts;
  readonly #batch = new NoticeBatch();
  readonly #guard: RootGuard;
  #session: Session | null = null;

  constructor(options: CaptureOptions, parts: Partial<CaptureParts> = {}) {
    this.#options = options;
    this.#parts = { createWatcher: () => new InotifyWatcher(options.bellFd), now: () => performance.now(), ...parts };
    const mounts = new MountWatch(options.roots, (folder) => options.descends(folder));
    this.#guard = new RootGuard({
      roots: options.roots,
      mounts,
      batch: this.#batch,
      now: this.#parts.now,
      unfollow: (root) => this.#unfollow(root),
      elsewhere: () => this.#elsewhere(),
    });
  }

  /** Watches everything. Throws `not-found`, `permission-denied` (a root), `watch-limit`, `too-many-open`, `unsupported`. */
  start(): void {
    invariant(this.#session === null, 'a capture starts once');
    const missing = this.#watchAll();
    const [first] = missing;
    if (first === undefined) return;
    this.close();
    throw new ReplicationError(first.code, { path: showName(first.path) });
  }

  /** How many folders are watched. */
  get watches(): number {
    return this.#session?.keeper.tree.watches ?? 0;
  }

  /** Waits up to `timeoutMs` and returns what happened, in order; empty when nothing did. Throws `watch-limit` when a new folder cannot be watched. */
  read(timeoutMs: number): Notice[] {
    const session = this.#session;
    invariant(session !== null, 'a capture is read between start and close');
    let events = session.watcher.read(timeoutMs);
    if (events.length > 0) {
      const giveUpAt = this.#parts.now() + RENAME_WAIT_MS;
      for (let left = RENAME_WAIT_MS; left > 0 && isRenameOpen(events, RENAME_TAIL_EVENTS); left = giveUpAt - this.#parts.now()) {
        events = events.concat(session.watcher.read(Math.ceil(left)));
      }
      this.#withLimit(() => {
        if (session.interpreter.handle(events) === 'overflow') this.#watchAgain();
      });
    }
    this.#guard.look();
    return this.#batch.take();
  }

  get isDrained(): boolean {
    return this.#session?.watcher.isDrained ?? false;
  }

  close(): void {
    this.#session?.watcher.dispose();
    this.#session = null;
  }

  /** Events were lost: nothing that we know of the tree is sure. New watches for all of it, then the word that all must be compared. */
  #watchAgain(): void {
    this.close();
    const missing = this.#watchAll();
    this.#batch.add({ kind: 'overflow' });
    for (const { root } of missing) this.#guard.lose(root);
  }

  #watchAll(): MissingRoot[] {
    const descends = (folder: AbsolutePath): boolean => this.#options.descends(folder);
    const watcher = this.#parts.createWatcher();
    const keeper = new TreeKeeper(watcher, descends);
    const interpreter = new EventInterpreter(keeper, this.#options, this.#batch, this.#guard);
    this.#session = { watcher, keeper, interpreter };
    try {
      return this.#withLimit(() =>
        watchRoots(
          this.#options.roots,
          (root) => this.#guard.isGone(root),
          (path, anchor) => keeper.watchTop(keeper.tree.addTop({ ...anchor, path }), anchor.kind === 'folder' && descends(path)),
        ),
      );
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #unfollow(root: number): void {
    const keeper = this.#session?.keeper;
    const top = keeper?.tree.tops.find(({ anchor }) => anchor?.kind === 'folder' && anchor.root === root);
    if (top !== undefined) keeper?.drop(top);
  }

  #elsewhere(): readonly number[] {
    const keeper = this.#session?.keeper;
    const tops = keeper?.tree.tops.filter((top) => keeper.whileOpen(top, () => true) !== true) ?? [];
    return tops.flatMap(({ anchor }) => rootsOf(anchor));
  }

  /** Adds to `watch-limit` what a person needs to set the limit right. */
  #withLimit<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof ReplicationError) || error.code !== 'watch-limit') throw error;
      throw new ReplicationError('watch-limit', { needed: this.#countFolders(), limit: watchLimit() }, { cause: error });
    }
  }

  #countFolders(): number {
    let count = 0;
    const rest = [...this.#options.roots];
    for (let folder = rest.pop(); folder !== undefined; folder = rest.pop()) {
      if (statEntry(folder)?.kind !== 'folder' || !this.#options.descends(folder)) continue;
      count++;
      try {
        const parent = folder === '/' ? '' : folder;
        for (const name of readFolder(folder)) rest.push(`${parent}/${name}`);
      } catch {
        // A folder that cannot be read needs no watch.
      }
    }
    return count;
  }
}

function watchLimit(): number | null {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8'));
  } catch {
    return null;
  }
}
