import { randomUUID } from 'node:crypto';
import type {
  AccountInfo,
  AuditEntry,
  CertificateSummary,
  ReplicaCertificates,
  CallInput,
  CallName,
  CallResult,
  ConnectionSnapshot,
  LineSnapshot,
  MapSpec,
  MirrorOptions,
  MessageEntry,
  MirrorProgress,
  PlanEntry,
  PlanSummary,
  ReplicaSnapshot,
  RestoreSnapshot,
  ReplicationSet,
  ServiceCaller,
  ServiceSettings,
  SetRule,
  StoredSnapshot,
  VerifyDifference,
  VerifyOptions,
  VerifySummary,
} from '../../src-main/api/index.ts';
import { initialConnectionSettings, initialLineSettings, initialServiceSettings } from '../../src-main/api/index.ts';
import { ReplicationError } from '../../src-main/base/index.ts';
import type { ConnectionCommand } from '../../src-main/engine/connection/index.ts';
import { planSchedule } from '../../src-main/engine/schedule/index.ts';
import { changed } from '../../src-main/service/change-settings.ts';
import { endedRestore } from './fake-restore.ts';
import { rotationsInMemory } from './fake-rotations.ts';
import { windowsInMemory } from './fake-windows.ts';
import { quietLine } from './quiet-line.ts';
import { emptyQueue, neverPlanned, neverVerified, quietStatistics } from './quiet-statistics.ts';

const since = '2026-11-22T11:00:00.000Z';

/** A source in memory, as far as scripts can tell: sets, connections and their states, with each call noted in `calls`. */
export class FakeService implements ServiceCaller {
  readonly name: string;
  readonly calls: string[] = [];
  readonly sets = new Map<string, ReplicationSet>();
  readonly connections: ConnectionSnapshot[] = [];
  readonly lines = new Map<string, LineSnapshot>();
  settings: ServiceSettings = initialServiceSettings;
  /** Called before each answer; throws to fail the call, or changes the connections as time would. */
  before: (call: CallName) => void = () => undefined;
  /** Answers given to questions, and verifications asked for; what a verification ends with. */
  readonly answers: string[] = [];
  readonly verified: VerifyOptions[] = [];
  /** Its rotations; `clock` is turned to let them look. */
  readonly turns = rotationsInMemory(
    () => this.connections,
    (connectionId, command) => this.#obey(connectionId, command),
  );
  /** Its backup windows; a pause for one is at its cut when `pausesAtOnce`, a hold is in force at once. */
  readonly windows = windowsInMemory({
    ...this.turns,
    connections: () => this.connections,
    replicas: () => this.replicas,
    command: (connectionId, command) => this.#obey(connectionId, command),
    hold: (connectionId, hold) => {
      this.replicas = this.replicas.map((replica) =>
        replica.connectionId === connectionId ? { ...replica, hold: hold && { ...hold, isEffective: true } } : replica,
      );
    },
  });
  pausesAtOnce = true;
  /** A parking reaches its cut as soon as it is ordered. */
  parksAtOnce = true;
  /** What `mirror.plan` comes to. */
  answerPlan: { readonly summary: PlanSummary; readonly entries: readonly PlanEntry[] } | null = null;
  answerVerify: {
    readonly summary: VerifySummary;
    readonly differences: readonly VerifyDifference[];
    readonly isIntact?: boolean;
  } | null = null;
  /** Who may log in, with the password of each; the audit log, newest first; messages, oldest first; what it holds as a target. */
  readonly accounts: (AccountInfo & { readonly password: string })[] = [];
  audited: readonly AuditEntry[] = [];
  messages: readonly MessageEntry[] = [];
  replicas: readonly ReplicaSnapshot[] = [];
  /** Its certificates, and the file of each; what the replica shows once one was asked for; whether each was asked to be full. */
  certificates: readonly CertificateSummary[] = [];
  certificateText = '';
  answerCertificate: ReplicaCertificates | null = null;
  readonly certified: boolean[] = [];
  /** Its snapshots, newest first. */
  storedSnapshots: readonly StoredSnapshot[] = [];
  /** What is restored from it; each look takes one on to its end. */
  readonly restores: RestoreSnapshot[] = [];
  #nextNumber = 1;

  constructor(name: string) {
    this.name = name;
  }

  async call<K extends CallName>(call: K, input: CallInput<K>): Promise<CallResult<K>> {
    await Promise.resolve();
    this.before(call);
    this.calls.push(call);
    const handler = this.#handlers[call];
    if (handler === undefined) throw new ReplicationError('unknown-call', { text: call });
    return handler(input);
  }

  addSet(name: string, ...paths: string[]): void {
    const rules = paths.map((path): SetRule => ({ path, verdict: 'include', recursive: true }));
    this.sets.set(name, { name, rules, saved: true, connectionIds: [], size: null });
  }

  addConnection(options: {
    setName: string;
    targetName: string;
    map: MapSpec;
    mirror?: MirrorOptions | null;
  }): ConnectionSnapshot {
    const base = options.map.kind === 'base' ? options.map.base : 'c:\\data';
    const connection: ConnectionSnapshot = {
      id: randomUUID(),
      number: this.#nextNumber++,
      setName: options.setName,
      sourceName: this.name,
      targetName: options.targetName,
      targetAddress: '127.0.0.1:6321',
      targetFingerprint: `print-of-${options.targetName.split('.')[0] ?? ''}`,
      map: options.map,
      roots: [{ from: 'c:\\data', to: `${base}\\c\\data` }],
      warnings: [],
      connectedSince: since,
      link: { kind: 'up', since },
      transmission: { kind: 'active', since },
      mirror: options.mirror ? mirroring(options.mirror) : { kind: 'idle', lastCompletedAt: null },
      orphans: null,
      replication: 'replicating',
      holds: [],
      disconnection: null,
      park: null,
      queue: emptyQueue,
      targetData: options.mirror ? 'mirroring' : 'unknown',
      consistency: 'file-level',
      consistencyWhy: '',
      capture: { method: 'inotify', why: 'it is a test' },
      halt: null,
      problems: [],
      problemCount: 0,
      verify: neverVerified,
      plan: neverPlanned,
      notCarried: [],
      statistics: { ...quietStatistics, appliedSequence: 41 },
      settings: initialConnectionSettings,
      line: quietLine(),
      hooks: { state: 'off', since, last: null },
    };
    this.connections.push(connection);
    return connection;
  }

  change(connectionId: string, changes: Partial<ConnectionSnapshot>): ConnectionSnapshot {
    const index = this.connections.findIndex(({ id }) => id === connectionId);
    const old = this.connections[index];
    if (old === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
    return (this.connections[index] = { ...old, ...changes });
  }

  #takeRestore(restoreId: string, outcome: 'restored' | 'cancelled'): RestoreSnapshot {
    const index = this.restores.findIndex(({ id }) => id === restoreId);
    const restore = this.restores[index];
    if (restore === undefined) throw new ReplicationError('not-found', { path: `the restore ${restoreId}` });
    return (this.restores[index] = endedRestore(restore, outcome));
  }

  readonly #handlers: { readonly [K in CallName]?: (input: CallInput<K>) => CallResult<K> | Promise<CallResult<K>> } = {
    'set.list': () => [...this.sets.values()],
    'set.get': ({ name }) => this.#set(name),
    'set.create': ({ name }) => {
      if (this.sets.has(name)) throw new ReplicationError('set-exists', { set: name });
      return this.#put({ name, rules: [], saved: false, connectionIds: [], size: null });
    },
    'set.add-rule': ({ name, rule }) => {
      const set = this.#set(name);
      return this.#put({ ...set, rules: [...set.rules, rule], saved: false });
    },
    'set.remove-rule': ({ name, path }) => {
      const set = this.#set(name);
      return this.#put({ ...set, rules: set.rules.filter((rule) => rule.path !== path), saved: false });
    },
    'set.save': ({ name }) => this.#put({ ...this.#set(name), saved: true }),
    'set.delete': ({ name }) => {
      this.sets.delete(this.#set(name).name);
      return null;
    },
    'set.calculate': ({ rules }) => ({ files: rules.length, folders: 1, bytes: 2048 }),
    'connection.list': () => this.connections,
    'connection.get': ({ connectionId }) => this.change(connectionId, {}),
    'connection.find': ({ setName, target, map }) => {
      const found = this.connections.filter(
        (connection) =>
          connection.setName === setName &&
          `print-of-${connection.targetName.split('.')[0] ?? ''}` === target &&
          (map === null || JSON.stringify(map) === JSON.stringify(connection.map)),
      );
      const [only] = found;
      if (only === undefined || found.length > 1) throw new ReplicationError('unknown-connection', { set: setName, target });
      return only;
    },
    'connection.disconnect': ({ connectionId }) => {
      const { id } = this.change(connectionId, {});
      this.connections.splice(
        this.connections.findIndex((connection) => connection.id === id),
        1,
      );
      return null;
    },
    'connection.configure': ({ connectionId, settings }) =>
      this.change(connectionId, { settings: changed(this.change(connectionId, {}).settings, settings) }),
    'line.configure': ({ targetFingerprint, settings }) => {
      const of = (connection: ConnectionSnapshot) => connection.targetFingerprint === targetFingerprint;
      for (const connection of this.connections.filter(of)) {
        const line = quietLine(targetFingerprint, changed(connection.line.settings, settings));
        this.change(connection.id, { line });
        this.lines.set(targetFingerprint, line);
      }
      return this.lines.get(targetFingerprint) ?? quietLine(targetFingerprint, changed(initialLineSettings, settings));
    },
    'line.list': () => [...this.lines.values()],
    'schedule.preview': ({ settings }) =>
      planSchedule(changed(initialLineSettings, settings).schedule, 'UTC', Date.UTC(2026, 10, 22, 12)),
    'service.configure': ({ settings }) => (this.settings = changed(this.settings, settings)),
    'service.settings': () => this.settings,
    'mirror.start': ({ connectionId, options }) => {
      if (this.change(connectionId, {}).mirror.kind !== 'idle') throw new ReplicationError('mirror-running');
      return this.change(connectionId, { mirror: mirroring(options), targetData: 'mirroring' });
    },
    'mirror.stop': ({ connectionId }) =>
      this.change(connectionId, { mirror: { kind: 'idle', lastCompletedAt: null }, targetData: 'mirror-required' }),
    'mirror.pause': ({ connectionId }) => this.change(connectionId, {}),
    'mirror.resume': ({ connectionId }) => this.change(connectionId, {}),
    'connection.park': ({ connectionId, reason }) => {
      const order = { owner: 'admin', reason, since };
      if (!this.parksAtOnce) return this.change(connectionId, { park: { kind: 'leaving', ...order } });
      const cut = { sequence: 7, at: since, label: 'point-in-time' as const };
      return this.change(connectionId, { replication: 'parked', park: { kind: 'parked', ...order, cut, isComplete: true } });
    },
    'connection.reconnect': ({ connectionId, mirror }) => {
      const { disconnection, park } = this.change(connectionId, {});
      if (disconnection === null && park === null) throw new ReplicationError('not-disconnected');
      return this.change(connectionId, {
        disconnection: null,
        park: null,
        replication: 'replicating',
        ...(mirror === null ? {} : { mirror: mirroring(mirror) }),
      });
    },
    'transmission.pause': ({ connectionId, reason }) =>
      this.change(connectionId, { transmission: { kind: 'pausing', since, owner: 'admin', reason } }),
    'transmission.stop': ({ connectionId, reason }) =>
      this.change(connectionId, { transmission: { kind: 'stopped', since, owner: 'admin', reason } }),
    'transmission.resume': ({ connectionId }) => this.change(connectionId, { transmission: { kind: 'active', since } }),
    'transmission.start': ({ connectionId }) => this.change(connectionId, { transmission: { kind: 'active', since } }),
    'connection.answer': ({ connectionId, answer }) => {
      this.answers.push(answer);
      return this.change(connectionId, {});
    },
    'verify.start': ({ connectionId, options }) => {
      this.verified.push(options);
      const last = this.answerVerify?.summary ?? null;
      return this.change(connectionId, { verify: { run: null, last, nextAt: null } });
    },
    'mirror.plan': ({ connectionId }) => {
      const last = this.answerPlan?.summary ?? null;
      return this.change(connectionId, { plan: { run: null, last, question: null } });
    },
    'mirror.planned': ({ action, offset }) => {
      if (this.answerPlan === null) throw new ReplicationError('not-found', { path: 'the plan' });
      const listed = this.answerPlan.entries.filter((entry) => action === null || entry.action === action);
      return { summary: this.answerPlan.summary, offset, listed: listed.length, entries: listed.slice(offset) };
    },
    'verify.list': () => (this.answerVerify === null ? [] : [this.answerVerify.summary]),
    'verify.report': ({ offset }) => {
      if (this.answerVerify === null) throw new ReplicationError('not-found', { path: 'the verification report' });
      const { summary, differences, isIntact = true } = this.answerVerify;
      return { summary, isIntact, offset, listed: differences.length, differences: differences.slice(offset) };
    },
    'replica.list': () => this.replicas,
    'snapshot.take': ({ connectionId, name, fileLevel }) => {
      const taken = storedSnapshot({ connectionId, name, takenBy: fileLevel ? 'admin, file-level' : 'admin' });
      this.storedSnapshots = [taken, ...this.storedSnapshots];
      return taken;
    },
    'snapshot.list': ({ connectionId }) =>
      this.storedSnapshots.filter((one) => connectionId === null || one.connectionId === connectionId),
    'snapshot.revert': ({ connectionId, snapshotId }) => {
      if (!this.storedSnapshots.some(({ id }) => id === snapshotId))
        throw new ReplicationError('not-found', { path: `the snapshot ${snapshotId}` });
      const kept = storedSnapshot({ connectionId, id: '2026-11-22T12-00-00-000Z', name: `before the revert to ${snapshotId}` });
      this.storedSnapshots = [kept, ...this.storedSnapshots];
      return kept;
    },
    'snapshot.delete': ({ snapshotId }) => {
      this.storedSnapshots = this.storedSnapshots.filter(({ id }) => id !== snapshotId);
      return null;
    },
    'certificate.make': ({ connectionId, full }) => {
      this.certified.push(full);
      this.replicas = this.replicas.map((replica) =>
        replica.connectionId === connectionId
          ? { ...replica, certificates: this.answerCertificate ?? replica.certificates }
          : replica,
      );
      return null;
    },
    'certificate.stop': () => null,
    'certificate.list': () => this.certificates,
    'certificate.read': ({ certificateId, offset, limit }) => {
      const id = certificateId ?? this.certificates[0]?.id;
      if (!this.certificates.some((one) => one.id === id) || id === undefined)
        throw new ReplicationError('not-found', { path: `the certificate ${id ?? ''}` });
      const whole = Buffer.from(this.certificateText);
      return {
        id,
        offset,
        totalBytes: whole.length,
        data: whole.subarray(offset, offset + Math.min(limit, 5)).toString('base64'),
      };
    },
    'certificate.delete': ({ certificateId }) => {
      this.certificates = this.certificates.filter(({ id }) => id !== certificateId);
      return null;
    },
    'replica.release': ({ connectionId }) => {
      this.replicas = this.replicas.filter((replica) => replica.connectionId !== connectionId);
      return null;
    },
    'restore.list': () => this.restores,
    'restore.get': ({ restoreId }) => {
      const restore = this.restores.find(({ id }) => id === restoreId);
      if (restore === undefined) throw new ReplicationError('not-found', { path: `the restore ${restoreId ?? ''}` });
      return { restore, sha256: restore.state === 'done' ? 'f00d' : null, isIntact: true };
    },
    'restore.cancel': ({ restoreId }) => this.#takeRestore(restoreId, 'cancelled'),
    'restore.go': ({ restoreId }) => this.#takeRestore(restoreId, 'restored'),
    'restore.sample': ({ seed }) => ({
      seed: seed ?? 'new',
      files: [{ path: '/data/x', bytes: 5 }],
      population: { files: 9, bytes: 90 },
      unnameable: 0,
      unreadable: 0,
    }),
    'connection.hash-file': ({ path }) => ({ path, content: null }),
    'account.list': () => this.accounts,
    'account.create': (account) => {
      if (this.accounts.some(({ name }) => name === account.name))
        throw new ReplicationError('account-exists', { user: account.name });
      this.accounts.push({ ...account, createdAt: since });
      return { name: account.name, role: account.role, createdAt: since };
    },
    'account.set-password': ({ name, password }) => {
      const account = this.#takeAccount(name);
      this.accounts.push({ ...account, password });
      return null;
    },
    'account.set-role': ({ name, role }) => {
      const account = this.#takeAccount(name);
      this.accounts.push({ ...account, role });
      return { name, role, createdAt: account.createdAt };
    },
    'account.delete': ({ name }) => {
      this.#takeAccount(name);
      return null;
    },
    'rotation.list': () => this.turns.rotations.list(),
    'rotation.create': ({ name }) => this.turns.rotations.create(name),
    'rotation.delete': async ({ rotation }) => {
      await this.turns.rotations.delete(rotation);
      return null;
    },
    'rotation.add-slot': (input) => this.turns.rotations.addSlot(input),
    'rotation.remove-slot': (input) => this.turns.rotations.removeSlot(input),
    'rotation.configure': (input) => this.turns.rotations.configure(input),
    'rotation.run-now': (input) => this.turns.rotations.runNow(input),
    'rotation.skip-next': ({ rotation }) => this.turns.rotations.skipNext(rotation),
    'rotation.preview': (input) => this.turns.rotations.preview(input),
    'rotation.preview-draft': (input) => this.turns.rotations.previewDraft(input),
    'rotation.use': (input) => this.turns.rotations.use(input, 'admin'),
    'rotation.release': (input) => this.turns.rotations.release(input),
    'backup.look': (input) => this.windows.look(input),
    'backup.begin': (input) => this.windows.begin(input),
    'backup.end': (input) => this.windows.end(input),
    'backup.list': () => this.windows.list(),
    'backup.views': () => this.windows.views(),
    'message.list': ({ limit }) => this.messages.slice(-limit),
    'audit.list': ({ limit }) => this.audited.slice(0, limit),
  };

  #obey(connectionId: string, command: ConnectionCommand): Promise<unknown> {
    if (command.kind === 'park') return this.call('connection.park', { connectionId, reason: command.reason });
    if (command.kind === 'reconnect') return this.call('connection.reconnect', { connectionId, mirror: command.mirror });
    if (command.kind === 'pause-transmission') {
      const { owner, reason } = command;
      const kind = this.pausesAtOnce ? pausedAt41 : { kind: 'pausing' as const, since };
      const holds = [{ by: 'operator' as const, kind: 'pause' as const, owner, reason, since }];
      return Promise.resolve(this.change(connectionId, { holds, transmission: { ...kind, owner, reason } }));
    }
    if (command.kind === 'resume-transmission')
      return Promise.resolve(this.change(connectionId, { holds: [], transmission: { kind: 'active', since } }));
    return Promise.reject(new ReplicationError('unknown-call', { text: command.kind }));
  }

  #set(name: string): ReplicationSet {
    const set = this.sets.get(name);
    if (set === undefined) throw new ReplicationError('unknown-set', { set: name });
    return set;
  }

  #takeAccount(name: string) {
    const [account] = this.accounts.splice(
      this.accounts.findIndex((one) => one.name === name),
      1,
    );
    if (account?.name !== name) throw new ReplicationError('unknown-account', { user: name });
    return account;
  }

  #put(set: ReplicationSet): ReplicationSet {
    this.sets.set(set.name, set);
    return set;
  }
}

export function mirroring(options: MirrorOptions): { kind: 'mirroring' } & MirrorProgress {
  return {
    kind: 'mirroring',
    options,
    startedAt: since,
    calculatedBytes: 100,
    calculatedFiles: 1,
    sentBytes: 50,
    skippedBytes: 0,
    remainingBytes: 50,
    sentFiles: 0,
    skippedFiles: 0,
    percent: 50,
    bytesPerSec: 10,
    timeLeftMs: 5000,
  };
}

/** The cut that a fake pause reaches. */
export const pausedAt41 = {
  kind: 'paused',
  since,
  owner: 'admin',
  reason: 'requested by a script',
  cut: { sequence: 41, at: since, label: 'point-in-time' },
} as const;

/** A snapshot as a target tells of it. */
export function storedSnapshot(facts: Partial<StoredSnapshot>): StoredSnapshot {
  return {
    id: '2026-11-22T11-00-00-000Z',
    ...{ connectionId: 'c', setName: 'accounts', sourceName: 'alpha', takenAt: since, takenBy: 'admin', name: '' },
    ...{
      isScheduled: false,
      isGood: true,
      cut: { sequence: 41, at: since, label: 'point-in-time' as const },
      appliedSequence: 41,
    },
    roots: [{ from: '/data', to: '/replica/data', place: '/replica/.understudy-stage/snapshots/c/1/0', kind: 'clones' }],
    ...{ files: 4, bytes: 4096, leftOut: 0, certificateId: null },
    ...facts,
  };
}
