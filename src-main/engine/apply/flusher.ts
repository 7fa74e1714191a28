import { close, closeSync, constants, fsync, open } from 'node:fs';
import { promisify } from 'node:util';
import { native, syncFd, VolumeFlushes, type FlushShare } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';

const openAsync = promisify(open);
const closeAsync = promisify(close);
const fsyncAsync = promisify(fsync);

/** Up to so many files or folders are flushed one by one; above that one flush of the volume is cheaper. */
const MOST_SINGLE_FILES = 8;
const MOST_SINGLE_PATHS = 16;

/** One volume that holds roots of the replica; flushes go through `folder`, which lies on it and always exists. */
class VolumeFlush {
  readonly folder: AbsolutePath;
  files: number[] = [];
  paths = new Set<AbsolutePath>();
  needsAll = false;

  constructor(folder: AbsolutePath) {
    this.folder = folder;
  }
}

/**
 * Remembers what was written since the last flush and flushes it in the cheapest way. What comes in during a flush belongs to the next.
 * File descriptors given to it are its own to close.
 */
export class Flusher {
  readonly #volumes: VolumeFlush[];
  readonly #share: FlushShare;
  /** Flushes under way, that may use any file which was open when they began. */
  #flushing = 0;
  #closing: number[] = [];
  /** Streams that are being flushed. */
  readonly #streaming = new Map<number, Promise<void>>();
  /** Why data of a stream did not reach the disk: the system tells one flush of a file, and not the next. */
  #failure: { readonly error: unknown } | null = null;
  #afterwards: (() => void)[] = [];

  /** `share`: flushes of whole volumes are shared with others. */
  constructor(volumeFolders: readonly AbsolutePath[], share = new VolumeFlushes().share()) {
    this.#share = share;
    this.#volumes = volumeFolders.map((folder) => new VolumeFlush(folder));
  }

  get isClean(): boolean {
    return this.#volumes.every(({ files, paths, needsAll }) => files.length === 0 && paths.size === 0 && !needsAll);
  }

  /** A file that is complete: its data are flushed next, then it is closed. So is its name where it is new, which is in `folder`. */
  wrote(volume: number, fd: number, folder: AbsolutePath | null): void {
    const list = this.#volume(volume);
    if (list.needsAll) {
      this.close(fd);
      return;
    }
    list.files.push(fd);
    // The name of a new file is flushed with the file on the usual file systems, but only the folder's flush promises it.
    if (folder !== null) list.paths.add(folder);
    if (list.files.length > MOST_SINGLE_FILES) this.wroteMuch(volume);
  }

  /** A folder or file whose names or attributes changed. */
  changed(volume: number, path: AbsolutePath): void {
    const list = this.#volume(volume);
    if (list.needsAll) return;
    list.paths.add(path);
    if (list.paths.size > MOST_SINGLE_PATHS) this.wroteMuch(volume);
  }

  /** The next flush takes the whole volume. */
  wroteMuch(volume: number): void {
    const list = this.#volume(volume);
    list.needsAll = true;
    for (const fd of list.files) this.close(fd);
    list.files = [];
    list.paths.clear();
  }

  /** Runs `work` once all that was noted before is on disk; not at all if it is abandoned. */
  whenFlushed(work: () => void): void {
    this.#afterwards.push(work);
  }

  /** Closes a file that no later flush needs, but not while a flush may be using it: it may have been a stream when that began. */
  close(fd: number): void {
    if (this.#flushing > 0) this.#closing.push(fd);
    else closeSync(fd);
  }

  /** Resolves when the data so far of open streams are on disk. Coded errors. What comes with `flush` does not wait for it. */
  async flushStreams(fds: readonly number[]): Promise<void> {
    await this.#together(
      fds.map((fd) => this.#syncStream(fd)),
      [],
    );
  }

  /** Resolves when all that was noted before is on disk, and all flushes of streams were good. Coded errors; not to be called twice at once. */
  async flush(): Promise<void> {
    const afterwards = this.#afterwards.splice(0);
    const jobs: Promise<void>[] = [];
    const files: number[] = [];
    for (const list of this.#volumes) {
      if (list.needsAll) {
        jobs.push(this.#share.all(list.folder), ...this.#streaming.values());
      } else {
        files.push(...list.files);
        jobs.push(
          ...list.files.map((fd) => this.#syncFile(fd)),
          ...[...list.paths].map((path) => this.#syncPath(path, list.folder)),
        );
      }
      list.files = [];
      list.paths = new Set();
      list.needsAll = false;
    }
    await this.#together(jobs, files);
    if (this.#failure !== null) throw this.#failure.error;
    for (const work of afterwards) work();
  }

  async #syncStream(fd: number): Promise<void> {
    const job = syncFd(fd);
    this.#streaming.set(fd, job);
    try {
      await job;
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    } finally {
      this.#streaming.delete(fd);
    }
  }

  /** Of a file that was a stream a moment ago, the flush under way may be told of the failure instead of this one. */
  async #syncFile(fd: number): Promise<void> {
    const streaming = this.#streaming.get(fd);
    await syncFd(fd);
    await streaming;
  }

  /** Waits for `jobs`, then closes `files`, and what was to be closed meanwhile. */
  async #together(jobs: readonly Promise<void>[], files: readonly number[]): Promise<void> {
    this.#flushing++;
    // All must have ended before a file is closed, also when one of them failed.
    const ends = await Promise.allSettled(jobs);
    this.#flushing--;
    for (const fd of files) this.close(fd);
    if (this.#flushing === 0) for (const fd of this.#closing.splice(0)) closeSync(fd);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** Closes what is open without flushing it. */
  abandon(): void {
    for (const list of this.#volumes) for (const fd of list.files.splice(0)) this.close(fd);
  }

  /** An entry that is gone, or that we may not open, is covered by a flush of its volume. */
  async #syncPath(path: AbsolutePath, folder: AbsolutePath): Promise<void> {
    try {
      const fd = await openAsync(native(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        await fsyncAsync(fd);
      } finally {
        await closeAsync(fd);
      }
    } catch {
      await this.#share.all(folder);
    }
  }

  #volume(volume: number): VolumeFlush {
    const list = this.#volumes[volume];
    if (list === undefined) throw new RangeError('no such volume');
    return list;
  }
}
