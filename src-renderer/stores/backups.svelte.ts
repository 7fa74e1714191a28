import { SvelteMap } from 'svelte/reactivity';
import type { BackupView } from '../../src-main/api/index.ts';
import { serviceCaller, toCallFailure, type ConsoleLink } from '../api/index.ts';
import { backupRows, isHeld, type BackupRow } from './backup-rows.ts';
import type { Services } from './services.svelte.ts';

type Answer = { readonly views: readonly BackupView[] } | { readonly failure: string };

/** However much happens, a server is asked no more often. */
const PAUSE_MS = 1_000;

/** Whether each replica may be read now. Servers are asked while somebody looks, each time that one of them tells of a change. */
export class Backups {
  readonly #link: ConsoleLink;
  readonly #services: Services;
  readonly #answers = new SvelteMap<string, Answer>();
  // Bookkeeping that nothing on the screen depends on.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  readonly #resting = new Set<string>();
  readonly #askAgain = new Set<string>();
  /* eslint-enable svelte/prefer-svelte-reactivity */
  readonly rows: readonly BackupRow[] = $derived.by(() =>
    backupRows(this.#services.online.flatMap(({ id }) => this.#viewsOf(id).map((view) => ({ serverId: id, view })))),
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

  /** Asks a server what may be read; asked again meanwhile, it does so once more afterwards. */
  ask(serverId: string): void {
    if (this.#resting.has(serverId)) {
      this.#askAgain.add(serverId);
      return;
    }
    this.#resting.add(serverId);
    void this.#read(serverId).finally(() =>
      setTimeout(() => {
        this.#resting.delete(serverId);
        if (this.#askAgain.delete(serverId)) this.ask(serverId);
      }, PAUSE_MS),
    );
  }

  /** Puts what a call answered in place at once, ahead of the next answer. */
  place(serverId: string, view: BackupView): void {
    const others = this.#viewsOf(serverId).filter(
      (one) => one.connectionId !== view.connectionId || isHeld(one) !== isHeld(view),
    );
    this.#answers.set(serverId, { views: [...others, view] });
  }

  /** A window on a held replica was ended: from now on the source alone speaks of it. */
  forgetHold(serverId: string, connectionId: string): void {
    this.#answers.set(serverId, {
      views: this.#viewsOf(serverId).filter((one) => one.connectionId !== connectionId || !isHeld(one)),
    });
  }

  async #read(serverId: string): Promise<void> {
    try {
      this.#answers.set(serverId, { views: await serviceCaller(this.#link, serverId).call('backup.views', null) });
    } catch (thrown) {
      this.#answers.set(serverId, { failure: toCallFailure(thrown).text });
    }
  }

  #viewsOf(serverId: string): readonly BackupView[] {
    const answer = this.#answers.get(serverId);
    return answer !== undefined && 'views' in answer ? answer.views : [];
  }
}
