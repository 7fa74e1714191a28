/* One start, kept whole: what a service opens, who of it hears of whom, and in which order it is closed, is seen only side by side. */
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { initialServiceSettings } from '../api/index.ts';
import type { ConnectionId, ConnectionSnapshot, MirrorOptions, ServerInfo, Update, UpdateName, Updates } from '../api/index.ts';
import {
  callErrorText,
  createAnswerer,
  formatAddress,
  LoginLimiter,
  startControlServer,
  type Address,
  type Answerer,
  type ControlServer,
} from '../control/index.ts';
import { ReplicationError, type Log, makeFolders } from '../base/index.ts';
import { openSettings } from '../config/index.ts';
import {
  createReplicator,
  type ConnectionSpec,
  type ReplicaSpec,
  type Replicator,
  type ReplicatorOptions,
  type Volume,
} from '../engine/connection/index.ts';
import { takeLock, type Lock } from '../store/index.ts';
import { Accounts } from './accounts.ts';
import { Audit } from './audit.ts';
import { BackupWindows, windowsShape } from './backup/index.ts';
import { Closers } from './closers.ts';
import { Connections } from './connections.ts';
import { createLog } from './create-log.ts';
import { dataFolder, type DataFolder } from './data-folder.ts';
import { createHandlers } from './handlers.ts';
import { readIdentity } from './identity.ts';
import { isInitialised } from './init.ts';
import { Lines } from './lines.ts';
import { Messages } from './messages.ts';
import { OwnSettings } from './own-settings.ts';
import { ParkSchedules, parksShape } from './parks/index.ts';
import { CutKeeper, pauseAlarm, PauseWatch } from './pauses/index.ts';
import { Replicas } from './replicas.ts';
import { Restores, restoresShape } from './restore/index.ts';
import { Rotations, rotationsShape } from './rotations/index.ts';
import { Sets } from './sets.ts';
import { Snapshots, SnapshotSchedule } from './snapshots/index.ts';
import { accountsShape, connectionsShape, serverShape, setsShape } from './stored.ts';
import { systemClock, type ScheduleClock } from './schedule-clock.ts';
import { VerifySchedule } from './verify-schedule.ts';
import { PROGRAM_VERSION } from './version.ts';
import { mergeVolumes } from './volumes.ts';

export const DEFAULT_CONTROL_PORT = 6320;
export const DEFAULT_DATA_PORT = 6321;

export interface ServiceOptions {
  readonly dataDir: string;
  readonly control: Address;
  readonly data: Address;
  /** Added to the stored volumes for this run; the same letter takes the stored one's place. */
  readonly volumes?: readonly Volume[];
  /** For this run, in place of the stored name. */
  readonly name?: string;
  readonly isVerbose?: boolean;
  /** The engine; tests pass another one. */
  readonly clock?: ScheduleClock;
  readonly createReplicator?: (options: ReplicatorOptions) => Replicator;
}

/** A running service. `close` stops it cleanly and is safe to call twice; everything decided is on disk already. */
export interface Service {
  readonly answerer: Answerer;
  readonly info: ServerInfo;
  readonly control: Address;
  readonly data: Address;
  readonly log: Log;
  /** Where people find it, for whoever tries to start a second one on its folder; its control address until this is called. */
  announce(address: string): void;
  close(): Promise<void>;
}

/**
 * Starts a service on its data folder. Rejects with `not-initialised`, `data-in-use`, `damaged-data`, `newer-data`, `port-in-use` or
 * `bad-input`, and then leaves nothing running.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const folder = dataFolder(options.dataDir);
  if (!isInitialised(options.dataDir)) throw new ReplicationError('not-initialised', { path: options.dataDir });
  const closers = new Closers();
  try {
    const lock = takeLock(options.dataDir, folder.lock);
    closers.add('the lock', () => lock.release());
    return await startLocked(options, folder, closers, lock);
  } catch (error) {
    await closers.closeAll();
    throw error;
  }
}

async function startLocked(options: ServiceOptions, folder: DataFolder, closers: Closers, lock: Lock): Promise<Service> {
  const identity = readIdentity(folder);
  const empty = { serverId: '', name: '', volumes: [], settings: initialServiceSettings };
  const storedServer = openSettings(folder.server, serverShape(empty));
  const server = storedServer.value;
  const name = options.name ?? server.name;
  const volumes = mergeVolumes(server.volumes, options.volumes ?? []);
  checkVolumes(volumes);
  checkFolders(options.volumes ?? []);
  const stored = openSettings(folder.connections, connectionsShape);
  const storedAccounts = openSettings(folder.accounts, accountsShape);
  const storedRotations = openSettings(folder.rotations, rotationsShape);
  const storedSets = openSettings(folder.sets, setsShape);
  const storedWindows = openSettings(folder.windows, windowsShape);
  const storedParks = openSettings(folder.parks, parksShape);
  const storedRestores = openSettings(folder.restores, restoresShape);
  for (const file of [
    stored,
    storedAccounts,
    storedParks,
    storedRestores,
    storedRotations,
    storedSets,
    storedServer,
    storedWindows,
  ])
    closers.add('a settings file', () => file.settled());
  const clock = options.clock ?? systemClock;
  const accounts = new Accounts(storedAccounts, new LoginLimiter({ nowMs: () => clock.now() }));
  makeFolders(folder.logs, 0o700);
  const log = createLog(folder.logs, { isVerbose: options.isVerbose ?? false });
  closers.add('the log', () => log.close());
  closers.tellSlow((what) => log.warn('the stop of the service still waits', { for: what }));
  const audit = new Audit(folder.audit);
  closers.add('the audit log', () => audit.close());

  const listeners = new Set<(update: Update) => void>();
  const publish = <K extends UpdateName>(update: K, value: Updates[K]) => {
    // One key ties name and value together, which a union built from a type parameter cannot show.
    for (const listener of listeners) listener({ name: update, value } as Update);
  };
  const messages = new Messages(folder.messages, (message) => publish('message', message));
  closers.add('the messages', () => messages.close());

  const shown = (snapshot: ConnectionSnapshot): ConnectionSnapshot => {
    const connection = connections.asKept(snapshot);
    const found = [pauseAlarm(connection, clock.now())?.problem ?? null, windows.problemOf(connection.id)];
    const alarms = found.filter((problem) => problem !== null);
    const { problems, problemCount } = connection;
    const parkSchedule = parkSchedules.shown(connection);
    return { ...connection, parkSchedule, problems: [...alarms, ...problems], problemCount: problemCount + alarms.length };
  };
  const replicator = (options.createReplicator ?? createReplicator)({
    dataDir: options.dataDir,
    identity,
    dataHost: options.data.host,
    dataPort: options.data.port,
    volumes,
    settings: server.settings,
    log,
    onConnections: (snapshots) => {
      publish('connections', snapshots.map(shown));
      rotations.connectionsChanged();
      restores.changed();
      void cutKeeper.changed();
    },
    onReplicas: (snapshots) => {
      publish('replicas', snapshots);
      windows.changed();
      restores.changed();
    },
    onEvent: ({ severity, text, connectionId }) => messages.add(severity, text, connectionId),
    onProgram: (report) => audit.noteProgram(report),
    onReleased: (connectionId) => {
      // If this fails the admission is there again after a restart, without harm: nobody uses it.
      void replicas
        .forget(connectionId)
        .catch((error: unknown) => log.error('a released replica is still stored', { connectionId, error }));
      messages.add('info', 'The source ended this connection; its replica stays as it is.', connectionId);
      publish('replicas', replicas.list());
    },
  });
  const cutKeeper = new CutKeeper({
    clock,
    keep: () => connections.keepCuts(),
    onKept: () => {
      publish('connections', connections.list());
      rotations.connectionsChanged();
    },
    onLooked: () => windows.changed(),
    tell: (text) => messages.add('warning', text),
    log,
  });
  closers.add('the keeping of cuts', () => cutKeeper.close());
  closers.add('connections and replicas', () => replicator.close());
  const data = await replicator.listen();
  const replicas = new Replicas({
    file: stored,
    replicator,
    serverName: name,
    fingerprint: identity.fingerprint,
    volumes,
    dataPort: () => data.port,
  });
  const sets: Sets = new Sets(storedSets, {
    usedBy: (setName) => connections.usedBy(setName),
    onChange: () => publish('sets', sets.list()),
  });
  const connections: Connections = new Connections({
    file: stored,
    replicator,
    sets,
    serverName: name,
    fingerprint: identity.fingerprint,
    onChange: () => publish('sets', sets.list()),
    shown,
  });

  const lines = new Lines(stored, replicator);
  const ownSettings: OwnSettings = new OwnSettings(storedServer, replicator);
  const rotations: Rotations = new Rotations({
    file: storedRotations,
    clock,
    timeZone: () => ownSettings.value.clock.timeZone,
    connections,
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
    onChange: () => publish('rotations', rotations.list()),
    log,
  });

  const snapshots = new Snapshots({
    replicator,
    replicas: () => replicas.list(),
    refuseOpen: (connectionId) => windows.refuseOpen('target', connectionId),
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
  });
  const windows: BackupWindows = new BackupWindows({
    file: storedWindows,
    clock,
    connections,
    replicas: {
      list: () => replicas.list(),
      has: (connectionId) => replicas.has(connectionId),
      hold: (connectionId, hold) => replicator.hold(connectionId, hold),
    },
    rotations,
    self: () => ({ name, fingerprint: identity.fingerprint }),
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
    onChange: () => publish('windows', windows.list()),
    log,
  });

  const reconnect = async (connectionId: ConnectionId, mirror: MirrorOptions | null) => {
    windows.refuseOpen('source', connectionId);
    return rotations.unlessInUse(connectionId, () => connections.command(connectionId, { kind: 'reconnect', mirror }));
  };
  const parkSchedules: ParkSchedules = new ParkSchedules({
    file: storedParks,
    clock,
    timeZone: () => ownSettings.value.clock.timeZone,
    connections: () => connections.list(),
    windows: () => windows.list(),
    rotations: () => rotations.list(),
    park: (connectionId, order) => connections.command(connectionId, { kind: 'park', ...order }),
    reconnect,
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
    onChange: () => publish('connections', connections.list()),
    log,
  });

  const restores: Restores = new Restores({
    ...{ file: storedRestores, folder: folder.restoreReports, clock, replicator, connections, replicas, windows, volumes, log },
    ...{ serverName: name, fingerprint: identity.fingerprint },
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
  });

  const startedAt = new Date().toISOString();
  const opened: { control?: ControlServer } = {};
  const serverInfo = (): ServerInfo => ({
    serverId: server.serverId,
    name,
    version: PROGRAM_VERSION,
    platform: `${process.platform} ${process.arch}`,
    fingerprint: identity.fingerprint,
    controlAddress: formatAddress(opened.control?.address ?? options.control),
    dataAddress: formatAddress(data),
    volumes,
    startedAt,
    capture: captureOf(process.platform),
  });
  const answerer = createAnswerer({
    handlers: createHandlers({
      accounts,
      audit,
      connections,
      lines,
      messages,
      ownSettings,
      replicas,
      replicator,
      restores,
      rotations,
      sets,
      snapshots,
      volumes,
      windows,
      serverInfo,
      publish,
      reconnect,
    }),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    isStillValid: (peer) => accounts.isStillValid(peer),
    onAnswered: (answered) => audit.note(answered),
  });

  const tellFailure = ({ setName }: ConnectionSpec | ReplicaSpec, connectionId: string, error: unknown) => {
    log.error('a stored connection could not be started', { connectionId, error });
    messages.add('error', `“${setName}” could not be started again: ${callErrorText(error)}`, connectionId);
  };
  await replicas.admitStored((spec, error) => tellFailure(spec, spec.connectionId, error));
  lines.configureStored();
  connections.openStored((spec, error) => tellFailure(spec, spec.id, error));
  const verifySchedule = new VerifySchedule({
    clock,
    connections: () => connections.list(),
    start: (connectionId, verifyOptions) =>
      connections.command(connectionId, { kind: 'start-verify', options: verifyOptions, startedBy: 'schedule' }),
    log,
  });
  closers.add('the schedule of verifications', () => verifySchedule.close());
  const pauseWatch = new PauseWatch({
    clock,
    connections: () => connections.list(),
    resume: (connectionId) => connections.command(connectionId, { kind: 'resume-transmission' }),
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
    onChange: () => publish('connections', connections.list()),
    log,
  });
  closers.add('the watch over pauses', () => pauseWatch.close());
  const snapshotSchedule = new SnapshotSchedule({
    clock,
    timeZone: () => ownSettings.value.clock.timeZone,
    replicas: () => replicas.list(),
    list: (connectionId) => replicator.snapshots(connectionId),
    take: (input) => snapshots.take(input),
    delete: (connectionId, id, by) => snapshots.delete(connectionId, id, by),
    tell: (severity, text, connectionId) => messages.add(severity, text, connectionId),
    log,
  });
  closers.add('the schedule of snapshots', () => snapshotSchedule.close());
  rotations.start();
  closers.add('rotations', () => rotations.close());
  parkSchedules.start();
  closers.add('schedules of parking', () => parkSchedules.close());
  windows.start();
  closers.add('backup windows', () => windows.close());
  restores.start();
  closers.add('restores', () => restores.close());
  const controlServer = await startControlServer({
    ...options.control,
    ...identity,
    name,
    program: PROGRAM_VERSION,
    answerer,
    log,
  });
  opened.control = controlServer;
  closers.add('the control port', () => controlServer.close());
  const { address } = controlServer;
  lock.announce(formatAddress(address));
  log.info('service started', { name, control: address, data, fingerprint: identity.fingerprint, version: PROGRAM_VERSION });
  closers.add('the last word', () => log.info('service stops'));
  return {
    answerer,
    info: serverInfo(),
    control: address,
    data,
    log,
    announce: (where) => lock.announce(where),
    close: () => closers.closeAll(),
  };
}

/** What a person just typed must be there; a stored volume may come back with its disk. */
function checkFolders(given: readonly Volume[]): void {
  for (const { name, folder } of given) {
    const stat = statSync(folder, { throwIfNoEntry: false });
    const what = stat === undefined ? 'does not exist' : 'is not a folder';
    if (stat?.isDirectory() !== true)
      throw new ReplicationError('bad-input', { text: `the folder of volume ${name} ${what}: ${folder}` });
  }
}

function checkVolumes(volumes: readonly Volume[]): void {
  const bad = volumes.find(({ folder }) => !isAbsolute(folder));
  if (bad) throw new ReplicationError('bad-input', { text: `the folder of volume ${bad.name} is not absolute: ${bad.folder}` });
}

function captureOf(platform: NodeJS.Platform): ServerInfo['capture'] {
  return platform === 'linux'
    ? {
        method: 'fanotify or inotify',
        why: 'Linux tells each change, with both names of a rename; each connection says which of the two.',
      }
    : { method: 'none', why: 'This version notices changes on Linux only; elsewhere it mirrors.' };
}
