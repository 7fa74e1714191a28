import { SvelteMap } from 'svelte/reactivity';
import type { RestoreSnapshot } from '../../src-main/api/index.ts';
import { serviceCaller, toCallFailure, type ConsoleLink } from '../api/index.ts';
import type { Services } from './services.svelte.ts';

type Answer = { readonly restores: readonly RestoreSnapshot[] } | { readonly failure: string };

/** A restore together with the server that holds the data and runs it. */
export interface RestoreRow {
  readonly serverId: string;
  readonly restore: RestoreSnapshot;
}

/** How often servers are asked: while something runs, and else. */
const BUSY_MS = 1_000;
const QUIET_MS = 5_000;

/** Restores and drills of all targets. Services tell nothing of them by themselves: they are asked while somebody looks. */
export class Restores {
  readonly #link: ConsoleLink;
  readonly #services: Services;
  readonly #answers = new SvelteMap<string, Answer>();
  readonly rows: readonly RestoreRow[] = $derived.by(() =>
    this.#services.online
      .flatMap(({ id: serverId }) => this.#of(serverId).map((restore) => ({ serverId, restore })))
      .sort((one, other) => other.restore.startedAt.localeCompare(one.restore.startedAt)),
  );
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

  constructor(link: ConsoleLink, services: Services) {
    this.#link = link;
    this.#services = services;
  }

  /** Asks again and again until the returned function is called. */
  watch(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let hasEnded = false;
    const look = async () => {
      await Promise.all(this.#services.online.map(({ id }) => this.#read(id)));
      if (hasEnded) return;
      const isBusy = !this.isSettled || this.rows.some(({ restore }) => restore.state !== 'done' && restore.state !== 'planned');
      timer = setTimeout(() => void look(), isBusy ? BUSY_MS : QUIET_MS);
    };
    void look();
    return () => {
      hasEnded = true;
      clearTimeout(timer);
    };
  }

  /** Puts what a call answered in place at once, ahead of the next answer. */
  place(serverId: string, restore: RestoreSnapshot): void {
    this.#answers.set(serverId, { restores: [restore, ...this.#of(serverId).filter(({ id }) => id !== restore.id)] });
  }

  async #read(serverId: string): Promise<void> {
    try {
      this.#answers.set(serverId, { restores: await serviceCaller(this.#link, serverId).call('restore.list', null) });
    } catch (thrown) {
      this.#answers.set(serverId, { failure: toCallFailure(thrown).text });
    }
  }

  #of(serverId: string): readonly RestoreSnapshot[] {
    const answer = this.#answers.get(serverId);
    return answer !== undefined && 'restores' in answer ? answer.restores : [];
  }
}
