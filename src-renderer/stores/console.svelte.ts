import { getContext, setContext } from 'svelte';
import type { CallInput, CallName, CallResult, ConsoleInfo } from '../../src-main/api/index.ts';
import { serviceCaller, type ConsoleLink, type LinkState } from '../api/index.ts';
import { Backups } from './backups.svelte.ts';
import { Clock } from './clock.svelte.ts';
import { Messages } from './messages.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Restores } from './restores.svelte.ts';
import { Router } from './router.svelte.ts';
import { ScriptSitting } from './script-sitting.svelte.ts';
import { Services } from './services.svelte.ts';
import { Theme } from './theme.svelte.ts';

/** Everything the page knows, made once; components reach it through `useConsole`. */
export class Console {
  readonly link: ConsoleLink;
  readonly services: Services;
  readonly backups: Backups;
  readonly restores: Restores;
  readonly messages: Messages;
  readonly script: ScriptSitting;
  readonly clock = new Clock();
  readonly notices = new Notices();
  readonly theme: Theme;
  readonly router: Router;
  #linkState = $state.raw<LinkState>({ kind: 'connecting' });
  #info = $state.raw<ConsoleInfo | null>(null);
  #wasOpen = $state(false);

  constructor(link: ConsoleLink, page: Window) {
    this.link = link;
    this.services = new Services(link);
    this.backups = new Backups(link, this.services);
    this.restores = new Restores(link, this.services);
    this.messages = new Messages(link);
    this.script = new ScriptSitting(link, crypto.randomUUID());
    this.theme = new Theme(page.localStorage, page.matchMedia('(prefers-color-scheme: dark)'));
    this.router = new Router(page);
    this.#linkState = link.state;
  }

  get linkState(): LinkState {
    return this.#linkState;
  }

  /** True once the link has been open; before that the page shows that it starts, afterwards that it lost its program. */
  get wasOpen(): boolean {
    return this.#wasOpen;
  }

  get info(): ConsoleInfo | null {
    return this.#info;
  }

  /** Follows the link until the returned function is called. */
  start(): () => void {
    const ends = [
      this.clock.start(),
      this.link.subscribe((update) => {
        this.services.receive(update);
        this.messages.receive(update, this.services.servers);
        this.script.receive(update);
      }),
      this.link.onState((state) => {
        this.#linkState = state;
        if (state.kind === 'open') void this.#load();
      }),
    ];
    if (this.link.state.kind === 'open') void this.#load();
    return () => ends.forEach((end) => end());
  }

  call<K extends CallName>(serverId: string, name: K, input: CallInput<K>): Promise<CallResult<K>> {
    return serviceCaller(this.link, serverId).call(name, input);
  }

  /** Runs an order of a person: what fails is shown with its way out, and tells whether it succeeded. */
  async attempt(failureTitle: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      this.notices.fail(failureTitle, thrown);
      return false;
    }
  }

  async #load(): Promise<void> {
    this.messages.forgetLoaded();
    await this.attempt('The console could not read its state', async () => {
      this.#info = await this.link.invoke('console.info', null);
      await this.services.reload();
      for (const server of this.services.servers) void this.messages.loadOnce(server);
      this.#wasOpen = true;
    });
  }
}

const key = Symbol('console');

/** Makes the console reachable for every component below. */
export function provideConsole(value: Console): void {
  setContext(key, value);
}

export function useConsole(): Console {
  return getContext<Console>(key);
}
