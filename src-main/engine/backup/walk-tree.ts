import { toReplicationError, type ReplicationError } from '../../base/index.ts';
import { readFolder, statEntry } from '../fs/index.ts';
import { childPath, type AbsolutePath, type EntryStat, type RelativePath } from '../model/index.ts';

/** One entry as the disk has it. `error`: it could not be looked at (`stat` is null), or its names not be read. */
export interface TreeEntry {
  readonly path: RelativePath;
  readonly absolute: AbsolutePath;
  readonly stat: EntryStat | null;
  readonly error: ReplicationError | null;
}

/** A folder that is being walked. */
interface Level {
  readonly path: RelativePath;
  readonly absolute: AbsolutePath;
  readonly names: readonly string[];
  next: number;
}

/**
 * A tree in the order of `orderKey`: each folder right before what is in it. Our own stage folders are passed over, and what `isLeftOut`
 * says, with all below it. No link is followed. Memory holds the names of the folders on the way to the present entry.
 */
export function* walkTree(root: AbsolutePath, isLeftOut: (absolute: AbsolutePath) => boolean): Generator<TreeEntry> {
  const levels: Level[] = [];
  const look = (path: RelativePath, absolute: AbsolutePath): TreeEntry | null => {
    let stat: EntryStat | null = null;
    try {
      stat = statEntry(absolute);
      if (stat === null) return null; // gone since its name was read
      if (stat.kind === 'folder') levels.push({ path, absolute, names: readFolder(absolute), next: 0 });
      return { path, absolute, stat, error: null };
    } catch (error) {
      return { path, absolute, stat, error: toReplicationError(error) };
    }
  };
  const top = look('', root);
  if (top !== null) yield top;
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    const name = level.names[level.next++];
    if (name === undefined) {
      levels.pop();
      continue;
    }
    const absolute = level.absolute === '/' ? `/${name}` : `${level.absolute}/${name}`;
    if (isLeftOut(absolute)) continue;
    const entry = look(childPath(level.path, name), absolute);
    if (entry !== null) yield entry;
  }
}
