import { Task } from './task.svelte.ts';

const PAGE = 200;
const ALL = 1000;

/** A long list that is read a page at a time for the screen, or whole for a file. */
export class PagedList<Page extends { readonly listed: number }, Entry> {
  readonly task = new Task();
  readonly #ask: (offset: number, limit: number) => Promise<Page>;
  readonly #entriesOf: (page: Page) => readonly Entry[];
  #page = $state.raw<Page | null>(null);
  #entries = $state.raw<readonly Entry[]>([]);

  constructor(ask: (offset: number, limit: number) => Promise<Page>, entriesOf: (page: Page) => readonly Entry[]) {
    this.#ask = ask;
    this.#entriesOf = entriesOf;
  }

  /** The page that was read last; null before the first. */
  get page(): Page | null {
    return this.#page;
  }

  /** Everything that was read so far. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get hasMore(): boolean {
    return this.#page !== null && this.#entries.length < this.#page.listed;
  }

  async more(): Promise<void> {
    await this.task.run(async () => {
      const page = await this.#ask(this.#entries.length, PAGE);
      this.#page = page;
      this.#entries = [...this.#entries, ...this.#entriesOf(page)];
    });
  }

  /** The whole list, with its last page. */
  async all(): Promise<{ readonly page: Page; readonly entries: readonly Entry[] }> {
    const entries: Entry[] = [];
    for (;;) {
      const page = await this.#ask(entries.length, ALL);
      const added = this.#entriesOf(page);
      entries.push(...added);
      if (added.length === 0 || entries.length >= page.listed) return { page, entries };
    }
  }
}
