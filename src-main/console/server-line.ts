import { describeError, ReplicationError, toReplicationError, BackOff, type Log } from '../base/index.ts';
import type { CallInput, CallName, CallResult, KnownServer, Problem, SessionInfo, Update } from '../api/index.ts';
import type { ControlSession } from '../control/index.ts';
import type { StoredLogin } from './registry.ts';

export interface ServerLineOptions {
  readonly server: Pick<KnownServer, 'id' | 'name' | 'address' | 'fingerprint' | 'isEmbedded'>;
  /** Opens a session on which nobody is logged in yet. */
  readonly connect: () => Promise<ControlSession>;
  /** The login to use without asking; null when a person has to log in. */
  readonly storedLogin: () => StoredLogin | null;
  readonly onState: () => void;
  readonly onUpdate: (update: Update) => void;
  readonly log: Log;
}

type State = KnownServer['state'];

/**
 * connecting → online | login-required | unreachable; online, login-required → connecting when the line breaks; unreachable → the same
 * three by itself, with growing pauses. login-required → online by a person's login.
 */
export class ServerLine {
  readonly #options: ServerLineOptions;
  readonly #end = new AbortController();
  #state: State = { kind: 'connecting', since: new Date().toISOString() };
  #session: ControlSession | null = null;
  /** Kept while this console runs, so that a broken line comes back without a person. */
  #login: StoredLogin | null = null;
  readonly #running: Promise<void>;

  constructor(options: ServerLineOptions) {
    this.#options = options;
    this.#running = this.#run(this.#end.signal);
  }

  get known(): KnownServer {
    const { id, name, address, fingerprint, isEmbedded } = this.#options.server;
    return { id, name, address, fingerprint, isEmbedded, state: this.#state };
  }

  get isOnline(): boolean {
    return this.#state.kind === 'online';
  }

  /** Rejects with the reason when there is no line, or nobody is logged in. */
  async call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallResult<K>> {
    const session = this.#requireSession();
    if (this.#state.kind !== 'online') throw new ReplicationError('not-logged-in', { server: this.#options.server.name });
    return session.call(name, input);
  }

  /** Who answers there now; needs no login. */
  async ping(): Promise<{ readonly name: string; readonly version: string }> {
    const { name, version } = await this.#requireSession().call('server.info', null);
    return { name, version };
  }

  /** A person's login; the line uses it again after a break. */
  async login(login: StoredLogin): Promise<void> {
    const session = this.#requireSession();
    await this.#logIn(session, login);
    this.#login = login;
  }

  /** Nobody is logged in afterwards; the line is made anew. */
  logout(): void {
    this.#login = null;
    this.#session?.close();
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#session?.close();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const backOff = new BackOff({ firstMs: 500, mostMs: 15_000 });
    const isEnding = () => signal.aborted;
    while (!isEnding()) {
      const session = await this.#open();
      if (session === null) {
        await pause(backOff.next(), signal);
        continue;
      }
      backOff.reset();
      if (isEnding()) session.close();
      const error = await session.ended;
      this.#session = null;
      if (isEnding()) return;
      if (error) this.#options.log.info('the line to a server ended', { server: this.#options.server.name, code: error.code });
      this.#setState({ kind: 'connecting', since: new Date().toISOString() });
    }
  }

  /** A session, logged in if that is possible without a person; null when the server cannot be had. */
  async #open(): Promise<ControlSession | null> {
    let session: ControlSession;
    try {
      session = await this.#options.connect();
    } catch (error) {
      this.#setUnreachable(error);
      return null;
    }
    this.#session = session;
    session.onUpdate((update) => {
      if (this.isOnline) this.#options.onUpdate(update);
    });
    try {
      const login = this.#login ?? this.#options.storedLogin();
      if (this.#options.server.isEmbedded) await this.#enter(session, await session.call('session.info', null));
      else if (login) await this.#logIn(session, login);
      else this.#setState({ kind: 'login-required', since: new Date().toISOString(), problem: null });
    } catch (error) {
      // A login that no longer works is not tried again by itself: each try would count against the person's own.
      this.#login = null;
      this.#setState({ kind: 'login-required', since: new Date().toISOString(), problem: this.#problem(error) });
    }
    return session;
  }

  async #logIn(session: ControlSession, login: StoredLogin): Promise<void> {
    await this.#enter(session, await session.call('session.login', login));
  }

  async #enter(session: ControlSession, { user, role }: SessionInfo): Promise<void> {
    this.#setState({ kind: 'online', since: new Date().toISOString(), role, user });
    // What changed while there was no line; later changes come as updates.
    const [connections, replicas, sets, rotations, windows] = await Promise.all([
      session.call('connection.list', null),
      session.call('replica.list', null),
      session.call('set.list', null),
      session.call('rotation.list', null),
      session.call('backup.list', null),
    ]);
    this.#options.onUpdate({ name: 'connections', value: connections });
    this.#options.onUpdate({ name: 'replicas', value: replicas });
    this.#options.onUpdate({ name: 'sets', value: sets });
    this.#options.onUpdate({ name: 'rotations', value: rotations });
    this.#options.onUpdate({ name: 'windows', value: windows });
  }

  #requireSession(): ControlSession {
    if (this.#session) return this.#session;
    throw new ReplicationError('unreachable', { server: this.#options.server.name });
  }

  /** An outage keeps its begin, however often it is looked at. */
  #setUnreachable(error: unknown): void {
    const problem = this.#problem(error);
    const before = this.#state.kind === 'unreachable' ? this.#state : null;
    if (before?.problem.code === problem.code && before.problem.cause === problem.cause) return;
    const since = before?.since ?? problem.since;
    this.#setState({ kind: 'unreachable', since, problem: { ...problem, since } });
  }

  #problem(error: unknown): Problem {
    const { code, details } = toReplicationError(error);
    const { name } = this.#options.server;
    return { code, path: null, since: new Date().toISOString(), ...describeError(code, { server: name, ...details }) };
  }

  #setState(state: State): void {
    this.#state = state;
    this.#options.onState();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
