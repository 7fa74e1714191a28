import type { ConnectionSnapshot, MappedRoot, ReplicaSnapshot } from '../../src-main/api/index.ts';
import type { LineSettings } from '../../src-main/api/index.ts';
import { ReplicationError } from '../../src-main/base/index.ts';
import type { ConnectionSpec, ReplicaSpec, Replicator, ReplicatorOptions } from '../../src-main/engine/connection/index.ts';
import { compileRules, resolveMap, resolveTargetPath } from '../../src-main/engine/model/index.ts';
import { quietLine } from './quiet-line.ts';
import { emptyQueue, neverPlanned, neverVerified, quietStatistics } from './quiet-statistics.ts';

/** What a test may look at and steer. */
export interface FakeReplicator extends Replicator {
  readonly options: ReplicatorOptions;
  readonly opened: Map<string, { spec: ConnectionSpec; number: number; start: Parameters<Replicator['open']>[2] }>;
  readonly admitted: Map<string, ReplicaSpec>;
  readonly calls: string[];
  /** Thrown by the next call of that method. */
  failNext(method: 'open' | 'admit' | 'command' | 'disconnect', error: ReplicationError): void;
  isClosed: boolean;
}

/** An engine that replicates nothing: it keeps what it was told and answers as the real one does in its first moment. */
export function fakeReplicator(options: ReplicatorOptions): FakeReplicator {
  const opened: FakeReplicator['opened'] = new Map();
  const admitted: FakeReplicator['admitted'] = new Map();
  const failures = new Map<string, ReplicationError>();
  const calls: string[] = [];
  const lines = new Map<string, LineSettings>();
  const snapshots = () => [...opened.values()].map(({ spec, number }) => connectionSnapshot(spec, number));
  const note = (method: string, detail: string) => {
    calls.push(`${method} ${detail}`);
    const failure = failures.get(method);
    failures.delete(method);
    if (failure) throw failure;
  };
  const preview: Replicator['preview'] = (rules, map) => resolveMap(compileRules(rules, options.volumes), map, options.volumes);
  return {
    options,
    opened,
    admitted,
    calls,
    isClosed: false,
    failNext: (method, error) => failures.set(method, error),
    listen: () => Promise.resolve({ host: options.dataHost, port: options.dataPort || 50_000 }),
    calculate: (rules) => Promise.resolve({ files: rules.length, folders: 1, bytes: 100 }),
    preview,
    prepare(rules, map, targetFingerprint) {
      const roots = preview(rules, map);
      const loop = targetFingerprint === options.identity.fingerprint && roots.find(({ from, to }) => from === to);
      if (loop) throw new ReplicationError('map-loop', { path: loop.to });
      return roots;
    },
    refuseLoop(_rules, roots) {
      const loop = roots.find(({ from, to }) => from === to);
      if (loop) throw new ReplicationError('map-loop', { path: loop.to });
    },
    diskPlaces: () => null,
    preserved: (connectionId) => ({ connectionId, askedAt: null, roots: [] }),
    checkRoots: (roots) => roots.map(({ from, to }): MappedRoot => ({ from, to: resolveTargetPath(to, options.volumes) })),
    admit(spec) {
      note('admit', spec.connectionId);
      admitted.set(spec.connectionId, spec);
      return Promise.resolve();
    },
    release(connectionId) {
      note('release', connectionId);
      admitted.delete(connectionId);
      return Promise.resolve();
    },
    hold(connectionId, hold) {
      note('hold', `${connectionId} ${hold?.owner ?? 'none'}`);
      return Promise.resolve();
    },
    askReplica: () => Promise.reject(new ReplicationError('busy')),
    replicas: () => [...admitted.values()].map(replicaSnapshot),
    certify(connectionId, order) {
      note('certify', `${connectionId} ${order.kind}`);
      return Promise.resolve();
    },
    snapshots: () => [],
    snapshot: () => Promise.reject(new ReplicationError('not-found', { path: 'the snapshot' })),
    certificates: () => [],
    certificatePart: () => Promise.reject(new ReplicationError('not-found', { path: 'the certificate' })),
    newestCertificate: () => null,
    deleteCertificate: (connectionId, id) => note('deleteCertificate', `${connectionId} ${id}`),
    changes: (connectionId) => {
      throw new ReplicationError('unknown-connection', { connection: connectionId });
    },
    acceptDrift: (connectionId) => note('acceptDrift', connectionId),
    open(spec, number, start) {
      note('open', spec.id);
      opened.set(spec.id, { spec, number, start });
      options.onConnections(snapshots());
    },
    disconnect(connectionId) {
      try {
        note('disconnect', connectionId);
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)));
      } finally {
        opened.delete(connectionId);
      }
      options.onConnections(snapshots());
      return Promise.resolve(true);
    },
    command(connectionId, command) {
      note('command', command.kind);
      const found = opened.get(connectionId);
      if (!found) throw new ReplicationError('unknown-connection', { connection: connectionId });
      const since = new Date().toISOString();
      let { hold } = found.spec;
      const held = (kind: 'pause' | 'stop', { owner, reason }: { owner: string; reason: string }) => {
        hold = { kind, owner, reason, since, cut: null };
      };
      if (command.kind === 'pause-transmission') held('pause', command);
      if (command.kind === 'stop-transmission') held('stop', command);
      if (command.kind === 'resume-transmission' || command.kind === 'start-transmission') hold = null;
      const settings = command.kind === 'configure' ? command.settings : found.spec.settings;
      opened.set(connectionId, { ...found, spec: { ...found.spec, hold, settings } });
      options.onConnections(snapshots());
      return connectionSnapshot({ ...found.spec, hold, settings }, found.number);
    },
    verifyReports: () => [],
    verifyReport: () => Promise.reject(new ReplicationError('not-found', { path: 'the verification report' })),
    plannedMirror: () => Promise.reject(new ReplicationError('not-found', { path: 'the plan' })),
    connections: snapshots,
    configureReplica(connectionId, settings) {
      note('configure-replica', connectionId);
      const spec = admitted.get(connectionId);
      if (!spec) throw new ReplicationError('unknown-connection', { connection: connectionId });
      admitted.set(connectionId, { ...spec, settings });
      return replicaSnapshot({ ...spec, settings });
    },
    configureLine(targetFingerprint, settings) {
      note('configure-line', targetFingerprint);
      lines.set(targetFingerprint, settings);
      return quietLine(targetFingerprint, settings);
    },
    lines: () => [...lines].map(([targetFingerprint, settings]) => quietLine(targetFingerprint, settings)),
    checkService: () => undefined,
    configureService: (settings) => note('configure-service', JSON.stringify(settings)),
    close() {
      this.isClosed = true;
      return Promise.resolve();
    },
  };
}

function replicaSnapshot({ connectionId, setName, sourceName, roots, admittedAt, settings }: ReplicaSpec): ReplicaSnapshot {
  return {
    connectionId, setName, sourceName, roots, settings, state: 'waiting-for-source', since: admittedAt, consistency: 'file-level',
    receivedSequence: 0, appliedSequence: 0, queuedOps: 0, queuedBytes: 0, cut: null, hold: null, problem: null, losses: [], kept: { count: 0, bytes: 0 },
    orphans: null, drift: { count: 0, newest: [] }, queue: { freeBytes: null, full: null },
    certificates: { run: null, last: null, failure: null },
    snapshots: { isComplete: true, run: null, count: 0, newest: null, reverted: null },
  }; // prettier-ignore
}

/** A connection as it looks right after it was opened. */
export function connectionSnapshot(spec: ConnectionSpec, number: number): ConnectionSnapshot {
  const since = spec.createdAt;
  const { hold } = spec;
  const transmission = ((): ConnectionSnapshot['transmission'] => {
    if (hold === null) return { kind: 'active', since };
    const { owner, reason } = hold;
    if (hold.kind === 'stop') return { kind: 'stopped', since: hold.since, owner, reason };
    return { kind: 'paused', since: hold.since, owner, reason, cut: { sequence: 0, at: hold.since, label: 'file-level' } };
  })();
  return {
    id: spec.id,
    number,
    setName: spec.setName,
    sourceName: spec.sourceName,
    targetName: spec.targetName,
    targetAddress: `${spec.targetHost}:${spec.targetDataPort}`,
    targetFingerprint: spec.targetFingerprint,
    map: spec.map,
    warnings: spec.warnings,
    roots: spec.roots,
    connectedSince: since,
    link: { kind: 'up', since },
    transmission,
    mirror: { kind: 'idle', lastCompletedAt: null },
    orphans: null,
    replication: 'replicating',
    holds: hold === null ? [] : [{ by: 'operator', kind: hold.kind, owner: hold.owner, reason: hold.reason, since: hold.since }],
    disconnection: null,
    park: null,
    queue: emptyQueue,
    targetData: 'unknown',
    consistency: 'file-level',
    consistencyWhy: '',
    hooks: { state: 'off', since: new Date(0).toISOString(), last: null },
    capture: { method: 'fake', why: 'a test' },
    halt: null,
    problems: [],
    problemCount: 0,
    verify: neverVerified,
    plan: neverPlanned,
    notCarried: [],
    statistics: quietStatistics,
    settings: spec.settings,
    line: quietLine(spec.targetFingerprint),
  };
}
