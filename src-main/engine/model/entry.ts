/** A path below a root: raw (one character per byte), `/` between names, '' is the root itself. Never absolute, never `..`. */
export type RelativePath = string;
/** An absolute path of this machine, raw (one character per byte). */
export type AbsolutePath = string;

export type EntryKind = 'file' | 'folder' | 'symlink' | 'other';

/** What `lstat` says of one entry. Times are nanoseconds since 1970; `allocatedBytes` under `size` means holes. */
export interface EntryStat {
  readonly kind: EntryKind;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** Permission bits only (0o7777). */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly allocatedBytes: number;
  /** Those of the inode that no replica carries; absent where the system tells none. */
  readonly inodeFlags?: number;
}

/** Names and values of one entry's extended attributes may take so much; with more of them none is carried. */
export const MOST_EXTENDED_BYTES = 128 * 1024;

/** One extended attribute: its raw name with the name space (`user.origin`), and its bytes. ACLs have this form too. */
export interface ExtendedAttribute {
  readonly name: string;
  readonly value: Buffer;
}

/** What a replica carries besides content. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  /** All that is carried, sorted by the bytes of the names; absent when it was not looked at: those that are there then stay. */
  readonly extended?: readonly ExtendedAttribute[];
}

/** The path of `name` inside the folder `parent`. */
export function childPath(parent: RelativePath, name: string): RelativePath {
  return parent === '' ? name : `${parent}/${name}`;
}

/** The folder that holds `path`; '' for a top entry. */
export function parentPath(path: RelativePath): RelativePath {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

export function lastName(path: RelativePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether `path` is `folder` or lies below it; both raw, without trailing slash; '' and '/' hold everything. */
export function isWithin(path: string, folder: string): boolean {
  if (folder === '' || folder === '/') return true;
  return path === folder || (path.startsWith(folder) && path.charCodeAt(folder.length) === 47);
}

/** The folders on the way to `path` that lie within its last `names` names, the outermost first; without `path` itself. */
export function foldersInside(path: AbsolutePath, names: number): AbsolutePath[] {
  const folders: AbsolutePath[] = [];
  for (let end = path.lastIndexOf('/'); end > 0 && folders.length < names - 1; end = path.lastIndexOf('/', end - 1))
    folders.unshift(path.slice(0, end));
  return folders;
}

/** Whether one of two paths is the other or lies in it. */
export function pathsOverlap(one: string, other: string): boolean {
  return isWithin(one, other) || isWithin(other, one);
}

/** Our own work folder beside a replica; it is part of no set, no scan and no capture. */
export const STAGE_FOLDER = '.understudy-stage';
