import { SvelteMap } from 'svelte/reactivity';
import { toCallFailure } from '../api/index.ts';
import type { Services } from './services.svelte.ts';

type Answer<Line> = { readonly lines: readonly Line[] } | { readonly failure: string };

/** What each server answered when it was asked for a list. One that did not answer is told; what it said before is dropped. */
export class Answers<Line> {
  readonly #services: Services;
  readonly #answers = new SvelteMap<string, Answer<Line>>();
  /** True once every server that answers has told. */
  readonly isSettled = $derived.by(
    () => this.#services.isSettled && this.#services.online.every(({ id }) => this.#answers.has(id)),
  );
  /** Servers that did not answer, each with the reason. */
  readonly failures = $derived.by(() =>
    this.#services.online.flatMap(({ id, name }) => {
      const answer = this.#answers.get(id);
      return answer !== undefined && 'failure' in answer ? [{ name, text: answer.failure }] : [];
    }),
  );

  constructor(services: Services) {
    this.#services = services;
  }

  async read(serverId: string, ask: () => Promise<readonly Line[]>): Promise<void> {
    try {
      this.put(serverId, await ask());
    } catch (thrown) {
      this.#answers.set(serverId, { failure: toCallFailure(thrown).text });
    }
  }

  put(serverId: string, lines: readonly Line[]): void {
    this.#answers.set(serverId, { lines });
  }

  of(serverId: string): readonly Line[] {
    const answer = this.#answers.get(serverId);
    return answer !== undefined && 'lines' in answer ? answer.lines : [];
  }
}
