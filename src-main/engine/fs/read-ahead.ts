import { closeSync, constants, openSync, readdirSync, type Dirent } from 'node:fs';
import { STAGE_FOLDER, type AbsolutePath, type EntryKind } from '../model/index.ts';
import { loadLibc, native } from './native.ts';

const WILL_NEED = 3;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

type Advise = (fd: number, offset: number, length: number, advice: number) => unknown;

let advise: Advise | null | undefined;

/** The kernel takes no more of one advice than its own read-ahead, which is this unless somebody changed it. */
const ADVICE_BYTES = 128 * 1024;

/** The system begins to read a file that will be read soon, and nobody waits for it. Nothing comes of it where it cannot be read. */
export function expectRead(file: AbsolutePath): void {
  advise ??= bindAdvise();
  if (advise === null) return;
  try {
    const fd = openSync(native(file), OPEN_FLAGS);
    advise(fd, 0, ADVICE_BYTES, WILL_NEED);
    closeSync(fd);
  } catch {
    // Whoever reads it says what is the matter.
  }
}

/** A name in a folder, with what is there as far as the folder itself tells. */
export interface NamedKind {
  readonly name: string;
  readonly kind: EntryKind | 'unknown';
}

/** As `readFolder`, with kinds; empty where it cannot be read. */
export function readKinds(folder: AbsolutePath): NamedKind[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(native(folder), { encoding: 'latin1', withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .filter(({ name }) => name !== STAGE_FOLDER)
    .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function kindOf(entry: Dirent): NamedKind['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'symlink' : 'unknown';
}

function bindAdvise(): Advise | null {
  try {
    return loadLibc()?.bind('int posix_fadvise(int fd, long offset, long length, int advice)') ?? null;
  } catch {
    return null; // a C library without it: files are then read when they are needed
  }
}
