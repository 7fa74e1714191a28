import type { AbsolutePath, FileRanges } from '../model/index.ts';
import type { PastHold } from './capture.ts';
import type { ObjectKey } from './fanotify-events.ts';
import { RangeGroup } from './range-group.ts';
import { RangeLedger } from './range-ledger.ts';

/** While writers keep asking, they are answered so long before notices are looked at: fewer notices then tell of more. */
const SERVE_MS = 5;

/** Joins what was asked before writes with the notices after them: where large files changed. */
export class RangeTracker {
  readonly #ledger = new RangeLedger();
  readonly #group: RangeGroup;
  readonly #fromBytes: number;
  readonly #written = new Map<ObjectKey, AbsolutePath>();
  #told: FileRanges[] = [];

  /** Throws `unsupported`. */
  constructor(fromBytes: number, keyOfOpen: (fd: number) => ObjectKey | null) {
    this.#group = new RangeGroup(this.#ledger, keyOfOpen);
    this.#fromBytes = fromBytes;
  }

  get fd(): number {
    return this.#group.fd;
  }

  /** Answers writers that wait. */
  serve(): void {
    const until = performance.now() + SERVE_MS;
    for (let wait = 0; this.#group.serve(wait) && performance.now() < until;) wait = 1;
  }

  /** A notice says that the file's content changed. */
  written(object: ObjectKey, path: AbsolutePath): void {
    this.#written.set(object, path);
  }

  /** After a batch of notices was handled. */
  handled(isDrained: boolean): void {
    for (const [object, path] of this.#written) {
      const stat = this.#group.cover(object, path, this.#fromBytes);
      if (stat === null) {
        // It cannot be looked at: it has another name by now, or none. What was told of it before is not all, whatever comes of it.
        const identity = this.#ledger.identity(object);
        if (identity !== null) this.#told.push({ ...identity, ranges: null });
        continue;
      }
      const ranges = this.#ledger.tell(object, (thread) => this.#group.isWriting(thread));
      this.#told.push({ dev: stat.dev, ino: stat.ino, ranges });
      this.#group.serve(0);
    }
    this.#written.clear();
    this.#ledger.handled(isDrained);
  }

  /** Notices were lost. */
  lost(): void {
    this.#written.clear();
    this.#ledger.lost();
  }

  /** Where files were written; to be told before the notices of the same batch. */
  take(): FileRanges[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Lets nobody begin a write to a covered file for at most `ms` (20 at the most), while `serve` goes on being called. */
  hold(ms: number): void {
    this.#group.hold(ms);
  }

  /** At most `timeoutMs`, and not longer than writers may be held. */
  patience(timeoutMs: number): number {
    return Math.ceil(Math.min(timeoutMs, this.#group.holdsForMs ?? timeoutMs));
  }

  release(): void {
    this.#group.release();
  }

  takeHold(): PastHold | null {
    return this.#group.takeHold();
  }

  dispose(): void {
    this.#group.dispose();
  }
}
