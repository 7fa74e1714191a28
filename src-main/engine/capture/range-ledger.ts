import { joinRanges, type ByteRange } from '../model/index.ts';
import type { ObjectKey } from './fanotify-events.ts';

interface Pending {
  readonly thread: number;
  readonly offset: number;
  length: number;
}

/** What a file is known by where no handles are. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
}

interface Entry {
  readonly identity: FileIdentity;
  /**
   * `fresh`: covered, but notices of earlier writes may still wait. `covered`: every change that comes is recorded. `spoiled`: it may change
   * in ways that are not recorded, until nobody has it open for writing.
   */
  state: 'fresh' | 'covered' | 'spoiled';
  readonly begunIn: number;
  /** Not all that changed since the last telling is in `pending`. */
  isIncomplete: boolean;
  pending: Pending[];
}

/** More ranges than this are not told one by one. */
const MOST_RANGES = 4096;
/** Files that are covered at the same time: each costs its readers and writers a question per call. */
const MOST_FILES = 1024;

/**
 * Where files were written, from the moments before each write. Told when the notice of a change comes, which is after that write; a range
 * whose thread may still be writing is told and kept, and told again, because whoever reads now may read too early.
 */
export class RangeLedger {
  /** The one that was told of last is the last. */
  readonly #files = new Map<ObjectKey, Entry>();
  #batch = 0;

  state(file: ObjectKey): Entry['state'] | null {
    return this.#files.get(file)?.state ?? null;
  }

  /** What the file is; null when nothing is known of it. */
  identity(file: ObjectKey): FileIdentity | null {
    return this.#files.get(file)?.identity ?? null;
  }

  /** From now on each change of the file is told to us, and nobody had it open for writing before. */
  begin(file: ObjectKey, { dev, ino }: FileIdentity): void {
    this.#files.set(file, { identity: { dev, ino }, state: 'fresh', begunIn: this.#batch, isIncomplete: true, pending: [] });
    const [oldest] = this.#files.keys();
    if (this.#files.size > MOST_FILES && oldest !== undefined) this.#files.delete(oldest);
  }

  /** A batch of notices was handled; `isDrained`: nothing that happened before it was read still waits. */
  handled(isDrained: boolean): void {
    if (isDrained)
      for (const entry of this.#files.values())
        if (entry.state === 'fresh' && entry.begunIn < this.#batch) entry.state = 'covered';
    this.#batch++;
  }

  /** Notices were lost. */
  lost(): void {
    for (const entry of this.#files.values()) entry.isIncomplete = true;
  }

  willWrite(file: ObjectKey, thread: number, offset: number, length: number): void {
    const entry = this.#files.get(file);
    if (entry === undefined || entry.state === 'spoiled') return;
    const last = entry.pending.at(-1);
    if (last?.thread === thread && last.offset + last.length === offset) last.length += length;
    else entry.pending.push({ thread, offset, length });
    if (entry.pending.length > MOST_RANGES) {
      // Of what is dropped nothing is on its way any more: a thread does one write at a time, and its last one stays.
      entry.pending = [...new Map(entry.pending.map((pending) => [pending.thread, pending])).values()];
      entry.isIncomplete = true;
    }
  }

  /** The file may change from now on without a word. */
  spoil(file: ObjectKey): void {
    const entry = this.#files.get(file);
    if (entry === undefined) return;
    entry.state = 'spoiled';
    entry.pending = [];
  }

  forget(file: ObjectKey): void {
    this.#files.delete(file);
  }

  /** Where the file was written since the last telling; null: anywhere. `isWriting`: whether a thread may be in the middle of a write. */
  tell(file: ObjectKey, isWriting: (thread: number) => boolean): ByteRange[] | null {
    const entry = this.#files.get(file);
    if (entry === undefined || entry.state === 'spoiled') return null;
    this.#files.delete(file);
    this.#files.set(file, entry);
    const busy = new Map<number, boolean>();
    const told = entry.pending;
    entry.pending = told.filter(({ thread }) => {
      const known = busy.get(thread) ?? isWriting(thread);
      busy.set(thread, known);
      return known;
    });
    if (entry.state === 'fresh') return null;
    if (entry.isIncomplete) {
      entry.isIncomplete = false;
      return null;
    }
    return joinRanges(told.map(({ offset, length }) => ({ offset, length })));
  }
}
