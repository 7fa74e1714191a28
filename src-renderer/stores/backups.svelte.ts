import type { BackupView } from '../../src-main/api/index.ts';
import { serviceCaller, type ConsoleLink } from '../api/index.ts';
import { Answers } from './answers.svelte.ts';
import { backupRows, isHeld, type BackupRow } from './backup-rows.ts';
import type { Services } from './services.svelte.ts';

/** However much happens, a server is asked no more often. */
const PAUSE_MS = 1_000;

/** Whether each replica may be read now. Servers are asked while somebody looks, each time that one of them tells of a change. */
export class Backups {
  readonly #link: ConsoleLink;
  readonly #services: Services;
  readonly #answers: Answers<BackupView>;
  // Bookkeeping that nothing on the screen depends on.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  readonly #resting = new Set<string>();
  readonly #askAgain = new Set<string>();
  /* eslint-enable svelte/prefer-svelte-reactivity */
  readonly rows: readonly BackupRow[] = $derived.by(() =>
    backupRows(this.#services.online.flatMap(({ id }) => this.#answers.of(id).map((view) => ({ serverId: id, view })))),
  );

  constructor(link: ConsoleLink, services: Services) {
    this.#link = link;
    this.#services = services;
    this.#answers = new Answers(services);
  }

  get isSettled(): boolean {
    return this.#answers.isSettled;
  }

  get failures(): Answers<BackupView>['failures'] {
    return this.#answers.failures;
  }

  /** Asks a server what may be read; asked again meanwhile, it does so once more afterwards. */
  ask(serverId: string): void {
    if (this.#resting.has(serverId)) {
      this.#askAgain.add(serverId);
      return;
    }
    this.#resting.add(serverId);
    const read = this.#answers.read(serverId, () => serviceCaller(this.#link, serverId).call('backup.views', null));
    void read.finally(() =>
      setTimeout(() => {
        this.#resting.delete(serverId);
        if (this.#askAgain.delete(serverId)) this.ask(serverId);
      }, PAUSE_MS),
    );
  }

  /** Puts what a call answered in place at once, ahead of the next answer. */
  place(serverId: string, view: BackupView): void {
    const others = this.#answers
      .of(serverId)
      .filter((one) => one.connectionId !== view.connectionId || isHeld(one) !== isHeld(view));
    this.#answers.put(serverId, [...others, view]);
  }

  /** A window on a held replica was ended: from now on the source alone speaks of it. */
  forgetHold(serverId: string, connectionId: string): void {
    this.#answers.put(
      serverId,
      this.#answers.of(serverId).filter((one) => one.connectionId !== connectionId || !isHeld(one)),
    );
  }
}
