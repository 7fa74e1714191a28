import { statEntry } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { KernelFanotifyGroup, type FanotifyGroup, type FanotifyRead } from './fanotify-group.ts';
import { FanotifyInterpreter, type InterpretedRoot } from './fanotify-interpreter.ts';
import type { FollowedSet } from './followed-set.ts';
import { HandleTree } from './handle-tree.ts';

/** Folders that are remembered when nothing happens; beyond, they are looked up again. */
const MANY_FOLDERS = 50_000;
/** Where so many are known although there was never a quiet moment, comparing everything is cheaper than remembering more. */
const MOST_FOLDERS = 500_000;
const NOTHING: FanotifyRead = { events: [], isDrained: false, readable: [] };

/**
 * Follows whole file systems with fanotify for any number of sets. Each event is made by the kernel, read and looked up once, whatever the
 * number of sets is; only where it happened in one does that cost more. Needs no watch for a folder, so a set is followed at once
 * whatever it holds, and the kernel's queue has no limit. Needs root, Linux 5.17, and file systems that find files by handle.
 */
export class FanotifyFollower {
  readonly #group: FanotifyGroup;
  readonly #sets = new Set<FollowedSet>();
  readonly #roots = new Map<number, InterpretedRoot>();
  #nextRoot = 0;
  #tree: HandleTree;
  #interpreter: FanotifyInterpreter;
  #read = NOTHING;
  /** Nothing that happened before the last `wait` is still to be told. */
  isDrained = true;

  /** Throws `unsupported`. */
  constructor() {
    this.#group = new KernelFanotifyGroup();
    [this.#tree, this.#interpreter] = this.#empty();
  }

  get group(): FanotifyGroup {
    return this.#group;
  }

  /** Follows the set from now on; it may be told of a little that happened before. Throws what `Capture.start` throws. */
  add(set: FollowedSet): void {
    this.#forgetAll();
    this.#group.leaveNothingOut();
    const firstRoot = this.#nextRoot;
    this.#nextRoot += set.roots.length;
    for (const [root, path] of set.roots.entries()) this.#roots.set(firstRoot + root, { set, root, path });
    this.#sets.add(set);
    try {
      set.join({ group: this.#group, tree: () => this.#tree, firstRoot });
    } catch (error) {
      this.remove(set);
      throw error;
    }
  }

  /** Nothing is told of the set any more. */
  remove(set: FollowedSet): void {
    set.leave();
    this.#group.leaveNothingOut();
    this.#sets.delete(set);
    for (const [number, root] of this.#roots) if (root.set === set) this.#roots.delete(number);
  }

  /**
   * Waits until something happened, one of `alsoFds` can be read, or the time is over; returns those that can be read. `handle` is due then.
   * `isBrief`: takes little at a time.
   */
  wait(timeoutMs: number, alsoFds: readonly number[], isBrief = false): readonly number[] {
    this.#read = this.#group.read(timeoutMs, alsoFds, isBrief);
    return this.#read.readable;
  }

  /** Tells the sets what the last `wait` brought. */
  handle(): void {
    const { events, isDrained } = this.#read;
    this.#read = NOTHING;
    if (this.#interpreter.handle(events, isDrained) === 'overflow' || this.#tree.size > MOST_FOLDERS) this.#startOver();
    else if (events.length === 0 && isDrained && this.#tree.size > MANY_FOLDERS) this.#tree.forget();
    this.isDrained = isDrained;
  }

  dispose(): void {
    this.#group.dispose();
  }

  /**
   * What is known of folders may be from a time since which nobody followed their file system: the last set on it had left, or it was not
   * mounted. Events that still wait are from before that gap, so they come first.
   */
  #forgetAll(): void {
    if (this.#tree.size === 0) return;
    this.handle();
    do {
      this.wait(0, []);
      this.handle();
    } while (!this.isDrained);
    this.#tree.forget();
  }

  #empty(): [HandleTree, FanotifyInterpreter] {
    const tree = new HandleTree((key) => this.#group.lookUp(key));
    const interpreter = new FanotifyInterpreter({
      tree,
      roots: this.#roots,
      kindAt,
      leaveOut: (folder) => this.#group.leaveOut(folder),
      leaveNothingOut: () => this.#group.leaveNothingOut(),
    });
    return [tree, interpreter];
  }

  /** Events were lost: nothing that is known of folders is sure. */
  #startOver(): void {
    this.#group.leaveNothingOut();
    [this.#tree, this.#interpreter] = this.#empty();
    for (const set of this.#sets) set.startOver();
  }
}

/** What cannot be looked at is told as a folder that appeared: whoever compares it finds out what is the matter, and no other set is concerned. */
function kindAt(path: AbsolutePath): 'folder' | 'file' | null {
  let kind: string | undefined;
  try {
    kind = statEntry(path)?.kind;
  } catch {
    return 'folder';
  }
  return kind === undefined ? null : kind === 'folder' ? 'folder' : 'file';
}
