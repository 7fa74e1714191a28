import type { DiskPlace, DiskPlaces, MappedRoot } from '../../api/index.ts';
import { rawName } from '../../base/index.ts';
import { machineId, realFolder, statEntry } from '../fs/index.ts';
import { lastName, type AbsolutePath } from '../model/index.ts';

/** Where the target paths of roots lie on this machine's disk; null where machines cannot be told apart. */
export function diskPlaces(roots: readonly MappedRoot[]): DiskPlaces | null {
  const machine = machineId();
  return machine === null ? null : { machine, roots: roots.map(({ to }) => placeOf(rawName(to))) };
}

/** Whether `places` are of this very machine; null when that cannot be told. */
export function isThisMachine(places: DiskPlaces | null): boolean | null {
  const machine = machineId();
  return machine === null || places === null ? null : places.machine === machine;
}

/**
 * The first root that would arrive inside the set, on one of its folders or around one, whatever paths and mounts lead there. Both
 * sides are of this machine. Null when there is none.
 */
export function findSharedFolder(
  roots: readonly MappedRoot[],
  places: DiskPlaces,
  selects: (path: AbsolutePath, isFolder: boolean) => boolean,
): MappedRoot | null {
  for (const [i, target] of places.roots.entries()) {
    const to = roots[i]?.to ?? '';
    for (const { from } of roots) {
      const path = rawName(from);
      const source = placeOf(path);
      const [own] = source.folders;
      if (own === undefined) continue;
      if (own.id === target.folders[0]?.id && source.rest.join('/') === target.rest.join('/')) return { from, to };
      if (source.rest.length > 0) continue; // a file: it holds nothing
      const at = target.folders.findIndex(({ id }) => id === own.id);
      if (at >= 0) {
        const folders = target.folders.slice(0, at).map(({ name }) => name);
        const below = [...folders.reverse(), ...target.rest];
        if (selects(`${path === '/' ? '' : path}/${below.join('/')}`, true)) return { from, to };
        continue;
      }
      // The source's folder inside the place where the replica would be.
      const [outer] = target.folders;
      if (target.rest.length === 0 && source.folders.some(({ id }) => id === outer?.id)) return { from, to };
    }
  }
  return null;
}

function placeOf(path: AbsolutePath): DiskPlace {
  const rest: string[] = [];
  let at = path;
  while (at !== '/' && at !== '' && statEntry(`${at}/.`) === null) {
    rest.unshift(lastName(at));
    at = at.slice(0, at.lastIndexOf('/'));
  }
  const folders: { id: string; name: string }[] = [];
  for (let folder = realFolder(at === '' ? '/' : at); ; folder = folder.slice(0, folder.lastIndexOf('/')) || '/') {
    const stat = statEntry(folder);
    if (stat === null) break;
    folders.push({ id: `${stat.dev}:${stat.ino}`, name: folder === '/' ? '' : lastName(folder) });
    if (folder === '/') break;
  }
  return { folders, rest };
}
