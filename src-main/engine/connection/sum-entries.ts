import { ReplicationError, showName, toReplicationError } from '../../base/index.ts';
import { readFolder, statEntry } from '../fs/index.ts';
import type { AbsolutePath, CompiledRules, EntryStat } from '../model/index.ts';

/** What a set selects. Symbolic links count as files; `unreadable` folders could not be looked into. */
export interface Sums {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  readonly unreadable: number;
}

/**
 * Walks what the rules select and sums it; `onEntry` is called after each entry that was looked at. Entries that vanish meanwhile are left out.
 * Throws `not-found` when an included root does not exist, and what `onEntry` throws.
 */
export function sumEntries(rules: CompiledRules, onEntry: () => void): Sums {
  const sums = { files: 0, folders: 0, bytes: 0, unreadable: 0 };
  const count = (path: AbsolutePath, stat: EntryStat) => {
    if (stat.kind === 'other' || !rules.selects(path, stat.kind === 'folder')) return;
    if (stat.kind === 'folder') sums.folders++;
    else sums.files++;
    if (stat.kind === 'file') sums.bytes += stat.size;
  };
  for (const { absolute, typed } of rules.roots) {
    const stat = statEntry(absolute);
    if (stat === null) throw new ReplicationError('not-found', { path: typed });
    count(absolute, stat);
    // A stack of folders rather than of iterators: its size is that of the widest levels, far below one entry per file.
    const folders = stat.kind === 'folder' && rules.descends(absolute) ? [absolute] : [];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      for (const name of namesIn(folder, () => sums.unreadable++)) {
        const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
        const entry = statEntry(path);
        if (entry === null) continue;
        count(path, entry);
        if (entry.kind === 'folder' && rules.descends(path)) folders.push(path);
        onEntry();
      }
    }
  }
  return sums;
}

function namesIn(folder: AbsolutePath, onUnreadable: () => void): string[] {
  try {
    return readFolder(folder);
  } catch (error) {
    const { code } = toReplicationError(error);
    if (code === 'permission-denied' || code === 'io-error') onUnreadable();
    else if (code !== 'not-found' && code !== 'not-a-folder' && code !== 'outside-root')
      throw new ReplicationError(code, { path: showName(folder) }, { cause: error });
    return [];
  }
}
