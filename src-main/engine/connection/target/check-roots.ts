import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { MappedRoot } from '../../../api/index.ts';
import { rawName, ReplicationError, showName } from '../../../base/index.ts';
import { codedError, native, statEntry } from '../../fs/index.ts';
import { pathsOverlap, resolveUserPath, type AbsolutePath, type VolumeTable } from '../../model/index.ts';
import { refuseLinks } from '../refuse-links.ts';

/** A replica that is here already. */
export interface OtherReplica {
  readonly setName: string;
  readonly roots: readonly MappedRoot[];
}

/**
 * The roots with the paths where they will really arrive here. Makes sure that each one's nearest existing folder can be written
 * (`permission-denied`, `read-only`, `not-a-folder`) and that no root lies in another replica or holds one (`map-loop`), nor is reached through a link in its last `namesInside` names
 * (`outside-root`). Creates nothing.
 */
export function checkRoots(
  roots: readonly MappedRoot[],
  volumes: VolumeTable,
  others: readonly OtherReplica[],
  namesInside: readonly number[] = [],
): readonly MappedRoot[] {
  const places = roots.map((root, i) => resolveRoot(resolveUserPath(root.to, volumes).absolute, namesInside[i] ?? 0));
  const taken = others.flatMap((other) =>
    other.roots.map((root) => ({ path: realPlace(rawName(root.to)), setName: other.setName })),
  );
  for (const [i, place] of places.entries()) {
    checkWritable(place);
    const real = realPlace(place);
    const other = taken.find(({ path }) => pathsOverlap(path, real));
    if (other !== undefined) {
      throw new ReplicationError('map-loop', {
        path: showName(place),
        text: `the replica of ${other.setName} is at ${showName(other.path)}`,
      });
    }
    const twin = places.findIndex((candidate, k) => k !== i && pathsOverlap(realPlace(candidate), real));
    if (twin >= 0) {
      throw new ReplicationError('map-invalid', {
        text: `${showName(place)} and ${showName(places[twin] ?? '')} lie in each other`,
      });
    }
  }
  return roots.map(({ from }, i) => ({ from, to: Buffer.from(places[i] ?? '', 'latin1').toString('utf8') }));
}

/** A root that is itself a link to a folder means that folder; links are never followed later. */
function resolveRoot(root: AbsolutePath, namesInside: number): AbsolutePath {
  if (namesInside === 0) return statEntry(root)?.kind === 'symlink' ? realPlace(root) : root;
  const inside = root.slice(1).split('/').slice(-namesInside);
  const named = resolveRoot(root.slice(0, -inside.join('/').length - 1) || '/', 0);
  const place = `${named === '/' ? '' : named}/${inside.join('/')}`;
  refuseLinks(place, namesInside);
  return place;
}

/** The path with all links in its existing part resolved, for comparing. */
function realPlace(path: AbsolutePath): AbsolutePath {
  try {
    return realpathSync(native(path), { encoding: 'latin1' });
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    const real = realPlace(parent);
    return `${real === '/' ? '' : real}${path.slice(parent === '/' ? 0 : parent.length)}`;
  }
}

function checkWritable(root: AbsolutePath): void {
  const folder = nearestFolder(root);
  try {
    accessSync(native(folder), constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code, details } = codedError(error, folder);
    // Nothing waits here: the connection is not made.
    throw new ReplicationError(code, { ...details, refused: true }, { cause: error });
  }
}

/** The root if it is a folder, else the nearest folder above it that exists. A file may stand at the root itself, for a single-file set. */
function nearestFolder(root: AbsolutePath): AbsolutePath {
  for (let path = root; ; path = dirname(path)) {
    let isFolder: boolean;
    try {
      isFolder = statSync(native(path)).isDirectory();
    } catch (error) {
      const failure = codedError(error, path);
      if (failure.code === 'not-found' || failure.code === 'not-a-folder') continue;
      throw failure;
    }
    if (isFolder) return path;
    if (path !== root) throw new ReplicationError('not-a-folder', { path: showName(path) });
  }
}
