import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { ReplicationError } from '../../base/index.ts';
import { codedError, libcOrReason, loadLibc, native, systemError, type Libc } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { childFolders } from './child-folders.ts';
import {
  decodeEvents,
  IN_ATTRIB,
  IN_CLOSE_WRITE,
  IN_CREATE,
  IN_DELETE,
  IN_DELETE_SELF,
  IN_EXCL_UNLINK,
  IN_MODIFY,
  IN_MOVE_SELF,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  IN_ONLYDIR,
  type InotifyEvent,
} from './inotify-events.ts';

const MASK =
  (IN_CREATE |
    IN_MODIFY |
    IN_CLOSE_WRITE |
    IN_ATTRIB |
    IN_DELETE |
    IN_MOVED_FROM |
    IN_MOVED_TO |
    IN_DELETE_SELF |
    IN_MOVE_SELF |
    IN_ONLYDIR |
    IN_EXCL_UNLINK) >>>
  0;
const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
const POLLIN = 1;
const EINTR = 4;
const EAGAIN = 11;
const POLL_FD_BYTES = 8;
const POLL_REVENTS = 6;
const READ_BYTES = 256 * 1024;
/** More than an event with the longest name takes. */
const MOST_EVENT_BYTES = 512;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** An open folder: what is done through it is done to this very folder, wherever it is moved meanwhile. */
export type FolderHandle = number;
/** Why a folder could not be opened: it is not there (or is no folder), or it cannot be read. */
export type OpenFailure = 'absent' | 'denied';

/** Watches folders and gives the events; the disk and the kernel as the rest of this room sees them. */
export interface FolderWatcher {
  open(path: AbsolutePath): FolderHandle | OpenFailure;
  openChild(parent: FolderHandle, name: string): FolderHandle | OpenFailure;
  close(handle: FolderHandle): void;
  /** Watches the folder and returns the number of its watch; the same number for the same folder. Throws `watch-limit`. */
  watch(handle: FolderHandle): number;
  /** False when the kernel had ended that watch itself. */
  unwatch(wd: number): boolean;
  /** The raw names of the folders in a folder, in no order, without our own stage folder. */
  childFolders(handle: FolderHandle): string[];
  /** Waits up to `timeoutMs` for events (or, for as long, for the bell) and returns those that are there. */
  read(timeoutMs: number): InotifyEvent[];
  /** Whether the last `read` left nothing behind in the kernel at that moment. */
  readonly isDrained: boolean;
  /** Ends all watches. */
  dispose(): void;
}

/** `FolderWatcher` over inotify. Throws `unsupported` where there is none, `too-many-open` when the system gives no further one. */
export class InotifyWatcher implements FolderWatcher {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #addWatch: (fd: number, path: string, mask: number) => unknown;
  readonly #removeWatch: (fd: number, wd: number) => unknown;
  readonly #poll: (fds: Buffer, count: number, timeoutMs: number) => unknown;
  readonly #read: (fd: number, buffer: Buffer, length: number) => unknown;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #pollFds = Buffer.alloc(2 * POLL_FD_BYTES);
  readonly #pollCount: number;
  isDrained = true;

  /** `bellFd`: what else ends a wait when it can be read; the caller reads it. */
  constructor(bellFd: number | null = null) {
    const libc = loadLibc();
    if (libc === null) {
      const why = libcOrReason().why;
      throw new ReplicationError('unsupported', { what: `following changes with inotify (${why})`, why });
    }
    if (!existsSync('/proc/self/fd')) {
      const why = 'there is no /proc';
      throw new ReplicationError('unsupported', { what: `following changes with inotify (${why})`, why });
    }
    this.#libc = libc;
    this.#addWatch = libc.bind('int inotify_add_watch(int fd, const char *path, uint32_t mask)');
    this.#removeWatch = libc.bind('int inotify_rm_watch(int fd, int wd)');
    this.#poll = libc.bind('int poll(uint8_t *fds, unsigned long count, int timeout)');
    this.#read = libc.bind('long read(int fd, uint8_t *buffer, unsigned long length)');
    this.#fd = Number(libc.bind('int inotify_init1(int flags)')(IN_NONBLOCK | IN_CLOEXEC));
    if (this.#fd < 0) throw codedError(systemError('inotify_init1', libc.errno()), 'inotify');
    this.#pollCount = bellFd === null ? 1 : 2;
    for (const [at, fd] of [this.#fd, bellFd ?? -1].entries()) {
      this.#pollFds.writeInt32LE(fd, at * POLL_FD_BYTES);
      this.#pollFds.writeInt16LE(POLLIN, at * POLL_FD_BYTES + 4);
    }
  }

  open(path: AbsolutePath): FolderHandle | OpenFailure {
    return openFolder(native(path), path);
  }

  openChild(parent: FolderHandle, name: string): FolderHandle | OpenFailure {
    const path = `${procPath(parent)}/${name}`;
    return openFolder(native(path), path);
  }

  close(handle: FolderHandle): void {
    closeSync(handle);
  }

  watch(handle: FolderHandle): number {
    const wd = Number(this.#addWatch(this.#fd, procPath(handle), MASK));
    if (wd >= 0) return wd;
    const error = systemError('inotify_add_watch', this.#libc.errno());
    if (error.code === 'ENOSPC') throw new ReplicationError('watch-limit', {}, { cause: error });
    throw codedError(error, procPath(handle));
  }

  unwatch(wd: number): boolean {
    return this.#removeWatch(this.#fd, wd) === 0;
  }

  childFolders(handle: FolderHandle): string[] {
    return childFolders(procPath(handle));
  }

  read(timeoutMs: number): InotifyEvent[] {
    this.isDrained = false;
    const ready = Number(this.#poll(this.#pollFds, this.#pollCount, timeoutMs));
    if (ready < 0) {
      const errno = this.#libc.errno();
      if (errno === EINTR) return [];
      throw codedError(systemError('poll', errno), 'inotify');
    }
    if (ready === 0 || this.#pollFds.readInt16LE(POLL_REVENTS) === 0) {
      this.isDrained = true;
      return [];
    }
    const length = Number(this.#read(this.#fd, this.#buffer, READ_BYTES));
    if (length < 0) {
      const errno = this.#libc.errno();
      if (errno === EINTR || errno === EAGAIN) return [];
      throw codedError(systemError('read', errno), 'inotify');
    }
    // The kernel gives as many whole events as fit.
    this.isDrained = length < READ_BYTES - MOST_EVENT_BYTES;
    return decodeEvents(this.#buffer, length);
  }

  dispose(): void {
    // Opened behind Node's back, so closed there too.
    this.#libc.bind('int close(int fd)')(this.#fd);
  }
}

function procPath(handle: FolderHandle): string {
  return `/proc/self/fd/${handle}`;
}

function openFolder(nativePath: string | Buffer, path: AbsolutePath): FolderHandle | OpenFailure {
  try {
    return openSync(nativePath, OPEN_FLAGS);
  } catch (error) {
    const coded = codedError(error, path);
    switch (coded.code) {
      case 'not-found':
      case 'not-a-folder':
      case 'outside-root':
      case 'name-too-long':
        return 'absent';
      case 'too-many-open':
      case 'internal':
        throw coded;
      default:
        return 'denied';
    }
  }
}
