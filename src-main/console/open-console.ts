import {
  consoleInputs,
  type CallName,
  type ConnectionSnapshot,
  type ConsoleCallName,
  type ConsoleCalls,
  type ConsoleInfo,
  type ConsoleUpdate,
  type KnownServer,
  type RestoreSnapshot,
} from '../api/index.ts';
import { ReplicationError, type Log } from '../base/index.ts';
import {
  establishConnection,
  establishRestore,
  formatAddress,
  openControlSession,
  parseAddress,
  probe,
  type ControlSession,
} from '../control/index.ts';
import { beginDrill, type RestoreRequest } from '../dtcl/index.ts';
import { History } from './history.ts';
import { openRegistry, USUAL_CONTROL_PORT, type RegisteredServer, type Registry } from './registry.ts';
import type { SecretBox } from './secret-box.ts';
import { systemClock, type ScriptServer, type ScriptServers } from './script-host.ts';
import { ScriptSittings } from './script-sittings.ts';
import { ServerLine } from './server-line.ts';

const EMBEDDED_ID = 'this-machine';
const EMBEDDED_HOST = '127.0.0.1';
const SAMPLE_EVERY_MS = 1000;

export interface ConsoleOptions {
  readonly home: string;
  readonly shell: ConsoleInfo['shell'];
  readonly version: string;
  /** Seals stored passwords: the system's secret store where the shell has one, else `fileSecretBox`. */
  readonly box: SecretBox;
  /** The service inside this same program, if there is one; whoever started it closes it after the console. */
  readonly embedded: { readonly session: ControlSession; readonly controlAddress: string } | null;
  readonly log: Log;
}

/** The console's main side as a shell sees it. */
export interface Console {
  /** Checks the input, then does it. Rejects with a ReplicationError. */
  invoke(call: ConsoleCallName, input: unknown): Promise<unknown>;
  subscribe(listener: (update: ConsoleUpdate) => void): () => void;
  close(): Promise<void>;
}

interface Server {
  readonly line: ServerLine;
  readonly host: string;
  readonly history: History;
  connections: readonly ConnectionSnapshot[];
}

/** Opens the registry and a line to every known server; lines come up by themselves. */
export function openConsole(options: ConsoleOptions): Console {
  const registry = openRegistry(options.home, { box: options.box, log: options.log });
  const listeners = new Set<(update: ConsoleUpdate) => void>();
  const publish = (update: ConsoleUpdate) => {
    for (const listener of listeners) listener(update);
  };
  const servers = new Servers(options, registry, publish);
  const sittings = new ScriptSittings(options.version, scriptServers(servers, registry), (sittingId, value) =>
    publish({ name: 'script', sittingId, value }),
  );
  const handlers = consoleHandlers(options, registry, servers, sittings);
  const sampling = setInterval(() => servers.sample(Date.now()), SAMPLE_EVERY_MS);
  return {
    async invoke(call, input) {
      const parsed = consoleInputs[call].safeParse(input);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new ReplicationError('bad-input', { text: `${call}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}` });
      }
      // Name, schema and handler share one key, which the compiler cannot follow through an index.
      const handler = handlers[call] as (checked: unknown) => unknown;
      return await handler(parsed.data);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      clearInterval(sampling);
      sittings.close();
      await servers.close();
      listeners.clear();
      registry.close();
    },
  };
}

/** The lines to all known servers: the embedded one first, then by name. */
class Servers {
  readonly #options: ConsoleOptions;
  readonly #registry: Registry;
  readonly #publish: (update: ConsoleUpdate) => void;
  readonly #servers = new Map<string, Server>();

  constructor(options: ConsoleOptions, registry: Registry, publish: (update: ConsoleUpdate) => void) {
    this.#options = options;
    this.#registry = registry;
    this.#publish = publish;
    const { embedded } = options;
    if (embedded) {
      const { name, fingerprint } = embedded.session.peer;
      const server = { id: EMBEDDED_ID, name, address: embedded.controlAddress, fingerprint, isEmbedded: true };
      this.#open(server, EMBEDDED_HOST, () => Promise.resolve(embedded.session));
    }
    for (const known of registry.list()) this.add(known);
  }

  list(): readonly KnownServer[] {
    const known = [...this.#servers.values()].map(({ line }) => line.known);
    const rank = (server: KnownServer) => (server.isEmbedded ? 0 : 1);
    return known.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  }

  get(id: string): Server {
    const found = this.#servers.get(id);
    if (!found) throw new ReplicationError('unknown-server', { server: id });
    return found;
  }

  /** Prepares on the source, admits on the target, creates on the source; undone if a step fails. */
  connect(sourceId: string, targetId: string, request: WantedConnection): Promise<ConnectionSnapshot> {
    const source = this.get(sourceId);
    const target = this.get(targetId);
    return establishConnection(source.line, target.line, {
      ...request,
      sourceHost: source.host,
      targetHost: target.host,
      targetName: target.line.known.name,
    });
  }

  /** Prepares on the server that holds the data, admits on the one that receives them, and begins; undone if a step fails. */
  restore(holderId: string, receiverId: string, order: WantedRestore): Promise<RestoreSnapshot> {
    const holder = this.get(holderId);
    const receiver = this.get(receiverId);
    const hosts = { sourceHost: holder.host, targetHost: receiver.host, targetName: receiver.line.known.name };
    return establishRestore(holder.line, receiver.line, { ...hosts, ...order });
  }

  add(known: RegisteredServer): KnownServer {
    const { id, name, host, port, fingerprint } = known;
    const server = { id, name, address: formatAddress(known), fingerprint, isEmbedded: false };
    const added = this.#open(server, host, () => openControlSession({ host, port, fingerprint }));
    this.#tell();
    return added.line.known;
  }

  async remove(id: string): Promise<void> {
    const { line } = this.get(id);
    this.#servers.delete(id);
    await line.close();
    this.#tell();
  }

  sample(nowMs: number): void {
    for (const { line, history, connections } of this.#servers.values()) if (line.isOnline) history.sample(connections, nowMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.values()].map(({ line }) => line.close()));
    this.#servers.clear();
  }

  #open(server: Omit<KnownServer, 'state'>, host: string, connect: () => Promise<ControlSession>): Server {
    const { id, name, isEmbedded } = server;
    const line = new ServerLine({
      server,
      connect,
      storedLogin: () => (isEmbedded ? null : this.#registry.storedLogin(name)),
      onState: () => this.#tell(),
      onUpdate: (update) => {
        const opened = this.#servers.get(id);
        if (opened && update.name === 'connections') opened.connections = update.value;
        this.#publish({ ...update, serverId: id });
      },
      log: this.#options.log,
    });
    const opened: Server = { line, host, history: new History(), connections: [] };
    this.#servers.set(id, opened);
    return opened;
  }

  #tell(): void {
    this.#publish({ name: 'servers', value: this.list() });
  }
}

type WantedRestore = Omit<RestoreRequest, 'holder' | 'receiver'>;
type WantedConnection = Pick<Parameters<typeof establishConnection>[2], 'setName' | 'map' | 'mirror' | 'settings'>;

/** The lines of a console as scripts use them. */
function scriptServers(servers: Servers, registry: Registry): ScriptServers {
  const of = ({ id, name }: KnownServer): ScriptServer => {
    const { line } = servers.get(id);
    return {
      get known() {
        return line.known;
      },
      call: (call, input) => line.call(call, input),
      login: async (login) => {
        const used = login === 'stored' ? registry.storedLogin(name) : login;
        if (used === null) throw new ReplicationError('no-stored-login', { server: name });
        await line.login(used);
      },
      logout: () => line.logout(),
      ping: () => line.ping(),
    };
  };
  return {
    list: () => servers.list().map(of),
    connect: (source, target, { setName, map, mirror, settings }) =>
      servers.connect(source.known.id, target.known.id, { setName, map, mirror, settings }),
    restore: ({ known: holder }, { known: receiver }, { choice, overwrite, checksum, owners, plan, drill }) =>
      servers.restore(holder.id, receiver.id, { choice, overwrite, checksum, owners, plan, drill }),
  };
}

type Handlers = {
  readonly [K in ConsoleCallName]: (
    input: Parameters<ConsoleCalls[K]>[0],
  ) => Awaited<ReturnType<ConsoleCalls[K]>> | ReturnType<ConsoleCalls[K]>;
};

function consoleHandlers(options: ConsoleOptions, registry: Registry, servers: Servers, sittings: ScriptSittings): Handlers {
  const registered = (serverId: string) => {
    const { line } = servers.get(serverId);
    if (line.known.isEmbedded) {
      throw new ReplicationError('bad-input', { text: 'the service of this console needs no login and cannot be removed' });
    }
    return line;
  };
  return {
    'console.info': () => ({
      version: options.version,
      shell: options.shell,
      embeddedServerId: options.embedded ? EMBEDDED_ID : null,
      home: options.home,
    }),
    'servers.list': () => servers.list(),
    'servers.probe': async ({ address }) => {
      const { host, port } = parseAddress(address, USUAL_CONTROL_PORT);
      return probe(host, port);
    },
    'servers.add': ({ name, address, fingerprint }) => {
      const taken = servers.list().some((server) => server.name.toLowerCase() === name.toLowerCase());
      if (taken) throw new ReplicationError('server-exists', { server: name });
      return servers.add(registry.add({ name, address, fingerprint }));
    },
    'servers.remove': async ({ serverId }) => {
      const { name } = registered(serverId).known;
      await servers.remove(serverId);
      registry.remove(name);
      return null;
    },
    'servers.login': async ({ serverId, user, password, remember }) => {
      const line = registered(serverId);
      await line.login({ user, password });
      if (remember) registry.storeLogin(line.known.name, { user, password });
      else registry.forgetLogin(line.known.name);
      return line.known;
    },
    'servers.logout': ({ serverId }) => {
      const line = registered(serverId);
      registry.forgetLogin(line.known.name);
      line.logout();
      return line.known;
    },
    'service.call': async ({ serverId, call, input }) => {
      // It would change who is logged in without the line knowing.
      if (call === 'session.login') throw new ReplicationError('bad-input', { text: 'use servers.login' });
      // The service checks the input against the schema of the call.
      return servers.get(serverId).line.call<CallName>(call, input as never);
    },
    'replication.connect': async ({ sourceId, targetId, setName, map, mirror }) => {
      return servers.connect(sourceId, targetId, { setName, map, mirror });
    },
    'replication.restore': ({ holderId, receiverId, ...order }) =>
      servers.restore(holderId, receiverId, { ...order, drill: null }),
    'replication.drill': ({ holderId, receiverId, from, sourceId, ...order }) => {
      const host = {
        calls: (serverId: string) => servers.get(serverId).line,
        restore: ({ holder, receiver, ...drill }: RestoreRequest) => servers.restore(holder, receiver, drill),
        clock: systemClock,
      };
      const what = from.kind === 'replica' ? from.connectionId : from.path;
      const source = sourceId === null ? null : servers.get(sourceId).line;
      return beginDrill(host, { ...order, what, holder: holderId, receiver: receiverId, source });
    },
    'statistics.history': ({ serverId, connectionId }) => servers.get(serverId).history.of(connectionId),
    'script.run': ({ sittingId, text }) => sittings.run(sittingId, text),
    'script.complete': ({ sittingId, line }) => sittings.complete(sittingId, line),
    'script.stop': ({ sittingId }) => {
      sittings.stop(sittingId);
      return null;
    },
  };
}
