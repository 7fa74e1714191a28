/** Paths as rules and folder lists write them, cut into names so that they can be compared. */

/** A drive letter that a server maps to a folder of its own. */
export interface VolumeFolder {
  readonly name: string;
  readonly folder: string;
}

/** `/srv/data/` → `['srv', 'data']`; `c:\data` → the names of the volume's folder, then `data`; without that volume `['c:', 'data']`. */
export function pathNames(path: string, volumes: readonly VolumeFolder[] = []): readonly string[] {
  const drive = /^([a-z]):(?:[\\/]|$)/i.exec(path);
  if (drive === null) return path.split('/').filter((name) => name !== '');
  const letter = (drive[1] ?? '').toLowerCase();
  const below = path
    .slice(2)
    .split(/[\\/]/)
    .filter((name) => name !== '');
  const volume = volumes.find((candidate) => candidate.name.toLowerCase() === letter);
  return volume === undefined ? [`${letter}:`, ...below] : [...pathNames(volume.folder), ...below];
}

/** The last name of a path, or the whole for the top. */
export function lastName(path: string): string {
  const names = path.split(/[\\/]/).filter((name) => name !== '');
  return names.at(-1) ?? path;
}

/** `/srv/data` and `replica` → `/srv/data/replica`, in the path's own manner. */
export function joinPath(folder: string, name: string): string {
  const separator = /^[a-z]:/i.test(folder) ? '\\' : '/';
  return /[\\/]$/.test(folder) ? `${folder}${name}` : `${folder}${separator}${name}`;
}

/** The path without a separator at its end, except at the top of a disk. */
export function trimPath(path: string): string {
  const trimmed = path.trim();
  if (/^([a-z]:)?[\\/]$/i.test(trimmed)) return trimmed;
  return trimmed.replace(/[\\/]+$/, '');
}

/** True for a path that starts at the top of a disk or volume. */
export function isAbsolutePath(path: string): boolean {
  return /^(\/|[a-z]:([\\/]|$))/i.test(path);
}
