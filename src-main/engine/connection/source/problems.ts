import type { Problem } from '../../../api/index.ts';
import { describeError, showName, type ReplicationError } from '../../../base/index.ts';

const MOST_KEPT = 10_000;
const MOST_SHOWN = 100;

/** Entries that could not be replicated, each with its cause, until one succeeds. */
export class Problems {
  readonly #open = new Map<string, Problem>();
  readonly #onNew: (problem: Problem) => void;

  constructor(onNew: (problem: Problem) => void) {
    this.#onNew = onNew;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Newest first, at most 100. */
  list(): readonly Problem[] {
    return [...this.#open.values()].slice(-MOST_SHOWN).reverse();
  }

  /** `path` is raw and absolute. The first time is also an event. */
  note(path: string, error: ReplicationError): void {
    const known = this.#open.get(path);
    const text = describeError(error.code, { path: showName(path), ...error.details });
    if (known?.code === error.code) return;
    // What holds for a whole target or root is kept under a name of its own and shown by the path it is about.
    const shown = path.startsWith('target:') && typeof error.details.path === 'string' ? error.details.path : showName(path);
    const problem: Problem = { code: error.code, path: shown, since: new Date().toISOString(), ...text };
    this.#open.delete(path);
    if (this.#open.size >= MOST_KEPT) {
      const oldest = this.#open.keys().next().value;
      if (oldest !== undefined) this.#open.delete(oldest);
    }
    this.#open.set(path, problem);
    this.#onNew(problem);
  }

  /** The entry is fine again, or gone. */
  clear(path: string): void {
    if (this.#open.size > 0) this.#open.delete(path);
  }

  has(path: string): boolean {
    return this.#open.has(path);
  }
}
