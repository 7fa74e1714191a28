import { isDeepStrictEqual } from 'node:util';
import type { KeptSchedule } from './kept-schedules.ts';

/** A queue that grew or shrank by less than both of these is not worth a write. */
const QUEUE_STEP_BYTES = 1024 * 1024;
const QUEUE_STEP = 0.1;

export interface ScheduleMemoryOptions {
  /** What the last life of the service left; null: nothing. */
  readonly kept: KeptSchedule | null;
  /** Resolves when it is on disk. */
  readonly keep: (kept: KeptSchedule | null) => Promise<void>;
  /** The disk refused; told once until it takes something again. */
  readonly onFailed: (error: unknown) => void;
}

/** Keeps on disk where the schedule of one line stands: one write at a time, never the same twice. */
export class ScheduleMemory {
  readonly #options: ScheduleMemoryOptions;
  #stored: KeptSchedule | null;
  #writing: Promise<void> | null = null;
  #isFailing = false;

  constructor(options: ScheduleMemoryOptions) {
    this.#options = options;
    this.#stored = options.kept;
  }

  /** This very session is on disk, though what is left of its budget may have been more then. */
  knows({ state }: KeptSchedule): boolean {
    const stored = this.#stored?.state;
    if (state.kind !== 'sending' || stored?.kind !== 'sending') return false;
    const hasBudget = state.leftBytes !== null;
    return stored.sinceMs === state.sinceMs && stored.by === state.by && hasBudget === (stored.leftBytes !== null);
  }

  /** Begins to write what is new, if nothing is being written; `onKept` is called once it is on disk. */
  keep(kept: KeptSchedule | null, onKept: () => void): void {
    if (this.#writing !== null || !isNews(kept, this.#stored)) return;
    this.#writing = this.#write(kept).then((isKept) => {
      this.#writing = null;
      if (isKept) onKept();
    });
  }

  /** Resolves when this, or that the disk refused it, is certain. Never rejects. */
  async close(kept: KeptSchedule | null): Promise<void> {
    await this.#writing;
    if (!isDeepStrictEqual(kept, this.#stored)) await this.#write(kept);
  }

  async #write(kept: KeptSchedule | null): Promise<boolean> {
    try {
      await this.#options.keep(kept);
    } catch (error) {
      if (!this.#isFailing) this.#options.onFailed(error);
      this.#isFailing = true;
      return false;
    }
    this.#stored = kept;
    this.#isFailing = false;
    return true;
  }
}

function isNews(now: KeptSchedule | null, before: KeptSchedule | null): boolean {
  if (now === null || before === null) return now !== before;
  const { queuedBytes, queuePercent, ...rest } = now;
  const { queuedBytes: bytesBefore, queuePercent: percentBefore, ...restBefore } = before;
  const stepBytes = Math.max(QUEUE_STEP_BYTES, bytesBefore * QUEUE_STEP);
  const hasMoved = Math.abs(queuedBytes - bytesBefore) >= stepBytes || Math.abs(queuePercent - percentBefore) >= 1;
  return hasMoved || !isDeepStrictEqual(rest, restBefore);
}
