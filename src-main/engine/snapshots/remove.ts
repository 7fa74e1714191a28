import { chmodSync, rmSync } from 'node:fs';
import { rawName, ReplicationError } from '../../base/index.ts';
import { codedError, deleteSubvolume, native, readFolder, statEntry, subvolumeId } from '../fs/index.ts';
import { childPath, type AbsolutePath } from '../model/index.ts';
import { incomingPlace, isAway, removeEmptyFolders, stagedPlace } from './places.ts';
import type { SnapshotRecord } from './record.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/** Throws `not-found` where the disk of a snapshot is away: what lies there cannot be removed now, and would be forgotten. */
export function refuseAway({ roots }: SnapshotRecord): void {
  const away = roots.find(({ place }) => isAway(rawName(place)));
  if (away !== undefined) throw new ReplicationError('not-found', { path: away.place });
}

/**
 * Removes all trees of a snapshot, as far as they are there, and then its record; the folders of ours around them go last. Throws coded errors, and
 * the record stays: it can be called again then.
 */
export function removeAll(record: SnapshotRecord, store: SnapshotStore): void {
  refuseAway(record);
  for (const root of record.roots) {
    const place = rawName(root.place);
    for (const path of [stagedPlace(place), incomingPlace(place), place]) removeTree(path);
  }
  store.drop(record);
  for (const { place } of record.roots) removeEmptyFolders(rawName(place));
}

/** What was made of one that is given up goes; what cannot go now does with the next `tidySnapshots`, and whoever gave it up tells why he did. */
export function undo(record: SnapshotRecord, store: SnapshotStore): void {
  try {
    removeAll(record, store);
  } catch {
    // Its record is still there.
  }
}

/** Removes an entry with all below it, also a subvolume that cannot be written. */
export function removeTree(path: AbsolutePath): void {
  if (statEntry(path) === null) return;
  if (subvolumeId(path) !== null && isDeletedAsOne(path)) return;
  try {
    remove(path);
  } catch (error) {
    const coded = codedError(error, path);
    if (coded.code !== 'permission-denied') throw coded;
    lendAll(path);
    remove(path);
  }
}

/** False for one that has others in it: those go with their folders. */
function isDeletedAsOne(subvolume: AbsolutePath): boolean {
  try {
    deleteSubvolume(subvolume);
    return true;
  } catch (error) {
    if (codedError(error, subvolume).code === 'not-empty') return false;
    throw error;
  }
}

function remove(path: AbsolutePath): void {
  try {
    rmSync(native(path), { recursive: true, force: true });
  } catch (error) {
    throw codedError(error, path);
  }
}

/** Without root the modes of folders count for us too, and a replica may have some that nobody may change. */
function lendAll(path: AbsolutePath): void {
  if (statEntry(path)?.kind !== 'folder') return;
  chmodSync(native(path), 0o700);
  for (const name of readFolder(path)) lendAll(childPath(path, name));
}
