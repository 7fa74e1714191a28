import type { ListedEntry } from '../../wire/index.ts';

/** `isAltered`: an op went there after the question. It is the entry that was listed, but its size or attributes may be others by now. */
export interface HeardEntry extends ListedEntry {
  readonly isAltered?: true;
}

/** `altered`: an op that leaves the entry what it is. `replaced`: the entry goes, moves, or another takes its place. */
export type Alteration = 'altered' | 'replaced';

/** Changes that are remembered while the target has not answered; after more it is asked again. */
const MOST_REMEMBERED = 10_000;

/**
 * What the target has in one folder, as it said, less what ops have changed since it was asked. An answer knows of every op before the
 * question and of none after it, so each op that is pushed from then on is to be told here, also before the answer is there.
 */
export class FolderListing {
  #entries: Map<string, HeardEntry> | null = null;
  readonly #early = new Map<string, Alteration>();
  #isWorthless = false;

  get(name: string): HeardEntry | undefined {
    return this.#entries?.get(name);
  }

  entries(): readonly HeardEntry[] {
    return [...(this.#entries?.values() ?? [])];
  }

  /** Takes the target's answer; false when so much has changed since the question that it is to be asked again. */
  answered(entries: readonly ListedEntry[]): boolean {
    if (this.#isWorthless) return false;
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    for (const [name, what] of this.#early) this.altered(name, what);
    this.#early.clear();
    return true;
  }

  /** An op for the entry of that name was pushed. */
  altered(name: string, what: Alteration): void {
    if (this.#entries === null) this.#remember(name, what);
    else if (what === 'replaced') this.#entries.delete(name);
    else {
      const entry = this.#entries.get(name);
      if (entry !== undefined) this.#entries.set(name, { ...entry, isAltered: true });
    }
  }

  /** The folder itself goes or moves: what takes its place has nothing of this. */
  replaced(): void {
    if (this.#entries === null) this.#isWorthless = true;
    else this.#entries.clear();
  }

  #remember(name: string, what: Alteration): void {
    if (this.#isWorthless) return;
    if (this.#early.get(name) !== 'replaced') this.#early.set(name, what);
    if (this.#early.size <= MOST_REMEMBERED) return;
    this.#isWorthless = true;
    this.#early.clear();
  }
}
