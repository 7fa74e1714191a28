import { setImmediate, setTimeout } from 'node:timers/promises';
import type { CallInput, CallName, CallResult, KnownServer, ServiceCaller } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { AccessLevel, Clock, ConnectRequest, DtclHost, RestoreRequest } from '../dtcl/index.ts';
import type { StoredLogin } from './registry.ts';

/** A server of this console, as scripts reach it: over the line that the console has to it. */
export interface ScriptServer {
  readonly known: KnownServer;
  call<K extends CallName>(call: K, input: CallInput<K>): Promise<CallResult<K>>;
  /** Logs the console's line in. `stored` takes the kept login, or fails with `no-stored-login`. */
  login(login: StoredLogin | 'stored'): Promise<void>;
  logout(): void;
  ping(): Promise<{ readonly name: string; readonly version: string }>;
}

/** The servers of a console, for scripts. */
export interface ScriptServers {
  list(): readonly ScriptServer[];
  connect(source: ScriptServer, target: ScriptServer, request: ConnectRequest): ReturnType<DtclHost['connect']>;
  restore(holder: ScriptServer, receiver: ScriptServer, request: RestoreRequest): ReturnType<DtclHost['restore']>;
}

/** Time as it passes. */
export const systemClock: Clock = {
  now: () => new Date(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      await (ms === 0 ? setImmediate(undefined, { signal }) : setTimeout(ms, undefined, { signal }));
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  },
};

/** Binds the language to the servers that a console is logged in to: a script may do what the person at the console may. */
export class ConsoleHost implements DtclHost {
  readonly version: string;
  readonly clock = systemClock;
  readonly #servers: ScriptServers;

  constructor(version: string, servers: ScriptServers) {
    this.version = version;
    this.#servers = servers;
  }

  serverNames(): readonly string[] {
    return this.#servers.list().map(({ known }) => known.name);
  }

  resolve(server: string): string {
    return this.#find(server).known.name;
  }

  fingerprintOf(server: string): string {
    return this.#find(server).known.fingerprint;
  }

  async login(name: string, login: StoredLogin | 'stored'): Promise<AccessLevel> {
    const server = this.#find(name);
    // This machine's own service needs none, and a stored login is what brought the line up.
    const isIn = server.known.state.kind === 'online';
    if (!server.known.isEmbedded && !(isIn && login === 'stored')) {
      try {
        await server.login(login);
      } catch (error) {
        if (error instanceof ReplicationError && error.code === 'wrong-password') return 0;
        throw error;
      }
    }
    const { state } = server.known;
    if (state.kind !== 'online') throw new ReplicationError('not-logged-in', { server: name });
    return state.role === 'admin' ? 2 : 1;
  }

  logout(name: string): Promise<void> {
    const server = this.#find(name);
    if (!server.known.isEmbedded) server.logout();
    return Promise.resolve();
  }

  calls(name: string): ServiceCaller {
    const server = this.#find(name);
    if (server.known.state.kind !== 'online') throw new ReplicationError('not-logged-in', { server: name });
    return { call: (call, input) => server.call(call, input) };
  }

  ping(name: string): Promise<{ readonly name: string; readonly version: string }> {
    return this.#find(name).ping();
  }

  connect(request: ConnectRequest): ReturnType<DtclHost['connect']> {
    return this.#servers.connect(this.#find(request.source), this.#find(request.target), request);
  }

  restore(request: RestoreRequest): ReturnType<DtclHost['restore']> {
    return this.#servers.restore(this.#find(request.holder), this.#find(request.receiver), request);
  }

  /** What a page asks for is not written to this machine's disk. */
  createFile(): Promise<never> {
    const text = 'scripts of the console write no files; run this one with dtcl';
    return Promise.reject(new ReplicationError('bad-input', { text }));
  }

  /** The prompt has no field that hides what is typed. */
  askPassword(): Promise<null> {
    return Promise.resolve(null);
  }

  /** By name in any case, or by address. */
  #find(server: string): ScriptServer {
    const wanted = server.toLowerCase();
    const found =
      this.#servers.list().find(({ known }) => known.name.toLowerCase() === wanted) ??
      this.#servers.list().find(({ known }) => known.address.toLowerCase() === wanted);
    if (found === undefined) throw new ReplicationError('unknown-server', { server });
    return found;
  }
}
