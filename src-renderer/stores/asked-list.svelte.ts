import { toCallFailure } from '../api/index.ts';

/** A list that a dialog asks for whole, again and again: what the newest question was answered counts, whichever answer comes last. */
export class AskedList<Line> {
  readonly #ask: () => Promise<readonly Line[]>;
  #lines = $state.raw<readonly Line[] | null>(null);
  #failure = $state<string | null>(null);
  #asked = 0;

  constructor(ask: () => Promise<readonly Line[]>) {
    this.#ask = ask;
  }

  /** Null until it was answered. */
  get lines(): readonly Line[] | null {
    return this.#lines;
  }

  get failure(): string | null {
    return this.#failure;
  }

  async read(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const lines = await this.#ask();
      if (asked === this.#asked) [this.#lines, this.#failure] = [lines, null];
    } catch (thrown) {
      if (asked === this.#asked) this.#failure = toCallFailure(thrown).text;
    }
  }
}
