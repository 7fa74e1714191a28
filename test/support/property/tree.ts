import { lstatSync, readdirSync, statSync, type PathLike } from 'node:fs';

/** Paths in these helpers are raw: one character per byte. */
export function raw(path: string): PathLike {
  return Buffer.from(path, 'latin1');
}

export interface Listed {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink';
}

/** Everything below `root` in a fixed order, without the root itself. */
export function listTree(root: string): Listed[] {
  const found: Listed[] = [];
  for (const name of readdirSync(raw(root), { encoding: 'latin1' }).sort()) {
    const path = `${root}/${name}`;
    const stat = lstatSync(raw(path));
    const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'symlink' : 'file';
    found.push({ path, kind });
    if (kind === 'folder') found.push(...listTree(path));
  }
  return found;
}

export function exists(path: string): boolean {
  return lstatSync(raw(path), { throwIfNoEntry: false }) !== undefined;
}

export function sizeOf(path: string): number {
  return statSync(raw(path)).size;
}
