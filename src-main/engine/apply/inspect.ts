import { closeSync, constants, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  codedError,
  expectRead,
  hashExtended,
  native,
  readExtended,
  readFolder,
  readInto,
  readLink,
  statEntry,
  statFd,
  type BlockHasher,
} from '../fs/index.ts';
import type { AbsolutePath, Attributes, RelativePath } from '../model/index.ts';
import { BLOCK_BYTES, type ListedEntry } from '../wire/index.ts';
import type { ReplicaPaths } from './replica-paths.ts';

const HASH_BYTES = 16;
/** So many entries or bytes are looked at before other work of the thread has its turn. */
const TURN_ENTRIES = 500;
const READ_BYTES = 1024 * 1024;

export interface FileSignature {
  /** Null: no such file, or one that cannot be read. */
  readonly size: number | null;
  readonly hashes: Buffer;
}

/**
 * The folder's entries sorted by their bytes, with the source's numbers of owners if `leaving` gives them; null when there is no such folder. Of
 * a root that is no folder it is one entry, without a name. Never follows a link.
 */
export async function listFolder(
  paths: ReplicaPaths,
  root: number,
  path: RelativePath,
  leaving: (attributes: Attributes) => Attributes = (attributes) => attributes,
): Promise<readonly ListedEntry[] | null> {
  const folder = tryPlace(paths, root, path);
  const kind = folder === null ? undefined : statEntry(folder)?.kind;
  if (folder === null || kind === undefined) return null;
  if (kind !== 'folder') {
    const entry = path === '' ? describe(folder, '', leaving) : null;
    return entry === null ? null : [entry];
  }
  const entries: ListedEntry[] = [];
  for (const [i, name] of readFolder(folder).entries()) {
    if (i % TURN_ENTRIES === TURN_ENTRIES - 1) await nextTurn();
    const entry = describe(`${folder}/${name}`, name, leaving);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

/** Null when the entry has gone since its folder was read. */
function describe(path: AbsolutePath, name: string, leaving: (attributes: Attributes) => Attributes): ListedEntry | null {
  const now = statEntry(path);
  if (now === null) return null;
  const { kind, size, mode, uid, gid, mtimeNs } = now;
  try {
    const { extended = [], ...attributes } = leaving({ mode, uid, gid, mtimeNs, extended: readExtended(path).list });
    const linkTarget = kind === 'symlink' ? readLink(path) : null;
    return { name, kind, size, attributes, extendedHash: hashExtended(extended), linkTarget };
  } catch {
    return null;
  }
}

/** The file will be signed soon: the disk may begin to read it. */
export function expectSignature(paths: ReplicaPaths, root: number, path: RelativePath): void {
  const file = tryPlace(paths, root, path);
  if (file !== null) expectRead(file);
}

/** How many bytes a signature would have to read now. Never follows a link. */
export function bytesToSign(paths: ReplicaPaths, root: number, path: RelativePath): number {
  const file = tryPlace(paths, root, path);
  if (file === null) return 0;
  const now = statEntry(file);
  return now?.kind === 'file' ? now.size : 0;
}

/** The hashes of a file's blocks; only for regular files inside the replica. Never follows a link. Null when `signal` aborted before the end. */
export async function signFile(
  paths: ReplicaPaths,
  hasher: BlockHasher,
  root: number,
  path: RelativePath,
  signal: AbortSignal,
): Promise<FileSignature | null> {
  const none: FileSignature = { size: null, hashes: Buffer.alloc(0) };
  const file = tryPlace(paths, root, path);
  if (file === null || statEntry(file)?.kind !== 'file') return none;
  let fd: number;
  try {
    fd = openSync(native(file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    // Gone, or not readable for us: the source then sends the file whole, which needs no reading here.
    return none;
  }
  try {
    const now = statFd(fd);
    if (now.kind !== 'file') return none;
    const hashes = Buffer.allocUnsafe(Math.ceil(now.size / BLOCK_BYTES) * HASH_BYTES);
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, now.size)));
    let written = 0;
    for (let at = 0; at < now.size;) {
      if (signal.aborted) return null;
      const read = readInto(fd, buffer, 0, Math.min(buffer.length, now.size - at), at);
      if (read === 0) return none;
      for (let start = 0; start < read; start += BLOCK_BYTES) {
        written += hasher.hash(buffer.subarray(start, Math.min(read, start + BLOCK_BYTES))).copy(hashes, written);
      }
      at += read;
      if (now.size > READ_BYTES) await nextTurn();
    }
    return { size: now.size, hashes };
  } catch (error) {
    throw codedError(error, file);
  } finally {
    closeSync(fd);
  }
}

/** A place behind a link or a missing folder holds nothing that the source may look at. */
function tryPlace(paths: ReplicaPaths, root: number, path: RelativePath): AbsolutePath | null {
  try {
    paths.checkParent(root, path);
    return paths.absolute(root, path);
  } catch {
    return null;
  }
}
