import type { Statement } from '../../store/index.ts';

/** More are not held back: they take memory, and what is gained by it is gained with a few dozen. */
const MOST = 512;

/**
 * Writes of rows that are done together, in their order. Between the other steps that a file takes, each would find the processor's caches full
 * of something else; one after the other they take half of the time. Whoever reads what one of them changes runs them first.
 */
export class DelayedWrites {
  #writes: { readonly statement: Statement; readonly values: readonly unknown[] }[] = [];
  readonly #names = new Set<string>();

  /** `name`: of the entry whose row is written. */
  add(name: string, statement: Statement, values: readonly unknown[]): void {
    this.#writes.push({ statement, values });
    this.#names.add(name);
    if (this.#writes.length >= MOST) this.run();
  }

  /** Whether the row of an entry with this name, in whatever folder, may be among them. */
  concern(name: string): boolean {
    return this.#names.has(name);
  }

  /** After a throw those that were not done are still there. */
  run(): void {
    if (this.#writes.length === 0) return;
    let done = 0;
    try {
      for (const { statement, values } of this.#writes) {
        statement.run(...values);
        done++;
      }
    } finally {
      this.#writes = this.#writes.slice(done);
      if (this.#writes.length === 0) this.#names.clear();
    }
  }
}
