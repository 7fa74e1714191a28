import type { ConsoleUpdate, KnownServer, MessageEntry } from '../../src-main/api/index.ts';
import { serviceCaller, type ConsoleLink } from '../api/index.ts';

/** A message with the server that wrote it. */
export interface MessageRow extends MessageEntry {
  readonly key: string;
  readonly serverId: string;
  readonly serverName: string;
}

const KEPT = 5000;
const LOADED_PER_SERVER = 1000;

/** The messages of all servers, oldest first, at most the newest 5,000. Clearing and pausing concern this window only. */
export class Messages {
  readonly #link: ConsoleLink;
  #list = $state.raw<readonly MessageRow[]>([]);
  #frozen = $state.raw<readonly MessageRow[] | null>(null);
  // Bookkeeping that nothing on the screen depends on.
  /* eslint-disable svelte/prefer-svelte-reactivity */
  readonly #loaded = new Set<string>();
  /** Keys of the messages in the list, and of those that were cleared away. */
  readonly #known = new Set<string>();
  /* eslint-enable svelte/prefer-svelte-reactivity */
  readonly waitingCount = $derived(this.#frozen === null ? 0 : unknownTo(this.#frozen, this.#list).length);

  constructor(link: ConsoleLink) {
    this.#link = link;
  }

  get list(): readonly MessageRow[] {
    return this.#frozen ?? this.#list;
  }

  get isPaused(): boolean {
    return this.#frozen !== null;
  }

  pause(): void {
    this.#frozen = this.#list;
  }

  resume(): void {
    this.#frozen = null;
  }

  clear(): void {
    this.#list = [];
    if (this.#frozen !== null) this.#frozen = [];
  }

  receive(update: ConsoleUpdate, servers: readonly KnownServer[]): void {
    if (update.name === 'servers') {
      for (const server of update.value) void this.loadOnce(server);
      return;
    }
    if (update.name !== 'message') return;
    const server = servers.find((other) => other.id === update.serverId);
    this.#merge([row(update.serverId, server?.name ?? '', update.value)]);
  }

  /** Fetches what a server logged before; again after it was away. */
  async loadOnce(server: KnownServer): Promise<void> {
    if (server.state.kind !== 'online') {
      this.#loaded.delete(server.id);
      return;
    }
    if (this.#loaded.has(server.id)) return;
    this.#loaded.add(server.id);
    try {
      const entries = await serviceCaller(this.#link, server.id).call('message.list', { afterId: 0, limit: LOADED_PER_SERVER });
      this.#merge(entries.map((entry) => row(server.id, server.name, entry)));
    } catch {
      this.#loaded.delete(server.id); // asked again when the server is next reported online
    }
  }

  /** Forgets what was fetched, as after a lost link; messages that are shown stay. */
  forgetLoaded(): void {
    this.#loaded.clear();
  }

  #merge(rows: readonly MessageRow[]): void {
    const fresh = rows.filter((message) => !this.#known.has(message.key));
    if (fresh.length === 0) return;
    for (const message of fresh) this.#known.add(message.key);
    const last = this.#list.at(-1);
    const merged = [...this.#list, ...fresh];
    if (last === undefined || fresh.some((message) => message.at < last.at)) merged.sort((a, b) => a.at.localeCompare(b.at));
    for (const dropped of merged.slice(0, Math.max(0, merged.length - KEPT))) this.#known.delete(dropped.key);
    this.#list = merged.slice(-KEPT);
  }
}

function row(serverId: string, serverName: string, entry: MessageEntry): MessageRow {
  return { ...entry, key: `${serverId}/${entry.id}/${entry.at}`, serverId, serverName };
}

/** The rows that the list does not have yet. */
function unknownTo(list: readonly MessageRow[], rows: readonly MessageRow[]): readonly MessageRow[] {
  const known = Object.fromEntries(list.map((message) => [message.key, true]));
  return rows.filter((message) => known[message.key] === undefined);
}
