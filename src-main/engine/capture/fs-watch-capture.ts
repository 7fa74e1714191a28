import { invariant, ReplicationError, showName } from '../../base/index.ts';
import type { AbsolutePath, Notice } from '../model/index.ts';
import type { Capture, CaptureOptions } from './capture.ts';
import { HintInterpreter } from './hint-interpreter.ts';
import { HintTree } from './hint-tree.ts';
import { MountWatch } from './mount-watch.ts';
import { NoticeBatch } from './notice-batch.ts';
import { RootGuard } from './root-guard.ts';
import { rootsOf, watchRoots, type MissingRoot } from './watch-roots.ts';
import { WatchThread, type HintSource } from './watch-thread.ts';

/** What tests put in the place of thread and clock. */
export interface FsWatchParts {
  readonly createSource: () => HintSource;
  readonly now: () => number;
}

interface Session {
  readonly source: HintSource;
  readonly tree: HintTree;
  readonly interpreter: HintInterpreter;
}

/**
 * Follows changes with Node's own `fs.watch`, where no native call can be made. It is told a name and nothing else, so that each hint
 * costs a look at the disk, and a moved folder is known by its identity. All calls from one thread, which `read` blocks.
 */
export class FsWatchCapture implements Capture {
  readonly #options: CaptureOptions;
  readonly #parts: FsWatchParts;
  readonly #batch = new NoticeBatch();
  readonly #guard: RootGuard;
  #session: Session | null = null;
  isDrained = false;

  constructor(options: CaptureOptions, parts: Partial<FsWatchParts> = {}) {
    this.#options = options;
    this.#parts = { createSource: () => new WatchThread(), now: () => performance.now(), ...parts };
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

  start(): void {
    invariant(this.#session === null, 'a capture starts once');
    const [first] = this.#watchAll();
    if (first === undefined) this.#follow(0);
    else {
      this.close();
      throw new ReplicationError(first.code, { path: showName(first.path) });
    }
  }

  read(timeoutMs: number): Notice[] {
    this.#follow(timeoutMs);
    this.isDrained = timeoutMs === 0;
    this.#guard.look();
    return this.#batch.take();
  }

  close(): void {
    this.#session?.source.dispose();
    this.#session = null;
  }

  #follow(timeoutMs: number): void {
    const session = this.#session;
    invariant(session !== null, 'a capture is read between start and close');
    const { hints, isComplete } = session.source.take(timeoutMs);
    if (isComplete) session.interpreter.handle(hints);
    else this.#watchAgain();
  }

  #watchAgain(): void {
    this.close();
    const missing = this.#watchAll();
    this.#session?.source.drain();
    this.#batch.add({ kind: 'overflow' });
    for (const { root } of missing) this.#guard.lose(root);
  }

  #watchAll(): MissingRoot[] {
    const descends = (folder: AbsolutePath): boolean => this.#options.descends(folder);
    const source = this.#parts.createSource();
    const tree = new HintTree(source, descends);
    const interpreter = new HintInterpreter(tree, this.#options, this.#batch, this.#guard);
    this.#session = { source, tree, interpreter };
    try {
      return watchRoots(
        this.#options.roots,
        (root) => this.#guard.isGone(root),
        (path, anchor) => tree.addTop(path, anchor, anchor.kind === 'folder' && descends(path)),
      );
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #unfollow(root: number): void {
    const tree = this.#session?.tree;
    const top = tree?.tops().find(({ anchor }) => anchor?.kind === 'folder' && anchor.root === root);
    if (top !== undefined) tree?.drop(top);
  }

  #elsewhere(): readonly number[] {
    const tree = this.#session?.tree;
    const tops = tree?.tops().filter((top) => !tree.isHere(top)) ?? [];
    return tops.flatMap(({ anchor }) => rootsOf(anchor));
  }
}
