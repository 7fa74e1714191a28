import { initialServiceSettings } from '../../../src-main/api/index.ts';
import type {
  CallName,
  CertificateSummary,
  ConnectionSnapshot,
  ConsoleCallName,
  ConsoleCalls,
  ConsoleUpdate,
  KnownServer,
  MessageEntry,
  ReplicaSnapshot,
  ReplicationSet,
  StoredSnapshot,
  VerifySummary,
} from '../../../src-main/api/index.ts';
import type { ReplicationError } from '../../../src-main/base/index.ts';
import { ScriptSittings } from '../../../src-main/console/index.ts';
import { FakeFailure } from './failure.ts';
import { fakeScriptServers } from './script-servers.ts';
import { serviceCalls, type ServiceAt } from './service-calls.ts';
import { advance, history, mapped, startMirror } from './motion.ts';
import { ago, connection, connections, fingerprintOf, servers, sets, uuid } from './samples.ts';
import { accountsOfBeta } from './account-calls.ts';
import { backedUpRotations, beingRead, fakeBackups } from './backups.ts';
import { keptDeleted } from './leftovers.ts';
import { replicasOf } from './replicas.ts';
import { FakeRestores } from './restores.ts';
import { commanded, fakeRotations, rotatingConnections, storedRotations } from './rotations.ts';

/**
 * `empty`: a first run. `busy`: every state there is. `many`: 2,000 connections. `rotating`: replicas that take turns. `reading`: the same, while
 * backup programs read some of them.
 */
export type Scenario = 'empty' | 'busy' | 'many' | 'rotating' | 'reading';

/** The console's main side with its services, as a toy that answers every call and moves by itself. */
export class FakeWorld {
  readonly #push: (update: ConsoleUpdate) => void;
  servers: KnownServer[];
  readonly #connections = new Map<string, ConnectionSnapshot[]>();
  readonly #sets = new Map<string, readonly ReplicationSet[]>();
  readonly messages = new Map<string, MessageEntry[]>();
  replicas: readonly ReplicaSnapshot[];
  readonly verifications: VerifySummary[] = [];
  kept = keptDeleted();
  certificates: CertificateSummary[] = [];
  snapshots: readonly StoredSnapshot[] = [];
  readonly restores = new FakeRestores((id) => {
    const replica = this.replicas.find((one) => one.connectionId === id);
    return replica === undefined ? id : `“${replica.setName}” from ${replica.sourceName}`;
  });
  /** Each `snapshot.take` fails so. */
  snapshotFailure: ReplicationError | null = null;
  accounts = accountsOfBeta();
  serviceSettings = initialServiceSettings;
  readonly turns: ReturnType<typeof fakeRotations>;
  readonly backups: ReturnType<typeof fakeBackups>;
  /** The real prompt, on toy servers. */
  readonly #sittings = new ScriptSittings('0.1.0', fakeScriptServers(this), (sittingId, value) =>
    this.#push({ name: 'script', sittingId, value }),
  );
  /** What calls wait for before they are answered. */
  #held: Promise<unknown> = Promise.resolve();
  #nextNumber = 100;
  #messageId = 1;
  /** The next `replication.connect` fails so. */
  nextConnectFailure: FakeFailure | null = null;
  /** Set to stand still, for pictures and for checks of exact texts. */
  isStill = false;

  constructor(scenario: Scenario, push: (update: ConsoleUpdate) => void) {
    this.#push = push;
    this.servers = scenario === 'empty' ? servers().slice(0, 1) : servers();
    if (scenario === 'busy') {
      this.#connections.set('alpha', connections());
      this.#connections.set('epsilon', [connection(1, 'Logs', 'beta', { id: uuid(900), sourceName: 'epsilon' })]);
      this.#sets.set('alpha', sets());
    }
    if (scenario === 'many') {
      const all = Array.from({ length: 2000 }, (_, at) => connection(at + 1, `Set ${at + 1}`, at % 3 === 0 ? 'beta' : 'gamma'));
      this.#connections.set('alpha', all);
    }
    if (scenario === 'rotating') this.#connections.set('alpha', rotatingConnections());
    if (scenario === 'reading') this.#connections.set('alpha', beingRead(rotatingConnections()));
    this.turns = fakeRotations({
      connections: () => this.connectionsOf('alpha'),
      change: (connectionId, change) => void this.change('alpha', connectionId, change),
      initial: scenario === 'rotating' ? storedRotations() : scenario === 'reading' ? backedUpRotations() : [],
      onChange: () => this.#push({ name: 'rotations', serverId: 'alpha', value: this.turns.rotations.list() }),
    });
    this.replicas = replicasOf(this.connectionsOf('alpha'));
    this.backups = fakeBackups({
      connections: () => this.connectionsOf('alpha'),
      replicas: () => this.replicas,
      rotations: this.turns.rotations,
      command: (connectionId, command) => void this.change('alpha', connectionId, (one) => commanded(one, command)),
      hold: (connectionId, hold) =>
        void this.changeReplica(connectionId, () => ({
          state: hold === null ? 'receiving' : 'held',
          hold: hold && { ...hold, isEffective: true },
        })),
      onChange: (serverId) => this.#push({ name: 'windows', serverId, value: this.backups.at(serverId).list() }),
      isRead: scenario === 'reading',
    });
    if (scenario !== 'empty') {
      for (let at = 60; at > 0; at--) {
        const severity = at % 11 === 0 ? 'error' : at % 5 === 0 ? 'warning' : 'info';
        const texts = {
          info: `Mirror of Documents to beta completed: ${at * 3} files sent, 18,231 equal.`,
          warning: 'The link of Mail to gamma was lost: connection refused. It is tried again; changes wait on the source.',
          error: 'The file /srv/mail/box-3/index.lock cannot be read: permission denied. All other files go on.',
        };
        this.#log('alpha', severity, texts[severity], at * 61);
      }
    }
    this.#log('alpha', 'info', 'The service started and listens on 127.0.0.1:6320.', 90_000);
  }

  /** One step of life; called a few times a second. */
  tick(): void {
    if (this.isStill) return;
    for (const [serverId, list] of this.#connections) {
      const moved = list.map((one) => advance(one));
      this.#connections.set(serverId, moved);
      this.#push({ name: 'connections', serverId, value: moved });
    }
    this.turns.look();
    this.backups.look();
    this.restores.tick();
  }

  log(serverId: string, severity: MessageEntry['severity'], text: string): void {
    const value = this.#log(serverId, severity, text, 0);
    this.#push({ name: 'message', serverId, value });
  }

  /** From now on calls wait for the function that is returned. */
  holdCalls(): () => void {
    const { promise, resolve } = Promise.withResolvers<null>();
    this.#held = promise;
    return () => resolve(null);
  }

  async answer(call: ConsoleCallName, input: unknown): Promise<unknown> {
    await this.#held;
    return this.console(call, input);
  }

  console(call: ConsoleCallName, input: unknown): unknown {
    const calls: { [Name in ConsoleCallName]: (input: Parameters<ConsoleCalls[Name]>[0]) => unknown } = {
      'console.info': () => ({
        version: '0.1.0',
        shell: 'browser',
        embeddedServerId: 'alpha',
        home: '/home/ann/.config/understudy',
      }),
      'servers.list': () => this.servers,
      'servers.probe': ({ address }) => {
        if (address.startsWith('nowhere'))
          throw new FakeFailure('host-unknown', `No machine is called ${address}. Check the spelling.`);
        const name = address.split(/[.:]/)[0] ?? 'server';
        return { name, fingerprint: fingerprintOf(name), version: '0.1.0' };
      },
      'servers.add': ({ name, address, fingerprint: pinned }) => {
        const added: KnownServer = {
          id: name,
          name,
          address,
          fingerprint: pinned,
          isEmbedded: false,
          state: { kind: 'login-required', since: ago(0), problem: null },
        };
        this.#setServers([...this.servers, added]);
        return added;
      },
      'servers.remove': ({ serverId }) => {
        this.#setServers(this.servers.filter((server) => server.id !== serverId));
        return null;
      },
      'servers.login': ({ serverId, user, password }) => {
        if (password === 'wrong')
          throw new FakeFailure('wrong-password', 'The user or the password is wrong. Check both and try again.');
        return this.#setState(serverId, { kind: 'online', since: ago(0), role: user === 'watch' ? 'monitor' : 'admin', user });
      },
      'servers.logout': ({ serverId }) => this.#setState(serverId, { kind: 'login-required', since: ago(0), problem: null }),
      'service.call': ({ serverId, call: name, input: inner }) => this.#service(serverId, name, inner),
      'replication.connect': (wanted) => {
        const failure = this.nextConnectFailure;
        this.nextConnectFailure = null;
        if (failure !== null) throw failure;
        const made = connection(this.#nextNumber, wanted.setName, wanted.targetId, {
          id: uuid(this.#nextNumber),
          sourceName: wanted.sourceId,
          map: wanted.map,
          roots: mapped(this.set(wanted.sourceId, wanted.setName).rules, wanted.map),
          connectedSince: ago(0),
        });
        this.#nextNumber++;
        const list = [...this.connectionsOf(wanted.sourceId), wanted.mirror === null ? made : startMirror(made, wanted.mirror)];
        this.#connections.set(wanted.sourceId, list);
        return list.at(-1);
      },
      'replication.restore': (wanted) => this.restores.begin(wanted),
      'replication.drill': (wanted) => this.restores.drill(wanted),
      'statistics.history': () => history(),
      'script.run': ({ sittingId, text }) => this.#sittings.run(sittingId, text),
      'script.complete': ({ sittingId, line }) => this.#sittings.complete(sittingId, line),
      'script.stop': ({ sittingId }) => this.#sittings.stop(sittingId),
    };
    return (calls[call] as (given: unknown) => unknown)(input);
  }

  #service(serverId: string, call: CallName, input: unknown): unknown {
    const server = this.servers.find((one) => one.id === serverId);
    if (server?.state.kind !== 'online')
      throw new FakeFailure('not-logged-in', `Nobody is logged in to ${serverId}. Log in first.`);
    const answer = serviceCalls[call] as ((at: ServiceAt, input: unknown) => unknown) | undefined;
    if (answer === undefined) throw new FakeFailure('unknown-call', `The fake service does not know ${call}.`);
    return answer({ world: this, serverId, server }, input);
  }

  connection(serverId: string, number: number): ConnectionSnapshot {
    const found = this.connectionsOf(serverId).find((one) => one.number === number);
    if (found === undefined) throw new Error(`${serverId} has no connection ${number}`);
    return found;
  }

  setNames(serverId: string): readonly string[] {
    return this.setsOf(serverId).map((set) => set.name);
  }

  connectionsOf(serverId: string): ConnectionSnapshot[] {
    return this.#connections.get(serverId) ?? [];
  }

  /** Ends a connection. */
  disconnect(serverId: string, connectionId: string): null {
    this.#connections.set(
      serverId,
      this.connectionsOf(serverId).filter((one) => one.id !== connectionId),
    );
    this.#push({ name: 'connections', serverId, value: this.connectionsOf(serverId) });
    return null;
  }

  setsOf(serverId: string): readonly ReplicationSet[] {
    return this.#sets.get(serverId) ?? [];
  }

  deleteSet(serverId: string, name: string): null {
    const value = this.setsOf(serverId).filter((set) => set.name !== name);
    this.#sets.set(serverId, value);
    this.#push({ name: 'sets', serverId, value });
    return null;
  }

  set(serverId: string, name: string): ReplicationSet {
    const found = this.setsOf(serverId).find((set) => set.name === name);
    if (found === undefined) throw new FakeFailure('unknown-set', `There is no set called ${name}.`);
    return found;
  }

  /** Changes a connection and tells every page. */
  change(
    serverId: string,
    connectionId: string,
    change: (one: ConnectionSnapshot) => Partial<ConnectionSnapshot>,
  ): ConnectionSnapshot {
    const before = this.connectionsOf(serverId).find((one) => one.id === connectionId);
    if (before === undefined) throw new FakeFailure('unknown-connection', 'There is no such connection.');
    const after = { ...before, ...change(before) };
    this.#connections.set(
      serverId,
      this.connectionsOf(serverId).map((one) => (one.id === connectionId ? after : one)),
    );
    this.#push({ name: 'connections', serverId, value: this.connectionsOf(serverId) });
    return after;
  }

  changeReplica(connectionId: string, change: (one: ReplicaSnapshot) => Partial<ReplicaSnapshot>): null {
    this.replicas = this.replicas.map((one) => (one.connectionId === connectionId ? { ...one, ...change(one) } : one));
    this.#push({ name: 'replicas', serverId: 'beta', value: this.replicas });
    return null;
  }

  /** Changes or makes a set and tells every page. */
  changeSets(serverId: string, name: string, change: (set: ReplicationSet | undefined) => ReplicationSet): ReplicationSet {
    const list = this.setsOf(serverId);
    const after = change(list.find((set) => set.name === name));
    const value = [...list.filter((set) => set.name !== name), after];
    this.#sets.set(serverId, value);
    this.#push({ name: 'sets', serverId, value });
    return after;
  }

  #setServers(list: KnownServer[]): void {
    this.servers = list;
    this.#push({ name: 'servers', value: list });
  }

  #setState(serverId: string, state: KnownServer['state']): KnownServer | undefined {
    this.#setServers(this.servers.map((server) => (server.id === serverId ? { ...server, state } : server)));
    return this.servers.find((server) => server.id === serverId);
  }

  #log(serverId: string, severity: MessageEntry['severity'], text: string, secondsAgo: number): MessageEntry {
    const entry: MessageEntry = { id: this.#messageId++, at: ago(secondsAgo), severity, text, connectionId: null };
    this.messages.set(serverId, [...(this.messages.get(serverId) ?? []), entry]);
    return entry;
  }
}
