import { hash } from 'node:crypto';
import { MOST_EXTENDED_BYTES, type AbsolutePath, type ExtendedAttribute } from '../model/index.ts';
import { codedError, systemError } from './coded-error.ts';
import { loadLibc, pathArgument, type Libc } from './native.ts';

/** Linux gives no more than this for a list of names or for one value. */
const MOST_BYTES = 65_536;

/** Asked for first: the kernel takes hold of as much memory as it is offered, and most entries have no name at all. */
const USUAL_BYTES = 1024;

const ENODATA = 61;
const ERANGE = 34;
/** What says that there is nothing to read: no such attribute, none here at all, not for us, too much. */
const nothingToRead: ReadonlySet<number> = new Set([ENODATA, 1, 13, ERANGE, 7, 38, 95]);

/** Labels that a machine's own policy gives and checks: those of another machine would be wrong here. */
const machineBound = [
  'security.selinux',
  'security.SMACK64',
  'security.apparmor',
  'security.ima',
  'security.evm',
  'security.sehash',
];

interface Calls {
  readonly libc: Libc;
  readonly list: (path: string | Buffer, names: Buffer, size: number) => unknown;
  readonly listOpen: (fd: number, names: Buffer, size: number) => unknown;
  readonly get: (path: string | Buffer, name: string | Buffer, value: Buffer, size: number) => unknown;
  readonly set: (path: string | Buffer, name: string | Buffer, value: Buffer, size: number, flags: number) => unknown;
  readonly remove: (path: string | Buffer, name: string | Buffer) => unknown;
}

let calls: Calls | null | undefined;
const names = Buffer.alloc(MOST_BYTES);
const value = Buffer.alloc(MOST_BYTES);

/** What is carried of an entry's extended attributes. */
export interface ExtendedAttributes {
  /** Sorted by the bytes of the name; ACLs are among them. */
  readonly list: readonly ExtendedAttribute[];
  /** There are more than `MOST_EXTENDED_BYTES`: none is in the list. */
  readonly isTooLarge: boolean;
}

const NONE: ExtendedAttributes = { list: [], isTooLarge: false };

/** Whether a replica carries an attribute of this name; a peer's word for it is not enough, so both ends ask. */
export function isCarriedAttribute(name: string): boolean {
  if (name.startsWith('user.') || name.startsWith('trusted.')) return true;
  if (name === ACL_ACCESS || name === ACL_DEFAULT) return true;
  return name.startsWith('security.') && !machineBound.some((prefix) => name.startsWith(prefix));
}

export const ACL_ACCESS = 'system.posix_acl_access';
export const ACL_DEFAULT = 'system.posix_acl_default';

/**
 * The extended attributes of `path` itself, a link included. What this process may not read is left out; a file system without
 * attributes gives none. Costs one system call when there are none.
 */
export function readExtended(path: AbsolutePath): ExtendedAttributes {
  calls ??= bindCalls();
  if (calls === null) return NONE;
  const argument = pathArgument(path);
  let length = Number(calls.list(argument, names, USUAL_BYTES));
  if (length === 0) return NONE;
  if (length < 0 && calls.libc.errno() === ERANGE) length = Number(calls.list(argument, names, MOST_BYTES));
  if (length < 0) {
    const errno = calls.libc.errno();
    if (nothingToRead.has(errno)) return NONE;
    throw codedError(systemError('llistxattr', errno), path);
  }
  const found = names.toString('latin1', 0, length).split('\0').filter(isCarriedAttribute).sort();
  const list: ExtendedAttribute[] = [];
  let total = 0;
  for (const name of found) {
    const content = readValue(calls, path, argument, name);
    if (content === null) continue;
    total += name.length + content.length;
    if (total > MOST_EXTENDED_BYTES) return { list: [], isTooLarge: true };
    list.push({ name, value: content });
  }
  return { list, isTooLarge: false };
}

/** As `readExtended`, of a file that is open and was found at `path`: cheaper where it has none. */
export function readExtendedFd(fd: number, path: AbsolutePath): ExtendedAttributes {
  calls ??= bindCalls();
  if (calls === null || Number(calls.listOpen(fd, names, USUAL_BYTES)) === 0) return NONE;
  return readExtended(path);
}

/** One attribute's value; null when there is none or it cannot be read, `'unsupported'` when the file system has no such attributes. */
export function readOneExtended(path: AbsolutePath, name: string): Buffer | null | 'unsupported' {
  calls ??= bindCalls();
  if (calls === null) return 'unsupported';
  const length = Number(calls.get(pathArgument(path), pathArgument(name), value, MOST_BYTES));
  if (length >= 0) return Buffer.from(value.subarray(0, length));
  return [38, 95].includes(calls.libc.errno()) ? 'unsupported' : null;
}

/** Sets one attribute of `path` itself. Throws coded errors. */
export function setExtended(path: AbsolutePath, { name, value: content }: ExtendedAttribute): void {
  calls ??= bindCalls();
  if (calls === null) throw codedError(systemError('lsetxattr', 95), path);
  if (Number(calls.set(pathArgument(path), pathArgument(name), content, content.length, 0)) === 0) return;
  throw codedError(systemError('lsetxattr', calls.libc.errno()), path);
}

/** Takes one attribute away; none there is fine. Throws coded errors. */
export function removeExtended(path: AbsolutePath, name: string): void {
  calls ??= bindCalls();
  if (calls === null) return;
  if (Number(calls.remove(pathArgument(path), pathArgument(name))) === 0) return;
  const errno = calls.libc.errno();
  if (errno !== ENODATA && errno !== 95) throw codedError(systemError('lremovexattr', errno), path);
}

/** A number for a list as `readExtended` gives it: 0 for none; equal lists have equal numbers, others practically never. Fits 64 bits, signed. */
export function hashExtended(list: readonly ExtendedAttribute[]): bigint {
  if (list.length === 0) return 0n;
  const parts: Buffer[] = [];
  for (const { name, value: content } of list) {
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32LE(name.length, 0);
    lengths.writeUInt32LE(content.length, 4);
    parts.push(lengths, Buffer.from(name, 'latin1'), content);
  }
  return hash('sha256', Buffer.concat(parts), 'buffer').readBigInt64LE(0) || 1n;
}

function readValue({ get, libc }: Calls, path: AbsolutePath, argument: string | Buffer, name: string): Buffer | null {
  const length = Number(get(argument, pathArgument(name), value, MOST_BYTES));
  if (length >= 0) return Buffer.from(value.subarray(0, length));
  const errno = libc.errno();
  if (nothingToRead.has(errno)) return null;
  throw codedError(systemError('lgetxattr', errno), path);
}

function bindCalls(): Calls | null {
  const libc = loadLibc();
  if (libc === null) return null;
  try {
    return {
      libc,
      list: libc.bind('long llistxattr(const char *path, uint8_t *list, size_t size)'),
      listOpen: libc.bind('long flistxattr(int fd, uint8_t *list, size_t size)'),
      get: libc.bind('long lgetxattr(const char *path, const char *name, uint8_t *value, size_t size)'),
      set: libc.bind('int lsetxattr(const char *path, const char *name, uint8_t *value, size_t size, int flags)'),
      remove: libc.bind('int lremovexattr(const char *path, const char *name)'),
    };
  } catch {
    return null; // a C library without them: `capabilities` says so
  }
}
