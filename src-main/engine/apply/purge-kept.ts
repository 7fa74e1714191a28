import { rmdirSync } from 'node:fs';
import { ReplicationError } from '../../base/index.ts';
import { codedError, native, statEntry } from '../fs/index.ts';
import { isWithin, type AbsolutePath } from '../model/index.ts';
import { coded, unlinkIfThere } from './disk-steps.ts';
import type { KeptDeleted, KeptEntry } from './kept-deleted.ts';
import type { ReplicaPaths } from './replica-paths.ts';

/** Which of a replica's kept deleted entries are to go. */
export interface PurgeOrder {
  /** Only those whose path holds this text; '' for all. */
  readonly search: string;
  /** Only those that were deleted at this moment or before, ms since 1970. */
  readonly beforeMs: number;
  /** Stops when no more than this is kept; 0 for as much as the rest allows. */
  readonly untilBytes: number;
}

export interface PurgeResult {
  readonly removed: number;
  readonly removedBytes: number;
  /** Changed since they were deleted, in use as a folder, or not to be removed for want of rights: they stay, and stay listed. */
  readonly stayed: number;
}

export interface PurgeParts {
  readonly kept: KeptDeleted;
  readonly paths: ReplicaPaths;
  readonly roots: readonly AbsolutePath[];
  /** Tells that names in the folder changed. */
  readonly changed: (root: number, folder: AbsolutePath) => void;
}

/** Removes kept entries for good, the longest deleted first. What is not exactly as it was when the source deleted it is left alone. */
export function purgeKept(order: PurgeOrder, { kept, paths, roots, changed }: PurgeParts): PurgeResult {
  let [removed, removedBytes, stayed] = [0, 0, 0];
  let { bytes } = kept.totals(roots);
  // Nothing is believed of the folders on the way; see ReplicaPaths.
  paths.forget();
  for (const entry of kept.oldest(roots, order.search, order.beforeMs)) {
    if (order.untilBytes > 0 && bytes <= order.untilBytes) break;
    const root = roots.findIndex((candidate) => isWithin(entry.path, candidate));
    const outcome = remove(entry, root, roots[root] ?? '', paths);
    if (outcome === 'stays') {
      stayed++;
      continue;
    }
    kept.drop(entry.path);
    const size = entry.kind === 'file' ? entry.size : 0;
    bytes -= size;
    if (outcome === 'gone') continue;
    removed++;
    removedBytes += size;
    changed(root, entry.path.slice(0, Math.max(1, entry.path.lastIndexOf('/'))));
  }
  paths.forget();
  return { removed, removedBytes, stayed };
}

function remove(entry: KeptEntry, root: number, rootPath: AbsolutePath, paths: ReplicaPaths): 'removed' | 'gone' | 'stays' {
  try {
    paths.checkParent(root, entry.path === rootPath ? '' : entry.path.slice(rootPath.length + 1));
    const now = statEntry(entry.path);
    if (now === null) return 'gone';
    const isAsDeleted =
      now.kind === entry.kind && (now.kind === 'folder' || (now.size === entry.size && now.mtimeNs === entry.mtimeNs));
    if (!isAsDeleted) return 'stays';
    if (now.kind === 'folder') coded(entry.path, () => rmdirSync(native(entry.path)));
    else unlinkIfThere(entry.path);
    return 'removed';
  } catch (error) {
    const { code } = codedError(error, entry.path);
    if (error instanceof ReplicationError && code === 'missing-on-target') return 'gone';
    if (code === 'internal') throw error;
    return 'stays';
  }
}
