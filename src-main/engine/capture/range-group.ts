import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync, type BigIntStats } from 'node:fs';
import { ReplicationError } from '../../base/index.ts';
import { codedError, loadLibc, native, systemError, type Libc } from '../fs/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { blockedCall, canTellCalls } from './blocked-call.ts';
import type { PastHold } from './capture.ts';
import type { ObjectKey } from './fanotify-events.ts';
import type { RangeLedger } from './range-ledger.ts';

const FAN_CLOEXEC = 0x1;
const FAN_NONBLOCK = 0x2;
const FAN_CLASS_PRE_CONTENT = 0x8;
const FAN_UNLIMITED_QUEUE = 0x10;
const FAN_REPORT_TID = 0x100;
const FAN_MARK_ADD = 0x1;
const FAN_MARK_REMOVE = 0x2;
const FAN_PRE_ACCESS = 0x100000;
const FAN_ALLOW = 1;
const INFO_RANGE = 6;
const O_CLOEXEC = 0o2000000;
const O_LARGEFILE = 0o100000;
const AT_FDCWD = -100;
const F_SETSIG = 10;
const F_SETLEASE = 1024;
const F_RDLCK = 0;
const F_UNLCK = 2;
/** A lease that is broken while we hold it sends this; it is ignored by default. */
const SIGURG = 23;
const POLLIN = 1;
const READ_BYTES = 16 * 1024;
/** How long writers may be held at the most, whatever is asked for. */
const MOST_HOLD_MS = 20;
/** How often a thread that is not asleep yet is looked at: at once, then each millisecond. */
const QUICK_LOOKS = 50;
const SLOW_LOOKS = 10;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Asks to be asked before large files are read or written, answers at once and notes where (`FAN_PRE_ACCESS`). Asked for per file, so that all
 * other files cost nothing. If this process dies the kernel lets everybody go on. Throws `unsupported` where the kernel (before 6.14), the
 * processor or the rights do not allow it.
 */
export class RangeGroup {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #ledger: RangeLedger;
  readonly #keyOf: (fd: number) => ObjectKey | null;
  readonly #mark: (fd: number, flags: number, mask: number, dir: number, path: string) => unknown;
  readonly #read: (fd: number, buffer: Buffer, length: number) => unknown;
  readonly #write: (fd: number, buffer: Buffer, length: number) => unknown;
  readonly #close: (fd: number) => unknown;
  readonly #fcntl: (fd: number, command: number, argument: number) => unknown;
  readonly #poll: (fds: Buffer, count: number, timeoutMs: number) => unknown;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  readonly #answer = Buffer.alloc(8);
  readonly #pollFd = Buffer.alloc(8);
  /** Questions of writers that wait for the end of a hold. */
  #held: number[] = [];
  #heldUntilMs = 0;
  #holdBeganMs = 0;
  #past: PastHold | null = null;

  /** `keyOf`: which file is open. */
  constructor(ledger: RangeLedger, keyOf: (fd: number) => ObjectKey | null) {
    const libc = loadLibc();
    if (libc === null || !canTellCalls(process.arch)) throw unavailable('calls of other processes cannot be told apart here');
    this.#libc = libc;
    this.#ledger = ledger;
    this.#keyOf = keyOf;
    this.#read = libc.bind('long read(int fd, uint8_t *buffer, unsigned long length)');
    this.#write = libc.bind('long write(int fd, uint8_t *buffer, unsigned long length)');
    this.#close = libc.bind('int close(int fd)');
    this.#fcntl = libc.bind('int fcntl(int fd, int command, long argument)');
    this.#poll = libc.bind('int poll(uint8_t *fds, unsigned long count, int timeout)');
    this.#mark = libc.bind('int fanotify_mark(int fd, unsigned int flags, uint64_t mask, int dir, const char *path)');
    const flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_CLASS_PRE_CONTENT | FAN_UNLIMITED_QUEUE | FAN_REPORT_TID;
    const init = libc.bind('int fanotify_init(unsigned int flags, unsigned int event_flags)');
    this.#fd = Number(init(flags, constants.O_RDONLY | O_CLOEXEC | O_LARGEFILE));
    if (this.#fd < 0) throw unavailable(systemError('fanotify_init', libc.errno()).message);
    this.#pollFd.writeInt32LE(this.#fd, 0);
    this.#pollFd.writeInt16LE(POLLIN, 4);
    try {
      this.#probe();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Becomes readable when somebody waits for an answer. */
  get fd(): number {
    return this.#fd;
  }

  /**
   * Begins to cover the file `object` at `path` if it is at least `fromBytes` long, and returns what it is; null when it is smaller or not there.
   * It stays uncovered while somebody has it open for writing who is not asked.
   */
  cover(object: ObjectKey, path: AbsolutePath, fromBytes: number): BigIntStats | null {
    let fd: number;
    try {
      fd = openSync(native(path), OPEN_FLAGS);
    } catch {
      return null; // gone or moved; its next notice comes from where it is then
    }
    try {
      const stat = fstatSync(fd, { bigint: true });
      if (!stat.isFile() || stat.size < BigInt(fromBytes) || this.#keyOf(fd) !== object) return null;
      const state = this.#ledger.state(object);
      if (state === 'fresh' || state === 'covered') return stat;
      if (Number(this.#markOpen(FAN_MARK_ADD, fd)) !== 0) return stat;
      // Asked after the mark: who opens it for writing from now on will be asked before each write.
      if (!this.#isOpenForWriting(fd)) this.#ledger.begin(object, stat);
      else {
        this.#markOpen(FAN_MARK_REMOVE, fd);
        this.#ledger.forget(object);
      }
      return stat;
    } finally {
      closeSync(fd);
    }
  }

  /** Whether a thread is, or may be, in the middle of a write. */
  isWriting(thread: number): boolean {
    const text = syscallOf(thread);
    return text !== null && (text.startsWith('running') || blockedCall(text, process.arch) === 'write');
  }

  /** Answers everybody who waits; waits up to `timeoutMs` for the first. Returns whether anybody did. */
  serve(timeoutMs: number): boolean {
    if (this.holdsForMs === 0) this.release();
    if (Number(this.#poll(this.#pollFd, 1, timeoutMs)) <= 0) return false;
    const length = Number(this.#read(this.#fd, this.#buffer, READ_BYTES));
    for (let at = 0; at + 24 <= length; at += this.#buffer.readUInt32LE(at)) this.#asked(at);
    return length > 0;
  }

  /**
   * Lets nobody begin a write to a covered file for `ms`, at most 20, or until `release`; readers go on. Writes that were allowed before may
   * still run. Somebody must go on calling `serve`.
   */
  hold(ms: number): void {
    const now = performance.now();
    if (this.#heldUntilMs === 0) this.#holdBeganMs = now;
    this.#heldUntilMs = now + Math.min(ms, MOST_HOLD_MS);
  }

  /** How long writers are still held; null when they are not. */
  get holdsForMs(): number | null {
    return this.#heldUntilMs === 0 ? null : Math.max(0, this.#heldUntilMs - performance.now());
  }

  /** Lets held writers go on. */
  release(): void {
    if (this.#heldUntilMs === 0) return;
    this.#heldUntilMs = 0;
    const held = this.#held;
    this.#held = [];
    for (const fd of held) this.#allow(fd);
    this.#past = { ms: performance.now() - this.#holdBeganMs, writes: held.length };
  }

  /** The last hold that is over, once. */
  takeHold(): PastHold | null {
    const past = this.#past;
    this.#past = null;
    return past;
  }

  dispose(): void {
    // The kernel allows what was not answered.
    this.#close(this.#fd);
    for (const fd of this.#held) this.#close(fd);
    this.#held = [];
  }

  #asked(at: number): void {
    const fd = this.#buffer.readInt32LE(at + 16);
    const thread = this.#buffer.readInt32LE(at + 20);
    if (fd < 0) return;
    let call = 'other';
    try {
      const text = this.#callOfAsker(thread);
      call = text === null ? 'other' : blockedCall(text, process.arch);
      // Our own clones are of files of the source, never into them.
      if (call === 'clone' && isOurs(thread)) call = 'read';
      if (call !== 'read') this.#note(fd, call, thread, at);
    } finally {
      if (call === 'write' && performance.now() < this.#heldUntilMs) this.#held.push(fd);
      else this.#allow(fd);
    }
  }

  /** Who asks is about to sleep, but perhaps not asleep yet: until then the kernel says only that it runs. */
  #callOfAsker(thread: number): string | null {
    let text = syscallOf(thread);
    for (let tries = 0; text?.startsWith('running') === true && tries < QUICK_LOOKS + SLOW_LOOKS; tries++) {
      if (tries >= QUICK_LOOKS) this.#poll(this.#pollFd, 0, 1);
      text = syscallOf(thread);
    }
    return text;
  }

  #note(fd: number, call: string, thread: number, at: number): void {
    const file = this.#keyOf(fd);
    if (file === null || this.#ledger.state(file) === null) {
      this.#markOpen(FAN_MARK_REMOVE, fd); // not covered any more
      return;
    }
    const range = at + this.#buffer.readUInt16LE(at + 6);
    const hasRange = range + 24 <= at + this.#buffer.readUInt32LE(at) && this.#buffer[range] === INFO_RANGE;
    if (call !== 'write' || !hasRange) {
      this.#ledger.spoil(file);
      return;
    }
    const offset = Number(this.#buffer.readBigUInt64LE(range + 8));
    const length = Number(this.#buffer.readBigUInt64LE(range + 16));
    this.#ledger.willWrite(file, thread, offset, length);
  }

  #markOpen(flags: number, fd: number): unknown {
    return this.#mark(this.#fd, flags, FAN_PRE_ACCESS, AT_FDCWD, `/proc/self/fd/${fd}`);
  }

  #allow(fd: number): void {
    this.#answer.writeInt32LE(fd, 0);
    this.#answer.writeUInt32LE(FAN_ALLOW, 4);
    this.#write(this.#fd, this.#answer, 8);
    this.#close(fd);
  }

  /** A read lease is given only when nobody has the file open for writing. */
  #isOpenForWriting(fd: number): boolean {
    this.#fcntl(fd, F_SETSIG, SIGURG);
    const isFree = Number(this.#fcntl(fd, F_SETLEASE, F_RDLCK)) === 0;
    if (isFree) this.#fcntl(fd, F_SETLEASE, F_UNLCK);
    return !isFree;
  }

  /** Whether the kernel knows the event at all. */
  #probe(): void {
    const program = '/proc/self/exe';
    if (Number(this.#mark(this.#fd, FAN_MARK_ADD, FAN_PRE_ACCESS, AT_FDCWD, program)) === 0) {
      this.#mark(this.#fd, FAN_MARK_REMOVE, FAN_PRE_ACCESS, AT_FDCWD, program);
      return;
    }
    const { code } = systemError('fanotify_mark', this.#libc.errno());
    // Another answer is about that file's file system only.
    if (code === 'EINVAL') throw unavailable('the kernel is older than 6.14');
  }
}

/** Null when there is no such thread, or none that can be seen from here. */
function isOurs(thread: number): boolean {
  return existsSync(`/proc/self/task/${thread}`);
}

function syscallOf(thread: number): string | null {
  try {
    return thread > 0 ? readFileSync(`/proc/${thread}/syscall`, 'latin1') : null;
  } catch (error) {
    codedError(error, ''); // a bug passes on
    return null;
  }
}

function unavailable(why: string): ReplicationError {
  return new ReplicationError('unsupported', { what: `noticing which bytes are written (${why})`, why });
}
