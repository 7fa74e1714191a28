import type { RestoreSnapshot } from '../../src-main/api/index.ts';
import { serviceCaller, type ConsoleLink } from '../api/index.ts';
import { Answers } from './answers.svelte.ts';
import type { Services } from './services.svelte.ts';

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
  readonly #answers: Answers<RestoreSnapshot>;
  readonly rows: readonly RestoreRow[] = $derived.by(() =>
    this.#services.online
      .flatMap(({ id: serverId }) => this.#answers.of(serverId).map((restore) => ({ serverId, restore })))
      .sort((one, other) => other.restore.startedAt.localeCompare(one.restore.startedAt)),
  );

  constructor(link: ConsoleLink, services: Services) {
    this.#link = link;
    this.#services = services;
    this.#answers = new Answers(services);
  }

  get isSettled(): boolean {
    return this.#answers.isSettled;
  }

  get failures(): Answers<RestoreSnapshot>['failures'] {
    return this.#answers.failures;
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
    const others = this.#answers.of(serverId).filter(({ id }) => id !== restore.id);
    this.#answers.put(serverId, [restore, ...others]);
  }

  #read(serverId: string): Promise<void> {
    return this.#answers.read(serverId, () => serviceCaller(this.#link, serverId).call('restore.list', null));
  }
}
