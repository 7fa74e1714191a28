import { toCallFailure, type CallFailure } from '../api/index.ts';

/** One thing that a button starts: whether it runs, and how it failed last. A second start while it runs is ignored. */
export class Task {
  #isRunning = $state(false);
  #failure = $state.raw<CallFailure | null>(null);

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get failure(): CallFailure | null {
    return this.#failure;
  }

  /** Resolves to whether it succeeded; a failure is kept for showing, never thrown. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.#isRunning) return false;
    this.#isRunning = true;
    this.#failure = null;
    try {
      await work();
      return true;
    } catch (thrown) {
      this.#failure = toCallFailure(thrown);
      return false;
    } finally {
      this.#isRunning = false;
    }
  }

  clear(): void {
    this.#failure = null;
  }
}
