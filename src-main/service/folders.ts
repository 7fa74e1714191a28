import { lstat, opendir, readdir } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import type { FolderEntry } from '../api/index.ts';
import { ReplicationError, showName } from '../base/index.ts';
import { resolveTargetPath, type Volume } from '../engine/connection/index.ts';

const AT_ONCE = 32;
/** How many entries of a folder are looked at to tell whether it has sub-folders; more would make a list of large folders slow. */
const PEEK_ENTRIES = 256;

/** The entries of a folder for a tree: folders first, then by name. Without `files`, only what can be opened further and links to it. */
export async function listFolder(
  path: string | null,
  files: boolean,
  volumes: readonly Volume[],
): Promise<readonly FolderEntry[]> {
  if (path === null) return top(volumes);
  const folder = resolveTargetPath(path, volumes);
  const separator = /^[a-zA-Z]:/.test(path) ? '\\' : '/';
  const prefix = /[\\/]$/.test(path) ? path : path + separator;
  // latin1 keeps every byte of a name; text for people is made from it at the end.
  const found = await readdir(folder, { encoding: 'latin1', withFileTypes: true }).catch((error: unknown) => fail(error, path));
  const wanted = files ? found : found.filter((entry) => entry.isDirectory());
  const entries: FolderEntry[] = new Array<FolderEntry>(wanted.length);
  let next = 0;
  const work = async () => {
    while (next < wanted.length) {
      const index = next++;
      const entry = wanted[index];
      if (entry) entries[index] = await describe(folder, prefix, entry, files);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted.length) }, work));
  return entries.sort(byKindAndName);
}

interface RawEntry {
  readonly name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

async function describe(folder: string, prefix: string, entry: RawEntry, files: boolean): Promise<FolderEntry> {
  const name = showName(entry.name);
  const onDisk = Buffer.concat([Buffer.from(folder.endsWith('/') ? folder : `${folder}/`), Buffer.from(entry.name, 'latin1')]);
  const base = { name, path: prefix + name };
  if (entry.isDirectory()) return { ...base, kind: 'folder', size: 0, hasChildren: await hasChildren(onDisk, files) };
  // A file that vanished since the list was read has no size any more; the next list will not have it at all.
  if (entry.isFile())
    return {
      ...base,
      kind: 'file',
      size: await lstat(onDisk).then(
        (s) => s.size,
        () => 0,
      ),
      hasChildren: false,
    };
  return { ...base, kind: entry.isSymbolicLink() ? 'symlink' : 'other', size: 0, hasChildren: false };
}

async function hasChildren(folder: Buffer, files: boolean): Promise<boolean> {
  try {
    let seen = 0;
    for await (const entry of await opendir(folder, { encoding: 'latin1' })) {
      if (files || entry.isDirectory()) return true;
      if (++seen >= PEEK_ENTRIES) return true; // perhaps: opening it will tell
    }
    return false;
  } catch {
    return true; // it cannot be read: opening it tells the person why
  }
}

function top(volumes: readonly Volume[]): readonly FolderEntry[] {
  const entry = (name: string, path: string): FolderEntry => ({ name, path, kind: 'volume', size: 0, hasChildren: true });
  if (process.platform === 'win32') {
    const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));
    return letters.filter((letter) => existsSync(`${letter}:\\`)).map((letter) => entry(`${letter}:`, `${letter}:\\`));
  }
  return [...volumes.map(({ name, folder }) => entry(`${name}: (${folder})`, `${name.toLowerCase()}:\\`)), entry('/', '/')];
}

function byKindAndName(a: FolderEntry, b: FolderEntry): number {
  const rank = (entry: FolderEntry) => (entry.kind === 'folder' ? 0 : 1);
  return rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function fail(error: unknown, path: string): never {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const known = {
    ENOENT: 'not-found',
    EACCES: 'permission-denied',
    EPERM: 'permission-denied',
    ENOTDIR: 'not-a-folder',
  } as const;
  const coded = typeof code === 'string' && code in known ? known[code as keyof typeof known] : 'io-error';
  throw new ReplicationError(coded, { path, text: typeof code === 'string' ? code : null }, { cause: error });
}
