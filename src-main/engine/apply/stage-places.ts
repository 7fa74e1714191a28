import { accessSync, chmodSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { ReplicationError, showName, makeFolders } from '../../base/index.ts';
import { ACL_ACCESS, ACL_DEFAULT, codedError, native, removeExtended, statEntry } from '../fs/index.ts';
import { STAGE_FOLDER, type AbsolutePath } from '../model/index.ts';

/** Where the data of each root wait, and on which volume that is (an index into `volumes`). */
export interface StagePlaces {
  readonly roots: readonly { readonly folder: AbsolutePath; readonly volume: number }[];
  /** One folder on each volume. */
  readonly volumes: readonly AbsolutePath[];
  /** Folders above the roots that were not there before, deepest first. */
  readonly made: readonly AbsolutePath[];
}

/**
 * Makes the folders in which a replica's data wait until they are renamed to their places: on the volume of each root, beside the root
 * where that is possible, else in it. Makes the missing parents of the roots. Throws coded errors.
 */
export function makeStagePlaces(roots: readonly AbsolutePath[], connectionId: string): StagePlaces {
  const volumes: { readonly dev: bigint; readonly folder: AbsolutePath }[] = [];
  const made = roots.flatMap((root) => missingFolders(dirname(root)));
  const places = roots.map((root) => {
    const folder = makeStageFolder(root, connectionId);
    const dev = statEntry(folder)?.dev ?? 0n;
    let volume = volumes.findIndex((known) => known.dev === dev);
    if (volume < 0) volume = volumes.push({ dev, folder }) - 1;
    return { folder, volume };
  });
  return { roots: places, volumes: volumes.map(({ folder }) => folder), made };
}

function missingFolders(folder: AbsolutePath): AbsolutePath[] {
  const missing: AbsolutePath[] = [];
  for (let path = folder; statEntry(path) === null; path = dirname(path)) missing.push(path);
  return missing;
}

/** The two folders in which a root's data may wait. */
export function stageFoldersOf(root: AbsolutePath, connectionId: string): readonly AbsolutePath[] {
  return [dirname(root), root].map((base) => `${base === '/' ? '' : base}/${STAGE_FOLDER}/${connectionId}`);
}

function makeStageFolder(root: AbsolutePath, connectionId: string): AbsolutePath {
  const parent = dirname(root);
  const [beside = '', inside = ''] = stageFoldersOf(root, connectionId);
  try {
    makeFolder(parent);
    const rootStat = statEntry(root);
    const isOwnVolume = rootStat?.kind === 'folder' && rootStat.dev !== deviceOf(parent);
    const folder = rootStat?.kind === 'folder' && (isOwnVolume || !isWritable(parent)) ? inside : beside;
    makeFolders(native(folder), 0o700);
    // A set-group-id parent would give its group to every file made here.
    chmodSync(native(folder), 0o700);
    // And one with a default ACL would give that.
    removeExtended(folder, ACL_DEFAULT);
    removeExtended(folder, ACL_ACCESS);
    return folder;
  } catch (error) {
    throw codedError(error, root);
  }
}

function makeFolder(folder: AbsolutePath): void {
  try {
    makeFolders(native(folder), 0o755);
  } catch (error) {
    const failure = codedError(error, folder);
    const details = { path: showName(folder) };
    // A file stands where a folder is needed.
    if (failure.code === 'already-exists') throw new ReplicationError('not-a-folder', details);
    // Not in a file system such as that of /proc.
    if (failure.code === 'not-found') throw new ReplicationError('not-found', { ...details, making: true }, { cause: error });
    throw failure;
  }
}

/** The parent may be reached through a link: that is the administrator's choice. */
function deviceOf(folder: AbsolutePath): bigint | undefined {
  return statEntry(`${folder === '/' ? '' : folder}/.`)?.dev;
}

function isWritable(folder: AbsolutePath): boolean {
  try {
    accessSync(native(folder), constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
