import { chmodSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolders, ReplicationError, showName } from '../../base/index.ts';
import {
  ACL_ACCESS,
  ACL_DEFAULT,
  codedError,
  isMountPoint,
  isPlainSubvolume,
  mountsBelow,
  native,
  realFolder,
  removeExtended,
  statEntry,
  tryCloneIn,
  volumeType,
} from '../fs/index.ts';
import { STAGE_FOLDER, type AbsolutePath } from '../model/index.ts';
import type { SnapshotRoot } from './record.ts';

/** In the stage folder, which is ours: no set, scan, capture or search for orphans looks into it. */
const FOLDER = 'snapshots';

/** Whether a root is the top of a mounted volume, and stays where it is; another one can be exchanged as a whole. */
export function isFixed(root: AbsolutePath): boolean {
  return statEntry(root)?.kind === 'folder' && isMountPoint(realFolder(root));
}

/** Where the snapshots of a connection lie that hold this root: on its volume, beside it, or in it where it is the top of a volume. */
export function snapshotsFolder(root: AbsolutePath, connectionId: string): AbsolutePath {
  const base = isFixed(root) ? root : dirname(root);
  return `${base === '/' ? '' : base}/${STAGE_FOLDER}/${FOLDER}/${connectionId}`;
}

/**
 * How a root can be kept in a snapshot, its folder for them being there. Throws `no-snapshots` with the file system and why where it cannot,
 * and coded errors.
 */
export function kindOfSnapshot(root: AbsolutePath, folder: AbsolutePath): SnapshotRoot['kind'] {
  if (statEntry(root) === null) return 'none';
  const [mounted] = mountsBelow(root);
  if (mounted !== undefined) throw noSnapshots(root, `another volume is mounted in it, at ${showName(mounted)}`);
  if (!isFixed(root) && isPlainSubvolume(root)) return 'subvolume';
  try {
    tryCloneIn(folder);
    return 'clones';
  } catch (error) {
    if (error instanceof ReplicationError && error.code === 'unsupported') throw noSnapshots(root, '');
    throw error;
  }
}

/** Makes a folder that only we may enter. Throws coded errors. */
export function makeOwnFolder(folder: AbsolutePath): void {
  try {
    makeFolders(native(folder), 0o700);
    // What the folder around gives to new entries is not for ours.
    chmodSync(native(folder), 0o700);
    removeExtended(folder, ACL_DEFAULT);
    removeExtended(folder, ACL_ACCESS);
  } catch (error) {
    throw codedError(error, folder);
  }
}

/** The new tree of a revert, beside the place that takes the old one. */
export function stagedPlace(place: AbsolutePath): AbsolutePath {
  return `${place}.new`;
}

/** The same, once the old one is all in its place. */
export function incomingPlace(place: AbsolutePath): AbsolutePath {
  return `${place}.in`;
}

/**
 * Whether the disk of a snapshot seems to be away. Its own folder is made before anything is put into it, and goes after the record; where that alone
 * was removed by hand, what is around it is mostly still there.
 */
export function isAway(place: AbsolutePath): boolean {
  const own = dirname(place);
  const stage = dirname(dirname(dirname(own)));
  return statEntry(own) === null && statEntry(stage) === null;
}

/** Takes away the folders of ours around a snapshot that is gone, up to the first with something in it. */
export function removeEmptyFolders(place: AbsolutePath): void {
  try {
    // The snapshot's own folder, the connection's, that of all snapshots, and the stage.
    for (let i = 0, folder = dirname(place); i < 4; i++, folder = dirname(folder)) rmdirSync(native(folder));
  } catch {
    // Something else of ours is still in it, or it is gone.
  }
}

function noSnapshots(root: AbsolutePath, text: string): ReplicationError {
  return new ReplicationError('no-snapshots', { path: showName(root), type: volumeType(root), text });
}
