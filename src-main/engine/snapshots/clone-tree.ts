import { chmodSync, linkSync, mkdirSync, symlinkSync } from 'node:fs';
import {
  cloneFileTo,
  codedError,
  native,
  readExtended,
  readFolder,
  readLink,
  setExtended,
  setOwner,
  setTimes,
  statEntry,
} from '../fs/index.ts';
import { childPath, type AbsolutePath, type EntryStat } from '../model/index.ts';

export interface TreeCounts {
  files: number;
  bytes: number;
  /** Pipes, sockets and devices, which no replica carries. */
  leftOut: number;
}

export interface CloneTreeOptions {
  readonly from: AbsolutePath;
  /** Where the tree goes; nothing is there. Its folder is on the same volume. */
  readonly to: AbsolutePath;
  /** Counted up as it goes on. */
  readonly counts: TreeCounts;
  /** Called for each entry; ends it by throwing. */
  readonly onEntry: () => void;
}

/**
 * A second tree of what is at `from`, a folder or a single entry: each file shares its blocks with the first one, so it takes room for names only.
 * Names, links, holes, owners, modes, times and extended attributes are the same, and names of one file are names of one file. Our own stage
 * folder is not in it. Throws coded errors; what was made by then is the caller's to remove.
 */
export function cloneTree(options: CloneTreeOptions): void {
  new Cloner(options).clone(options.from, options.to);
}

class Cloner {
  readonly #options: CloneTreeOptions;
  /** Files with several names: where the first one went. */
  readonly #linked = new Map<string, AbsolutePath>();

  constructor(options: CloneTreeOptions) {
    this.#options = options;
  }

  clone(from: AbsolutePath, to: AbsolutePath): void {
    this.#options.onEntry();
    const stat = statEntry(from);
    if (stat === null) return;
    switch (stat.kind) {
      case 'folder':
        wrapped(to, () => mkdirSync(native(to), 0o700));
        for (const name of readFolder(from)) this.clone(childPath(from, name), childPath(to, name));
        // Last: what is put into a folder changes its time, and its rules for new entries are not for ours.
        setAttributes(from, to, stat);
        return;
      case 'file':
        this.#cloneFile(from, to, stat);
        return;
      case 'symlink':
        wrapped(to, () => symlinkSync(native(readLink(from)), native(to)));
        setAttributes(from, to, stat);
        return;
      case 'other':
        this.#options.counts.leftOut++;
    }
  }

  #cloneFile(from: AbsolutePath, to: AbsolutePath, stat: EntryStat): void {
    const { counts } = this.#options;
    const key = `${stat.dev}:${stat.ino}`;
    const first = stat.nlink > 1 ? this.#linked.get(key) : undefined;
    counts.files++;
    if (first !== undefined) {
      wrapped(to, () => linkSync(native(first), native(to)));
      return;
    }
    cloneFileTo(from, to);
    setAttributes(from, to, stat);
    counts.bytes += stat.size;
    if (stat.nlink > 1) this.#linked.set(key, to);
  }
}

/** The owner first, because that takes set-user-id and capabilities away; the time last, because everything else may change it. */
function setAttributes(from: AbsolutePath, to: AbsolutePath, stat: EntryStat): void {
  setOwner(to, stat.uid, stat.gid);
  if (stat.kind !== 'symlink') wrapped(to, () => chmodSync(native(to), stat.mode));
  for (const attribute of readExtended(from).list) setExtended(to, attribute);
  setTimes(to, stat.mtimeNs);
}

/** What `from` has besides its content goes to `to`, which is of the same kind. Throws coded errors. */
export function copyAttributes(from: AbsolutePath, to: AbsolutePath): void {
  const stat = statEntry(from);
  if (stat !== null) setAttributes(from, to, stat);
}

function wrapped(path: AbsolutePath, call: () => void): void {
  try {
    call();
  } catch (error) {
    throw codedError(error, path);
  }
}
