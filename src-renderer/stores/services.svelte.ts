import { SvelteMap } from 'svelte/reactivity';
import type {
  BackupWindow,
  CallName,
  CallResult,
  ConnectionSnapshot,
  ConsoleUpdate,
  KnownServer,
  ReplicaSnapshot,
  ReplicationSet,
  RotationSnapshot,
  SlotSnapshot,
} from '../../src-main/api/index.ts';
import { serviceCaller, type ConsoleLink } from '../api/index.ts';

/** A connection together with the server that runs it: the source. */
export interface ConnectionRow {
  readonly serverId: string;
  readonly connection: ConnectionSnapshot;
}

/** A rotation together with the server that runs it: the source. */
export interface RotationRow {
  readonly serverId: string;
  readonly rotation: RotationSnapshot;
}

interface ServiceState {
  readonly connections: readonly ConnectionSnapshot[];
  readonly replicas: readonly ReplicaSnapshot[];
  readonly sets: readonly ReplicationSet[];
  readonly rotations: readonly RotationSnapshot[];
  readonly windows: readonly BackupWindow[];
  readonly isLoaded: boolean;
}

const nothing: ServiceState = { connections: [], replicas: [], sets: [], rotations: [], windows: [], isLoaded: false };

/** Known servers and what each of them last said. Lists are replaced whole by each update and never mutated. */
export class Services {
  readonly #link: ConsoleLink;
  readonly #states = new SvelteMap<string, ServiceState>();
  #servers = $state.raw<readonly KnownServer[]>([]);
  #isLoaded = $state(false);
  /** Every connection of every server that answers. */
  readonly connections: readonly ConnectionRow[] = $derived(
    this.#servers.flatMap((server) =>
      (this.#states.get(server.id) ?? nothing).connections.map((connection) => ({ serverId: server.id, connection })),
    ),
  );
  /** Every rotation of every server that answers. */
  readonly rotations: readonly RotationRow[] = $derived(
    this.#servers.flatMap((server) => this.rotationsOf(server.id).map((rotation) => ({ serverId: server.id, rotation }))),
  );
  readonly online = $derived(this.#servers.filter((server) => server.state.kind === 'online'));
  /** True once every server that answers has told its connections, so that an empty list means that there are none. */
  readonly isSettled = $derived(
    this.#isLoaded &&
      this.#servers.every((server) =>
        server.state.kind === 'online' ? (this.#states.get(server.id) ?? nothing).isLoaded : server.state.kind !== 'connecting',
      ),
  );

  constructor(link: ConsoleLink) {
    this.#link = link;
  }

  get servers(): readonly KnownServer[] {
    return this.#servers;
  }

  server(serverId: string): KnownServer | undefined {
    return this.#servers.find((server) => server.id === serverId);
  }

  connectionsOf(serverId: string): readonly ConnectionSnapshot[] {
    return (this.#states.get(serverId) ?? nothing).connections;
  }

  replicasOf(serverId: string): readonly ReplicaSnapshot[] {
    return (this.#states.get(serverId) ?? nothing).replicas;
  }

  setsOf(serverId: string): readonly ReplicationSet[] {
    return (this.#states.get(serverId) ?? nothing).sets;
  }

  rotationsOf(serverId: string): readonly RotationSnapshot[] {
    return (this.#states.get(serverId) ?? nothing).rotations;
  }

  /** The windows in which replicas are read, at their source or, while they are held, at their target. */
  windowsOf(serverId: string): readonly BackupWindow[] {
    return (this.#states.get(serverId) ?? nothing).windows;
  }

  /** The rotation that orders a connection, and the slot that it is; undefined for one that is in none. */
  slotOf(
    serverId: string,
    connectionId: string,
  ): { readonly rotation: RotationSnapshot; readonly slot: SlotSnapshot } | undefined {
    for (const rotation of this.rotationsOf(serverId)) {
      const slot = rotation.slots.find((one) => one.connectionId === connectionId);
      if (slot !== undefined) return { rotation, slot };
    }
    return undefined;
  }

  /** The known server that takes a connection's replica, by its certificate; undefined when this console does not know it. */
  targetOf({ targetFingerprint }: ConnectionSnapshot): KnownServer | undefined {
    return this.#servers.find((server) => server.fingerprint === targetFingerprint);
  }

  /** What the target of a connection says of its replica; undefined while this console does not hear from it. */
  replicaOf(connection: ConnectionSnapshot): ReplicaSnapshot | undefined {
    const target = this.targetOf(connection);
    return target && this.replicasOf(target.id).find((replica) => replica.connectionId === connection.id);
  }

  /** The connection that feeds a replica, with its source; undefined while this console does not hear from the source. */
  sourceOf({ connectionId }: Pick<ReplicaSnapshot, 'connectionId'>): ConnectionRow | undefined {
    return this.connections.find(({ connection }) => connection.id === connectionId);
  }

  isAdmin(serverId: string): boolean {
    const state = this.server(serverId)?.state;
    return state?.kind === 'online' && state.role === 'admin';
  }

  /** Asks for everything again, as after a lost link. */
  async reload(): Promise<void> {
    this.#states.clear();
    this.#servers = [];
    this.#take(await this.#link.invoke('servers.list', null));
  }

  receive(update: ConsoleUpdate): void {
    switch (update.name) {
      case 'servers':
        this.#take(update.value);
        break;
      case 'connections':
        this.#change(update.serverId, { connections: update.value });
        break;
      case 'replicas':
        this.#change(update.serverId, { replicas: update.value });
        break;
      case 'sets':
        this.#change(update.serverId, { sets: update.value });
        break;
      case 'rotations':
        this.#change(update.serverId, { rotations: update.value });
        break;
      case 'windows':
        this.#change(update.serverId, { windows: update.value });
        break;
      case 'message':
      case 'script':
        break;
    }
  }

  /** Puts a snapshot that a call returned in place at once, ahead of the next update. */
  place(serverId: string, connection: ConnectionSnapshot): void {
    this.#change(serverId, { connections: withOne(this.connectionsOf(serverId), connection) });
  }

  placeRotation(serverId: string, rotation: RotationSnapshot): void {
    this.#change(serverId, { rotations: withOne(this.rotationsOf(serverId), rotation) });
  }

  #take(servers: readonly KnownServer[]): void {
    const before = this.#servers;
    this.#servers = servers;
    this.#isLoaded = true;
    for (const server of servers) {
      const wasOnline = before.find((other) => other.id === server.id)?.state.kind === 'online';
      const isOnline = server.state.kind === 'online';
      if (isOnline && !wasOnline) void this.#load(server.id);
      // What a server said before it was lost is old news: shown no longer as if it were true now.
      if (!isOnline) this.#states.delete(server.id);
    }
    for (const serverId of this.#states.keys()) {
      if (!servers.some((server) => server.id === serverId)) this.#states.delete(serverId);
    }
  }

  async #load(serverId: string): Promise<void> {
    const service = serviceCaller(this.#link, serverId);
    const [connections, replicas, sets, rotations, windows] = await Promise.all([
      emptyWhenRefused<'connection.list'>(service.call('connection.list', null)),
      emptyWhenRefused<'replica.list'>(service.call('replica.list', null)),
      emptyWhenRefused<'set.list'>(service.call('set.list', null)),
      emptyWhenRefused<'rotation.list'>(service.call('rotation.list', null)),
      emptyWhenRefused<'backup.list'>(service.call('backup.list', null)),
    ]);
    if (this.server(serverId)?.state.kind !== 'online') return;
    this.#states.set(serverId, { connections, replicas, sets, rotations, windows, isLoaded: true });
  }

  #change(serverId: string, change: Partial<ServiceState>): void {
    const state = this.#states.get(serverId);
    if (state !== undefined) this.#states.set(serverId, { ...state, ...change });
  }
}

/** The list with this one in the place of the older one, or at its end. */
function withOne<One extends { readonly id: string }>(known: readonly One[], one: One): readonly One[] {
  return known.some(({ id }) => id === one.id) ? known.map((other) => (other.id === one.id ? one : other)) : [...known, one];
}

/** A server that goes away while it is asked shows up as unreachable by itself; its lists are then simply empty. */
async function emptyWhenRefused<K extends CallName>(answer: Promise<CallResult<K>>): Promise<CallResult<K> | never[]> {
  try {
    return await answer;
  } catch {
    return [];
  }
}
