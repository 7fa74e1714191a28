import { toCallFailure } from '../api/index.ts';

export interface Notice {
  readonly id: number;
  readonly tone: 'good' | 'bad';
  readonly title: string;
  readonly text: string;
}

const SHOWN_MS = 6000;

/** Short reports on what a person just did. Good news leaves by itself; bad news stays until it is closed. */
export class Notices {
  #list = $state.raw<readonly Notice[]>([]);
  #nextId = 1;

  get list(): readonly Notice[] {
    return this.#list;
  }

  tell(title: string, text = ''): void {
    const id = this.#add('good', title, text);
    setTimeout(() => this.close(id), SHOWN_MS);
  }

  fail(title: string, thrown: unknown): void {
    this.#add('bad', title, toCallFailure(thrown).text);
  }

  /** What a person should not miss, though nothing failed. */
  warn(title: string, text: string): void {
    this.#add('bad', title, text);
  }

  close(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }

  #add(tone: Notice['tone'], title: string, text: string): number {
    const id = this.#nextId++;
    this.#list = [...this.#list.slice(-3), { id, tone, title, text }];
    return id;
  }
}
