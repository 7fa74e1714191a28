import { requiredRole, type CallInput, type CallName, type CallResult, type ServiceCaller } from '../api/index.ts';
import { PROGRAM_VERSION, ReplicationError } from '../base/index.ts';
import { systemClock, type RegisteredServer, type Registry, type StoredLogin } from '../console/index.ts';
import { establishConnection, establishRestore, openControlSession, type ControlSession } from '../control/index.ts';
import type { AccessLevel, ConnectRequest, DtclHost, NewFile, RestoreRequest } from '../dtcl/index.ts';
import { createNewFile } from './new-file.ts';

/** A login of this script: the line that it is on now, and what it takes to make it anew. */
interface Line {
  readonly server: RegisteredServer;
  readonly login: StoredLogin;
  session: ControlSession;
  hasEnded: boolean;
}

/** Binds the language to the servers that this user knows. One line per server, logged in; `close` ends them. */
export class RegistryHost implements DtclHost {
  readonly version = PROGRAM_VERSION;
  readonly clock = systemClock;
  readonly askPassword: DtclHost['askPassword'];
  readonly #registry: Registry;
  readonly #lines = new Map<string, Line>();

  constructor(registry: Registry, askPassword: DtclHost['askPassword']) {
    this.#registry = registry;
    this.askPassword = askPassword;
  }

  serverNames(): readonly string[] {
    return this.#registry.list().map(({ name }) => name);
  }

  resolve(server: string): string {
    return this.#registry.find(server).name;
  }

  fingerprintOf(server: string): string {
    return this.#registry.find(server).fingerprint;
  }

  async login(name: string, credentials: StoredLogin | 'stored'): Promise<AccessLevel> {
    const server = this.#registry.find(name);
    // Whatever comes of it, nothing after this command runs with the rights of the login before it.
    await this.logout(name);
    const login = credentials === 'stored' ? this.#registry.storedLogin(server.name) : credentials;
    if (login === null) throw new ReplicationError('no-stored-login', { server: server.name });
    try {
      const { session, level } = await openLine(server, login);
      this.#keep({ server, login, session, hasEnded: false });
      return level;
    } catch (error) {
      if (error instanceof ReplicationError && error.code === 'wrong-password') return 0;
      throw error;
    }
  }

  isLoggedIn(name: string): boolean {
    return this.#lines.has(this.#registry.find(name).id);
  }

  logout(name: string): Promise<void> {
    const { id } = this.#registry.find(name);
    this.#lines.get(id)?.session.close();
    this.#lines.delete(id);
    return Promise.resolve();
  }

  calls(name: string): ServiceCaller {
    const { id, name: server } = this.#registry.find(name);
    if (!this.#lines.has(id)) throw new ReplicationError('not-logged-in', { server });
    return { call: (call, input) => this.#call(id, server, call, input) };
  }

  async ping(name: string): Promise<{ readonly name: string; readonly version: string }> {
    const session = await openControlSession({ ...this.#registry.find(name), client: 'dtcl' });
    session.close();
    return session.peer;
  }

  async connect({ source, target, setName, map, mirror, settings }: ConnectRequest) {
    const { host: targetHost, name: targetName } = this.#registry.find(target);
    return establishConnection(this.calls(source), this.calls(target), {
      setName,
      map,
      mirror,
      settings,
      targetHost,
      targetName,
    });
  }

  async restore({ holder, receiver, ...order }: RestoreRequest) {
    const { host: targetHost, name: targetName } = this.#registry.find(receiver);
    const { host: sourceHost } = this.#registry.find(holder);
    return establishRestore(this.calls(holder), this.calls(receiver), { ...order, sourceHost, targetHost, targetName });
  }

  createFile(path: string): Promise<NewFile> {
    return createNewFile(path);
  }

  close(): void {
    for (const { session } of this.#lines.values()) session.close();
    this.#lines.clear();
    this.#registry.close();
  }

  /** A line that broke (the service restarted, say) is made anew with the same login. */
  async #call<K extends CallName>(id: string, server: string, call: K, input: CallInput<K>): Promise<CallResult<K>> {
    const line = this.#lines.get(id);
    if (line === undefined) throw new ReplicationError('not-logged-in', { server });
    if (!line.hasEnded) {
      try {
        return await line.session.call(call, input);
      } catch (error) {
        if (!(error instanceof ReplicationError) || error.code !== 'link-lost') throw error;
        line.hasEnded = true;
        line.session.close();
        // What became of a call that changes something is not known; one that only looks is made again.
        if (requiredRole[call] === 'admin') throw error;
      }
    }
    const { session } = await openLine(line.server, line.login);
    this.#keep({ ...line, session, hasEnded: false });
    return session.call(call, input);
  }

  #keep(line: Line): void {
    this.#lines.set(line.server.id, line);
    void line.session.ended.then(() => (line.hasEnded = true));
  }
}

/** A session that is logged in. Rejects with `wrong-password` and failures of the line. */
export async function openLine(
  server: RegisteredServer,
  login: StoredLogin,
): Promise<{ session: ControlSession; level: AccessLevel }> {
  const session = await openControlSession({ ...server, client: 'dtcl' });
  try {
    const { role } = await session.call('session.login', login);
    return { session, level: role === 'admin' ? 2 : 1 };
  } catch (error) {
    session.close();
    throw error;
  }
}
