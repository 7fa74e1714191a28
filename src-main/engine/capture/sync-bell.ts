import { closeSync, constants, openSync, rmSync, writeSync } from 'node:fs';
import { loadLibc, native, pathArgument } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';

const NUMBER_BYTES = 8;
const MOST_READ_BYTES = 64 * NUMBER_BYTES;
/** Above the number of a request: what is to become of writers. 0: nothing; up to this: they are held for so many ms. */
const WRITERS_SHIFT = 48n;
const RELEASE = 0xffffn;

/** What was rung since the last look. `request`: the newest, which answers older ones too. `writers`: the last word about them. */
export interface Rung {
  readonly request: number | null;
  readonly writers: { readonly holdMs: number } | 'release' | null;
}

/**
 * How a thread that blocks in the kernel is asked a question: a named pipe that is part of what it waits for. A request is a number;
 * only the newest counts, since its answer answers the older ones too. The pipe has a name so that each end opens a descriptor of its
 * own: a number that one thread gives another may mean another file by the time it is used.
 */
export class SyncBell {
  readonly fd: number;
  readonly #read: (fd: number, buffer: Buffer, length: number) => unknown;
  readonly #bytes = Buffer.alloc(MOST_READ_BYTES);

  private constructor(fd: number, read: (fd: number, buffer: Buffer, length: number) => unknown) {
    this.fd = fd;
    this.#read = read;
  }

  /** The waiting end; makes the pipe anew. Null where the system has no named pipes. */
  static make(path: AbsolutePath): SyncBell | null {
    const libc = loadLibc();
    if (libc === null) return null;
    rmSync(native(path), { force: true });
    if (Number(libc.bind('int mkfifo(const char *path, uint32_t mode)')(pathArgument(path), 0o600)) !== 0) return null;
    // Open for both, so that it never reads as ended while nobody rings.
    const fd = openSync(native(path), constants.O_RDWR | constants.O_NONBLOCK);
    // Not Node's own read: mostly nothing is there, which it throws, and that costs more than all else in a turn of the thread.
    return new SyncBell(fd, libc.bind('long read(int fd, uint8_t *buffer, unsigned long length)'));
  }

  /** What was rung since the last call. */
  take(): Rung {
    let request: number | null = null;
    let writers: Rung['writers'] = null;
    for (;;) {
      const read = Number(this.#read(this.fd, this.#bytes, MOST_READ_BYTES));
      for (let at = 0; at + NUMBER_BYTES <= read; at += NUMBER_BYTES) {
        const word = this.#bytes.readBigUInt64LE(at);
        const about = word >> WRITERS_SHIFT;
        const number = Number(BigInt.asUintN(Number(WRITERS_SHIFT), word));
        if (number > 0) request = number;
        if (about > 0n) writers = about === RELEASE ? 'release' : { holdMs: Number(about) };
      }
      if (read < MOST_READ_BYTES) return { request, writers };
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** The asking end of a `SyncBell`, for any thread. */
export class SyncRope {
  readonly #fd: number;
  readonly #bytes = Buffer.alloc(NUMBER_BYTES);

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Null when nobody waits at the other end. */
  static grasp(path: AbsolutePath): SyncRope | null {
    try {
      return new SyncRope(openSync(native(path), constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      return null;
    }
  }

  /** Asks for a sync point of this number, from 1. False when the request could not be made: the other end has gone, or answers nothing. */
  pull(request: number): boolean {
    return this.#ring(BigInt(request));
  }

  /** Asks nothing: the other end stops waiting, and finds what else there is for it. */
  nudge(): boolean {
    return this.#ring(0n);
  }

  /** Has writers held for `ms`, from 1; before anything that is asked for later. */
  holdWriters(ms: number): boolean {
    return this.#ring(BigInt(ms) << WRITERS_SHIFT);
  }

  releaseWriters(): boolean {
    return this.#ring(RELEASE << WRITERS_SHIFT);
  }

  #ring(word: bigint): boolean {
    this.#bytes.writeBigUInt64LE(word);
    try {
      return writeSync(this.#fd, this.#bytes) === NUMBER_BYTES;
    } catch {
      return false;
    }
  }

  release(): void {
    closeSync(this.#fd);
  }
}
