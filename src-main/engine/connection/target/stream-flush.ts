import { Wake } from '../../../base/index.ts';
import type { Flusher, Stage } from '../../apply/index.ts';
import type { Intake } from './intake.ts';

/** So much of large files is worth a flush although none is complete. */
export const STREAM_FLUSH_BYTES = 8 * 1024 * 1024;

export interface StreamFlushParts {
  readonly intake: Intake;
  readonly stage: Stage;
  readonly flusher: Flusher;
  /** A flush is over. */
  readonly onFlushed: () => void;
}

/**
 * Flushes the data of streams while they come, so that the op that takes one need not wait for all of it. Apart from the flushes of ops: a
 * small change must not wait until much of a large file is on disk.
 */
export class StreamFlush {
  readonly #parts: StreamFlushParts;
  readonly #wake = new Wake();

  constructor(parts: StreamFlushParts) {
    this.#parts = parts;
  }

  /** Rung when data came. */
  notify(): void {
    if (this.#parts.intake.unflushedStreamBytes > STREAM_FLUSH_BYTES) this.#wake.signal();
  }

  /** Works until `signal` aborts, which rejects, but never in the middle of a flush. A failed flush rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { intake, stage, flusher, onFlushed } = this.#parts;
    for (;;) {
      signal.throwIfAborted();
      const bytes = intake.unflushedStreamBytes;
      if (bytes <= STREAM_FLUSH_BYTES) {
        await this.#wake.wait(signal);
        continue;
      }
      await flusher.flushStreams(stage.takeDirtyStreams());
      intake.streamsFlushed(bytes);
      onFlushed();
    }
  }
}
