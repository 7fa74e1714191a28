/** Counts of the last so many seconds are kept for each of these steps, so that a long window costs little. */
const STEP_MS = 1_000;

interface Step {
  readonly atMs: number;
  removed: number;
  rewritten: number;
}

/** Older steps are dropped when there are so many, the longest window still in sight. */
const MOST_STEPS = 90_000;

/** How many files the source lost or had rewritten within the last while. */
export class GuardWindow {
  #steps: Step[] = [];

  add(what: 'removed' | 'rewritten', count: number, nowMs: number): void {
    this.#keepUp(nowMs);
    const last = this.#steps.at(-1);
    if (last !== undefined && nowMs - last.atMs < STEP_MS) last[what] += count;
    else this.#steps.push({ atMs: nowMs, removed: 0, rewritten: 0, [what]: count });
    if (this.#steps.length > MOST_STEPS) this.#steps.shift();
  }

  /** The sum since `windowMs` ago, and when its first part was. */
  sum(what: 'removed' | 'rewritten', windowMs: number, nowMs: number): { readonly count: number; readonly sinceMs: number } {
    this.#keepUp(nowMs);
    let count = 0;
    let sinceMs = nowMs;
    for (let at = this.#steps.length - 1; at >= 0; at--) {
      const step = this.#steps[at];
      if (step === undefined || step.atMs <= nowMs - windowMs) break;
      if (step[what] === 0) continue;
      count += step[what];
      sinceMs = step.atMs;
    }
    return { count, sinceMs };
  }

  /** After the clock was set back: what was just now would else count until it has come again. */
  #keepUp(nowMs: number): void {
    const backMs = (this.#steps.at(-1)?.atMs ?? nowMs) - nowMs;
    if (backMs > 0) this.#steps = this.#steps.map((step) => ({ ...step, atMs: step.atMs - backMs }));
  }

  clear(): void {
    this.#steps = [];
  }
}
