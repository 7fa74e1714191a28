import { performance } from 'node:perf_hooks';

/** So long ops are applied at least before the thread looks at its links again. */
const LEAST_MS = 3;
/** And so long at most, for all replicas together: what comes over the links waits meanwhile. */
const MOST_MS = 200;

export interface ApplyTurnsParts {
  readonly nowMs: () => number;
  /** How long the thread was not idle, in ms since some moment. */
  readonly activeMs: () => number;
}

/**
 * Divides a thread between applying and everything else that is done in it. Taking ops in costs more than applying them, and on a busy machine
 * one of either may take longer than a turn: a replica that is written to without rest would then fall behind what it receives, further and
 * further. So where ops wait, applying gets as much time as all else took since the last turn. The links are read less often meanwhile, and the
 * source, whose ops go out more slowly then, sends once what changed many times.
 */
export class ApplyTurns {
  readonly #parts: ApplyTurnsParts;
  /** All turns that are over, in ms. */
  #appliedMs = 0;
  #working = 0;

  constructor(
    parts: ApplyTurnsParts = { nowMs: () => performance.now(), activeMs: () => performance.eventLoopUtilization().active },
  ) {
    this.#parts = parts;
  }

  /** For one replica. */
  share(): ApplyTurn {
    const { nowMs } = this.#parts;
    let isWorking = false;
    let beganAtMs: number | null = null;
    let endMs = 0;
    let othersBeforeMs = this.#othersMs();
    return {
      begin: () => {
        if (!isWorking) this.#working++;
        isWorking = true;
        const owedMs = this.#othersMs() - othersBeforeMs;
        beganAtMs = nowMs();
        endMs = beganAtMs + Math.max(LEAST_MS, Math.min(owedMs, MOST_MS) / this.#working);
      },
      isOver: () => nowMs() >= endMs,
      end: (isIdle) => {
        if (beganAtMs !== null) {
          this.#appliedMs += nowMs() - beganAtMs;
          beganAtMs = null;
          othersBeforeMs = this.#othersMs();
        }
        if (!isIdle || !isWorking) return;
        isWorking = false;
        this.#working--;
      },
    };
  }

  /** What else than applying was done. */
  #othersMs(): number {
    return this.#parts.activeMs() - this.#appliedMs;
  }
}

/** One replica's part in `ApplyTurns`. */
export interface ApplyTurn {
  readonly begin: () => void;
  readonly isOver: () => boolean;
  /** `isIdle`: nothing is to be applied for now. */
  readonly end: (isIdle: boolean) => void;
}
