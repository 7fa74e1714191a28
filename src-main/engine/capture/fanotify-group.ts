/* One kernel object with its calls, masks and marks, kept whole: which call takes which bits can only be checked side by side. */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import { ReplicationError, showName } from '../../base/index.ts';
import { codedError, libcOrReason, loadLibc, native, pathArgument, systemError, volumeType, type Libc } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import {
  decodeFanotifyEvents,
  FAN_ATTRIB,
  FAN_CLOSE_WRITE,
  FAN_CREATE,
  FAN_DELETE,
  FAN_MODIFY,
  FAN_ONDIR,
  FAN_RENAME,
  fileSystemOf,
  handleIn,
  keyOf,
  type FanotifyEvent,
  type ObjectKey,
} from './fanotify-events.ts';
import type { Hanging } from './handle-tree.ts';

const FAN_CLOEXEC = 0x1;
const FAN_NONBLOCK = 0x2;
const FAN_UNLIMITED_QUEUE = 0x10;
const FAN_UNLIMITED_MARKS = 0x20;
const FAN_REPORT_DFID_NAME_TARGET = 0x200 | 0x400 | 0x800 | 0x1000;
const FAN_MARK_ADD = 0x1;
const FAN_MARK_REMOVE = 0x2;
const FAN_MARK_FILESYSTEM = 0x100;
const FAN_MARK_FLUSH = 0x80;
/** The mark says what is not wanted, keeps saying it after a change, and does not hold on to the folder's inode. Linux 6.0. */
const FAN_MARK_LEAVE_OUT = 0x400 | 0x40 | 0x200;
const FAN_EVENT_ON_CHILD = 0x08000000;
/** Of a folder's files; not where one goes, and nothing of folders. */
const LEFT_OUT = FAN_CREATE | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_DELETE | FAN_EVENT_ON_CHILD;
const MASK = FAN_CREATE | FAN_MODIFY | FAN_CLOSE_WRITE | FAN_ATTRIB | FAN_DELETE | FAN_RENAME | FAN_ONDIR;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const MAX_HANDLE_BYTES = 128;
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
/** Where `struct statfs` of 64-bit Linux has the file system's number. */
const STATFS_BYTES = 120;
const STATFS_FSID_AT = 56;
const POLLIN = 1;
const EPERM = 1;
const EINTR = 4;
const EAGAIN = 11;
const EINVAL = 22;
const POLL_FD_BYTES = 8;
const POLL_REVENTS_AT = 6;
const READ_BYTES = 64 * 1024;
/** More than the largest event takes. A read that leaves this much room has taken all that waited. */
const EVENT_ROOM_BYTES = 2048;

/** What one read gave. */
export interface FanotifyRead {
  readonly events: readonly FanotifyEvent[];
  /** Nothing that happened before the read waits any more. */
  readonly isDrained: boolean;
  /** Those of `alsoFds` that can be read. */
  readonly readable: readonly number[];
}

/** A group of the kernel that tells of whole file systems, and the way from its handles to folders. */
export interface FanotifyGroup {
  /** Tells of the whole file system around `path` from now on; returns the key of what is at `path`. Throws `unsupported`, `not-found`. */
  follow(path: AbsolutePath): ObjectKey;
  /** The key of what is at `path`; null when nothing is there. */
  keyOf(path: AbsolutePath): ObjectKey | null;
  /** Where a folder hangs now; null when it is deleted. */
  lookUp(key: ObjectKey): Hanging | null;
  /** Device and number of an object that has a name yet; null otherwise. */
  identify(key: ObjectKey): { dev: bigint; ino: bigint } | null;
  /** The key of an open file or folder. */
  keyOfOpen(fd: number): ObjectKey | null;
  /**
   * What `follow` gave for this path need not be followed any more. Where that was the last on its file system, no more is told of it; what
   * waits already may still come.
   */
  unfollow(path: AbsolutePath, key: ObjectKey): void;
  /**
   * No more is told of the files in this folder than that one was renamed out of it or into it; of folders in it, as before. The kernel may
   * forget it. Nothing happens where the kernel cannot.
   */
  leaveOut(key: ObjectKey): void;
  /** All is told again of every folder. */
  leaveNothingOut(): void;
  /** Waits until events are there, one of `alsoFds` is readable, or the time is over. `isBrief`: takes little at a time. */
  read(timeoutMs: number, alsoFds?: readonly number[], isBrief?: boolean): FanotifyRead;
  dispose(): void;
}

/** A file system that is followed. */
interface FileSystem {
  /** With the mount that each was found on. */
  readonly paths: { readonly path: AbsolutePath; readonly mountId: number }[];
  /** Something open on it, by mount, while a batch is handled. */
  readonly fds: Map<number, number>;
}

/**
 * `FanotifyGroup` of this kernel. It keeps no folder open between two reads, so that volumes can be unmounted. Throws `unsupported`
 * with a `why` for people: not root, or a kernel before 5.17.
 */
export class KernelFanotifyGroup implements FanotifyGroup {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #poll: (fds: Buffer, count: number, timeoutMs: number) => unknown;
  readonly #read: (fd: number, buffer: Buffer, length: number) => unknown;
  readonly #openHandle: (mountFd: number, handle: Buffer, flags: number) => unknown;
  readonly #nameToHandle: (dirFd: number, path: string | Buffer, handle: Buffer, mountId: Buffer, flags: number) => unknown;
  readonly #statfs: (fd: number, buffer: Buffer) => unknown;
  /** For what was opened behind Node's back. */
  readonly #close: (fd: number) => unknown;
  readonly #openAt: (dirFd: number, path: string, flags: number) => unknown;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #handle = Buffer.alloc(8 + MAX_HANDLE_BYTES);
  readonly #statfsOut = Buffer.alloc(STATFS_BYTES);
  readonly #mountOut = Buffer.alloc(8);
  readonly #mark: (fd: number, flags: number, mask: number, dir: number, path: Buffer | string) => unknown;
  /** The group itself, and what else the caller waits for. */
  #pollFds = Buffer.alloc(POLL_FD_BYTES);
  readonly #fileSystems = new Map<string, FileSystem>();
  #hasLeftOut = false;

  constructor() {
    const libc = loadLibc();
    if (libc === null) throw unavailable(libcOrReason().why);
    this.#libc = libc;
    this.#poll = libc.bind('int poll(uint8_t *fds, unsigned long count, int timeout)');
    this.#read = libc.bind('long read(int fd, uint8_t *buffer, unsigned long length)');
    this.#statfs = libc.bind('int fstatfs(int fd, uint8_t *buffer)');
    this.#close = libc.bind('int close(int fd)');
    this.#openAt = libc.bind('int openat(int dir, const char *path, int flags)');
    this.#mark = libc.bind('int fanotify_mark(int fd, unsigned int flags, uint64_t mask, int dir, const char *path)');
    this.#nameToHandle = bindOrExplain(
      libc,
      'int name_to_handle_at(int dir, const char *path, uint8_t *handle, uint8_t *mount, int flags)',
    );
    this.#openHandle = bindOrExplain(libc, 'int open_by_handle_at(int mount, uint8_t *handle, int flags)');
    const init = bindOrExplain(libc, 'int fanotify_init(unsigned int flags, unsigned int event_flags)');
    const flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS | FAN_REPORT_DFID_NAME_TARGET;
    this.#fd = Number(init(flags, 0));
    if (this.#fd < 0) {
      const errno = libc.errno();
      if (errno === EPERM) throw unavailable(lackedRight('CAP_SYS_ADMIN'));
      if (errno === EINVAL) throw unavailable('the kernel is older than 5.17');
      throw unavailable(`fanotify_init failed with ${systemError('', errno).code ?? ''}`);
    }
  }

  follow(path: AbsolutePath): ObjectKey {
    if (Number(this.#mark(this.#fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, MASK, AT_FDCWD, pathArgument(path))) !== 0) {
      const error = systemError('fanotify_mark', this.#libc.errno());
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw codedError(error, path);
      // Of the masks that are asked for, FAN_RENAME is the newest.
      if (error.code === 'EINVAL') throw unavailable('the kernel is older than 5.17');
      if (error.code === 'EPERM') throw unavailable(lackedRight('CAP_SYS_ADMIN'));
      throw unavailable(`the file system of ${showName(path)} (${volumeType(path)}) cannot be followed as a whole`);
    }
    const key = this.keyOf(path);
    if (key === null) throw new ReplicationError('not-found', { path: showName(path) });
    const mountId = this.#mountId();
    const known = this.#fileSystems.get(fileSystemOf(key));
    if (known === undefined) this.#fileSystems.set(fileSystemOf(key), { paths: [{ path, mountId }], fds: new Map() });
    else known.paths.push({ path, mountId });
    const opened = this.#open(key);
    if (opened < 0) {
      const errno = this.#libc.errno();
      this.unfollow(path, key);
      if (errno === EPERM) throw unavailable(lackedRight('CAP_DAC_READ_SEARCH'));
      throw unavailable(`the file system of ${showName(path)} (${volumeType(path)}) does not find files by their handles`);
    }
    this.#close(opened);
    this.#closeAll();
    return key;
  }

  unfollow(path: AbsolutePath, key: ObjectKey): void {
    const name = fileSystemOf(key);
    const fileSystem = this.#fileSystems.get(name);
    const at = fileSystem?.paths.findIndex((followed) => followed.path === path) ?? -1;
    if (fileSystem === undefined || at < 0) return;
    if (fileSystem.paths.length === 1) {
      // Where no way leads to the file system any more, the mark goes with it or with the group.
      const fd = this.#folderOf(name);
      if (fd >= 0) this.#mark(this.#fd, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM, MASK, AT_FDCWD, `/proc/self/fd/${fd}`);
      this.#closeAll();
      this.#fileSystems.delete(name);
    } else fileSystem.paths.splice(at, 1);
  }

  leaveOut(key: ObjectKey): void {
    const fd = this.#open(key);
    if (fd < 0) return;
    const path = `/proc/self/fd/${fd}`;
    if (Number(this.#mark(this.#fd, FAN_MARK_ADD | FAN_MARK_LEAVE_OUT, LEFT_OUT, AT_FDCWD, path)) === 0) this.#hasLeftOut = true;
    this.#close(fd);
  }

  leaveNothingOut(): void {
    if (!this.#hasLeftOut) return;
    this.#hasLeftOut = false;
    // Of single folders and files; the marks of whole file systems stay.
    const result = Number(this.#mark(this.#fd, FAN_MARK_FLUSH, 0, AT_FDCWD, '/'));
    if (result !== 0) throw codedError(systemError('fanotify_mark', this.#libc.errno()), 'fanotify');
  }

  keyOf(path: AbsolutePath): ObjectKey | null {
    let fd: number;
    try {
      fd = openSync(native(path), O_PATH | constants.O_NOFOLLOW);
    } catch (error) {
      const coded = codedError(error, path);
      if (coded.code === 'not-found' || coded.code === 'not-a-folder' || coded.code === 'outside-root') return null;
      throw coded;
    }
    try {
      return this.keyOfOpen(fd);
    } finally {
      closeSync(fd);
    }
  }

  lookUp(key: ObjectKey): Hanging | null {
    let top: Hanging | null = null;
    // A mount of a part of the file system shows nothing of what lies beside or above that part; another one may.
    for (const way of this.#waysTo(fileSystemOf(key))) {
      const fd = this.#openBy(way, key);
      if (fd < 0) continue;
      try {
        if (fstatSync(fd).nlink === 0) return null;
        const hanging = this.#hangingOf(fd, key);
        if (hanging !== null && hanging.parent !== null) return hanging;
        top ??= hanging;
      } catch (error) {
        const { code } = codedError(error, '');
        if (code === 'not-found') return null;
        // So deep that its path has no room. Nobody could read what is there by its path; anybody may make such a folder beside a set.
        if (code !== 'name-too-long') throw error;
      } finally {
        this.#close(fd);
      }
    }
    return top;
  }

  /** As it is seen by the mount by which it was opened; null when that does not show it. */
  #hangingOf(fd: number, key: ObjectKey): Hanging | null {
    for (;;) {
      const path = pathOfOpen(fd);
      const name = path.slice(path.lastIndexOf('/') + 1);
      const parentFd = Number(this.#openAt(fd, '..', O_PATH | constants.O_DIRECTORY | O_CLOEXEC));
      if (parentFd < 0) return null;
      try {
        this.keyOfOpen(fd);
        const mountId = this.#mountId();
        const parent = this.keyOfOpen(parentFd);
        if (pathOfOpen(fd) !== path) continue; // it moved between the two looks
        // Above the top of a mounted volume begins another one, of which a mount tells and not this folder.
        const isSameMount = this.#mountId() === mountId;
        const isTop = parent === null || parent === key || !isSameMount || fileSystemOf(parent) !== fileSystemOf(key);
        return { parent: isTop ? null : parent, name };
      } finally {
        this.#close(parentFd);
      }
    }
  }

  identify(key: ObjectKey): { dev: bigint; ino: bigint } | null {
    const fd = this.#open(key);
    if (fd < 0) return null;
    try {
      const { dev, ino, nlink } = fstatSync(fd, { bigint: true });
      return nlink === 0n ? null : { dev, ino };
    } finally {
      this.#close(fd);
    }
  }

  read(timeoutMs: number, alsoFds: readonly number[] = [], isBrief = false): FanotifyRead {
    this.#closeAll();
    const ready = this.#wait(timeoutMs, alsoFds);
    if (ready < 0) {
      const errno = this.#libc.errno();
      if (errno !== EINTR) throw codedError(systemError('poll', errno), 'fanotify');
      return { events: [], isDrained: false, readable: [] };
    }
    const readable = ready === 0 ? [] : alsoFds.filter((_, i) => this.#isReadable(i + 1));
    if (ready === 0 || !this.#isReadable(0)) return { events: [], isDrained: true, readable };
    const room = isBrief ? READ_BYTES / 4 : READ_BYTES;
    const length = Number(this.#read(this.#fd, this.#buffer, room));
    if (length < 0) {
      const errno = this.#libc.errno();
      if (errno === EINTR || errno === EAGAIN) return { events: [], isDrained: errno === EAGAIN, readable };
      throw codedError(systemError('read', errno), 'fanotify');
    }
    return { events: decodeFanotifyEvents(this.#buffer, length), isDrained: length <= room - EVENT_ROOM_BYTES, readable };
  }

  dispose(): void {
    this.#closeAll();
    this.#close(this.#fd);
  }

  keyOfOpen(fd: number): ObjectKey | null {
    this.#handle.writeUInt32LE(MAX_HANDLE_BYTES, 0);
    if (Number(this.#nameToHandle(fd, '', this.#handle, this.#mountOut, AT_EMPTY_PATH)) !== 0) return null;
    if (Number(this.#statfs(fd, this.#statfsOut)) !== 0) return null;
    return keyOf(this.#statfsOut.subarray(STATFS_FSID_AT), this.#handle);
  }

  #wait(timeoutMs: number, alsoFds: readonly number[]): number {
    const count = 1 + alsoFds.length;
    if (this.#pollFds.length !== count * POLL_FD_BYTES) this.#pollFds = Buffer.alloc(count * POLL_FD_BYTES);
    for (let i = 0; i < count; i++) {
      this.#pollFds.writeInt32LE((i === 0 ? this.#fd : alsoFds[i - 1]) ?? -1, i * POLL_FD_BYTES);
      this.#pollFds.writeInt16LE(POLLIN, i * POLL_FD_BYTES + 4);
    }
    return Number(this.#poll(this.#pollFds, count, timeoutMs));
  }

  #isReadable(at: number): boolean {
    return (this.#pollFds.readInt16LE(at * POLL_FD_BYTES + POLL_REVENTS_AT) & POLLIN) !== 0;
  }

  /** The mount on which the last object was whose key was asked for. */
  #mountId(): number {
    return this.#mountOut.readInt32LE(0);
  }

  /** Opens what a key stands for, without the right to read it; negative when it is not there. */
  #open(key: ObjectKey): number {
    const way = this.#folderOf(fileSystemOf(key));
    return way < 0 ? -1 : this.#openBy(way, key);
  }

  #openBy(way: number, key: ObjectKey): number {
    return Number(this.#openHandle(way, handleIn(key), O_PATH | O_CLOEXEC));
  }

  /** An open folder or file of a file system that is followed; negative when no root on it is there any more, which is looked for elsewhere. */
  #folderOf(name: string): number {
    for (const fd of this.#waysTo(name)) return fd;
    return -1;
  }

  /** The same for each of its mounts on which something is followed. */
  *#waysTo(name: string): Generator<number> {
    const fileSystem = this.#fileSystems.get(name);
    const tried = new Set<number>();
    for (const { path, mountId } of fileSystem?.paths ?? []) {
      if (fileSystem === undefined || tried.has(mountId)) continue;
      const fd = fileSystem.fds.get(mountId) ?? this.#openOn(name, path);
      if (fd < 0) continue;
      fileSystem.fds.set(mountId, fd);
      tried.add(mountId);
      yield fd;
    }
  }

  #openOn(name: string, path: AbsolutePath): number {
    try {
      const fd = openSync(native(path), constants.O_RDONLY | constants.O_NONBLOCK);
      // Something else may be mounted there by now, where a handle would mean another object.
      const key = this.keyOfOpen(fd);
      if (key !== null && fileSystemOf(key) === name) return fd;
      closeSync(fd);
    } catch {
      // Another root may be on it too.
    }
    return -1;
  }

  #closeAll(): void {
    for (const { fds } of this.#fileSystems.values()) {
      for (const fd of fds.values()) closeSync(fd);
      fds.clear();
    }
  }
}

/** `why` completes "fanotify is not used because …". */
export function unavailable(why: string): ReplicationError {
  return new ReplicationError('unsupported', { what: `following changes with fanotify (${why})`, why });
}

/** Root may have been given fewer rights, by a container or a service manager; or only seem to be root, in a user name space. */
function lackedRight(right: string): string {
  if (process.getuid?.() !== 0) return 'the service does not run as root';
  return `the service runs as root, but without the right ${right} on this system`;
}

function bindOrExplain(libc: Libc, declaration: string): ReturnType<Libc['bind']> {
  try {
    return libc.bind(declaration);
  } catch {
    throw unavailable('the C library lacks its calls');
  }
}

function pathOfOpen(fd: number): AbsolutePath {
  return readlinkSync(`/proc/self/fd/${fd}`, 'latin1');
}
