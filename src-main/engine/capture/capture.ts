import type { AbsolutePath, FileRanges, Notice } from '../model/index.ts';
import type { Selection } from './selection.ts';

/** What a capture follows. `roots` are folders or files; a place's `root` is the index in them. */
export interface CaptureOptions extends Selection {
  readonly roots: readonly AbsolutePath[];
  /** A descriptor that ends a wait in `read` when it can be read. */
  readonly bellFd?: number;
}

/** How long writers were held, and how many writes waited for the end of it. */
export interface PastHold {
  readonly ms: number;
  readonly writes: number;
}

/** Follows changes. All calls from one thread, which `read` blocks. */
export interface Capture {
  /** Follows everything from now on. Throws `not-found`, `permission-denied` (a root), `watch-limit`, `too-many-open`, `unsupported`. */
  start(): void;
  /** Waits up to `timeoutMs` and returns what happened, in order; empty when nothing did. */
  read(timeoutMs: number): Notice[];
  /**
   * Also notices which bytes of files from `fromBytes` on are written. Throws `unsupported`; then everything else goes on. Called once, after
   * `start`.
   */
  trackRanges?(fromBytes: number): void;
  /** The descriptor on which writers wait for answers; null without ranges. */
  readonly answersFd?: number | null;
  /** Where files were written of which the last `read` told; whoever gets both gets this first. */
  takeRanges?(): FileRanges[];
  /** Lets nobody begin a write to a file whose bytes are noticed, for `ms` (20 at the most) or until `releaseWriters`. `read` must go on being called. */
  holdWriters?(ms: number): void;
  releaseWriters?(): void;
  /** The last hold that is over, once; null when there was none since the last call. */
  takeHold?(): PastHold | null;
  /** Whether everything that had happened by the time of the last `read` has been told. */
  readonly isDrained: boolean;
  close(): void;
}
