import { describeError, toReplicationError, type Log } from '../../base/index.ts';
import type { ScheduleClock } from '../schedule-clock.ts';

const AGAIN_MS = 1_000;

export interface CutKeeperParts {
  readonly clock: Pick<ScheduleClock, 'every'>;
  /** Writes where pauses stand; resolves to whether there was anything to write. */
  readonly keep: () => Promise<boolean>;
  /** Where a pause stands is on disk now: what is shown of it is another. */
  readonly onKept: () => void;
  /** All there is to keep is kept. */
  readonly onLooked: () => void;
  readonly tell: (text: string) => void;
  readonly log: Log;
}

/**
 * Has the cuts of pauses written to disk. A pause is told to stand only then, so a disk that takes nothing is told once, and tried again until
 * it does: at rest no other change would come.
 */
export class CutKeeper {
  readonly #parts: CutKeeperParts;
  #stop: (() => void) | null = null;
  #isClosed = false;

  constructor(parts: CutKeeperParts) {
    this.#parts = parts;
  }

  /** To be called when connections have changed. Resolves when what was there to keep is kept, or could not be. Never rejects. */
  async changed(): Promise<void> {
    const { keep, log, onKept, onLooked } = this.#parts;
    try {
      const isNew = await keep();
      this.#rest();
      onLooked();
      if (isNew) onKept();
    } catch (error) {
      log.warn('the cut of a pause could not be stored', { error: String(error) });
      this.#tryAgain(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#rest();
  }

  #tryAgain(error: unknown): void {
    if (this.#stop !== null || this.#isClosed) return;
    this.#stop = this.#parts.clock.every(AGAIN_MS, () => void this.changed());
    const { code, details } = toReplicationError(error);
    const { cause, nextStep } = describeError(code, details);
    try {
      this.#parts.tell(
        `The cut of a pause cannot be kept; the pause is told to stand when it can, which is tried each second. ${cause} ${nextStep}`,
      );
    } catch (failure) {
      this.#parts.log.warn('nor could that be told', { error: String(failure) });
    }
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
