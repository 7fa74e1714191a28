import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionSnapshot, MappedRoot, MapSpec, MirrorOptions, SetRule } from '../../api/index.ts';
import { describeError, rawName, ReplicationError, makeFolders } from '../../base/index.ts';
import { codedError, keepAllocatorLean, keepPrompt, programPagesDropper, statEntry } from '../fs/index.ts';
import { compileRules, findLoop, resolveMap, resolveTargetPath } from '../model/index.ts';
import { Calculator } from './calculator.ts';
import type { ConnectionSpec, EngineEvent, Replicator, ReplicatorOptions } from './replicator-api.ts';
import { diskPlaces, findSharedFolder, isThisMachine } from './same-disk.ts';
import { CommonCuts } from './source/common-cuts.ts';
import { FreezeTurns } from './source/hooks/freeze-turns.ts';
import { KeptSchedules } from './source/kept-schedules.ts';
import { SourceHost, unknownConnection } from './source/source-host.ts';
import { SourceThreads } from './source/source-threads.ts';
import { Lines } from './source/lines.ts';
import { SharedCapture } from './source/shared-capture.ts';
import { checkPagefile, pagefileFolder, refuseOwnFolders } from './source/own-folders.ts';
import { checkRoots } from './target/check-roots.ts';
import { shownSnapshot, shownSnapshots } from './target/snapshots/shown-snapshot.ts';
import { certificatesFolder, snapshotsFolder, TargetHost } from './target/target-host.ts';
import { certificateFiles, certificatesIn, listAllCertificates, readCertificatePart, readChanges } from '../backup/index.ts';
import { readPlan } from '../mirror/index.ts';
import { listAllReports, readReport, reportsIn } from '../verify/index.ts';

/** Every console hears of changes at most this often. */
const PUBLISH_MS = 250;

/** By then threads that were started are past what only their start needs. */
const THREADS_STARTED_MS = 3_000;

/** The real engine. */
export function createReplicator(options: ReplicatorOptions): Replicator {
  const { volumes, identity, log, onEvent } = options;
  const sourceFolder = join(options.dataDir, 'source');
  const hosts = new Map<string, SourceHost>();
  const captures = new SharedCapture();
  const sources = new SourceThreads();
  const calculator = new Calculator();
  const freezeTurns = new FreezeTurns();
  const commonCuts = new CommonCuts();
  const scheduleFile = join(sourceFolder, 'schedules.json');
  const tellLine = (targetFingerprint: string, severity: EngineEvent['severity'], text: string) => {
    const host = [...hosts.values()].find((one) => one.targetFingerprint === targetFingerprint);
    if (host !== undefined) onEvent({ severity, connectionId: null, text: `${host.snapshot().targetName}: ${text}` });
    publish();
  };
  makeFolders(sourceFolder, 0o700);
  const lines = new Lines({
    timeZone: options.settings.clock.timeZone,
    nowMs: () => Date.now(),
    kept: new KeptSchedules(scheduleFile),
    onChange: (targetFingerprint, text) => tellLine(targetFingerprint, 'info', text),
    onNotKept(targetFingerprint, error) {
      const { code, details } = codedError(error, scheduleFile);
      const text = `The schedule's state cannot be written, and no new session begins until it can. ${describeError(code, details).cause}`;
      tellLine(targetFingerprint, 'warning', text);
    },
  });
  const closing = new AbortController();
  keepAllocatorLean();
  keepPrompt();
  const dropProgramPages = programPagesDropper();
  let startTimer: NodeJS.Timeout | undefined;
  const threadsStart = () => {
    clearTimeout(startTimer);
    startTimer = setTimeout(dropProgramPages, THREADS_STARTED_MS).unref();
  };
  threadsStart();
  let publishTimer: NodeJS.Timeout | undefined;
  const target = new TargetHost({
    dataDir: options.dataDir,
    identity,
    host: options.dataHost,
    port: options.dataPort,
    log,
    onReplicas: options.onReplicas,
    onEvent,
    onReleased: options.onReleased,
  });

  const connections = (): ConnectionSnapshot[] => [...hosts.values()].map((host) => host.snapshot());
  const publish = () => {
    publishTimer ??= setTimeout(() => {
      publishTimer = undefined;
      options.onConnections(connections());
    }, PUBLISH_MS);
  };
  const hostOf = (connectionId: string): SourceHost => {
    const host = hosts.get(connectionId);
    if (host === undefined) throw unknownConnection(connectionId);
    return host;
  };
  let serviceSettings = options.settings;
  const queueFolder = (connectionId: string) => join(pagefileFolder(serviceSettings, options), connectionId);
  const catalogFile = (connectionId: string) => join(sourceFolder, `${connectionId}.catalog`);
  const verifyFolder = (connectionId: string) => join(options.dataDir, 'verify', connectionId);
  const planFolder = (connectionId: string) => join(options.dataDir, 'plans', connectionId);
  const certificateFolder = (connectionId: string) => join(certificatesFolder(options.dataDir), connectionId);
  const certificatesOf = (connectionId: string) => certificatesIn(certificateFolder(connectionId), Infinity).list();
  const preview = (rules: readonly SetRule[], map: MapSpec): readonly MappedRoot[] =>
    resolveMap(compileRules(rules, volumes), map, volumes);

  const refuseLoopHere = (rules: readonly SetRule[], roots: readonly MappedRoot[]): void => {
    const compiled = compileRules(rules, volumes);
    const loop = findLoop(roots, (path, isFolder) => compiled.selects(path, isFolder));
    if (loop !== null) throw new ReplicationError('map-loop', { path: loop.to, source: loop.from });
  };

  return {
    listen: () => target.listen(),
    // Who asks waits for it, and for no other set.
    async calculate(rules) {
      const { files, folders, bytes } = await new Calculator().sum(rules, volumes, closing.signal);
      return { files, folders, bytes };
    },
    preview,
    prepare(rules, map, targetFingerprint) {
      const compiled = compileRules(rules, volumes);
      refuseOwnFolders(compiled, [options.dataDir, pagefileFolder(serviceSettings, options)]);
      const roots = resolveMap(compiled, map, volumes);
      for (const { from } of roots) {
        if (statEntry(rawName(from)) === null) throw new ReplicationError('not-found', { path: from });
      }
      if (targetFingerprint === identity.fingerprint) {
        refuseLoopHere(
          rules,
          roots.map(({ from, to }) => ({ from, to: resolveTargetPath(to, volumes) })),
        );
      }
      return roots;
    },
    refuseLoop(rules, roots, disk) {
      if (disk === null || isThisMachine(disk) !== true) return;
      const compiled = compileRules(rules, volumes);
      const shared = findSharedFolder(roots, disk, (path, isFolder) => compiled.selects(path, isFolder));
      if (shared !== null) throw new ReplicationError('map-loop', { path: shared.to, source: shared.from });
    },
    diskPlaces,
    checkRoots: (roots, namesInside) => checkRoots(roots, volumes, target.specs(), namesInside),
    admit(spec) {
      threadsStart();
      return target.admit(spec);
    },
    release: (connectionId) => target.release(connectionId),
    hold: (connectionId, hold) => target.hold(connectionId, hold),
    replicas: () => target.replicas(),
    acceptDrift: (connectionId) => target.acceptDrift(connectionId),
    askReplica: (connectionId, question) => target.ask(connectionId, question),
    certify: (connectionId, order) => target.certify(connectionId, order),
    certificates: (connectionId) =>
      connectionId === null ? listAllCertificates(certificatesFolder(options.dataDir)) : certificatesOf(connectionId),
    certificatePart: (connectionId, request) => readCertificatePart(certificateFolder(connectionId), request),
    newestCertificate(connectionId) {
      const folder = certificateFolder(connectionId);
      const newest = certificatesIn(folder, Infinity).newest();
      return newest === null ? null : { id: newest.id, file: certificateFiles(folder, newest.id).file };
    },
    deleteCertificate(connectionId, id) {
      certificatesIn(certificateFolder(connectionId), Infinity).remove(id);
      target.certificateDeleted(connectionId);
    },
    async snapshot(connectionId, order) {
      const record = await target.snapshot(connectionId, order);
      return record === null ? null : shownSnapshot(record, certificatesOf);
    },
    snapshots: (connectionId) => shownSnapshots(snapshotsFolder(options.dataDir), connectionId, certificatesOf),
    changes(connectionId, request) {
      const spec = target.specs().find((known) => known.connectionId === connectionId);
      if (spec === undefined) throw unknownConnection(connectionId);
      return readChanges(target.indexFile(connectionId), spec.roots, request);
    },
    open(spec: ConnectionSpec, number: number, start: { mirror: MirrorOptions | null; isNew: boolean }) {
      const host = new SourceHost({
        spec,
        number,
        ...start,
        identity,
        volumes,
        catalogFile: catalogFile(spec.id),
        verifyFolder: verifyFolder(spec.id),
        planFolder: planFolder(spec.id),
        queueFolder: queueFolder(spec.id),
        log,
        line: lines.of(spec.targetFingerprint),
        onChange: publish,
        onEvent,
        threads: sources,
        calculator,
        captures,
        freezeTurns,
        commonCuts,
        hooksOf: (connectionId) => hosts.get(connectionId)?.hookSettings ?? null,
        onProgram: options.onProgram,
      });
      hosts.set(spec.id, host);
      threadsStart();
      publish();
    },
    async disconnect(connectionId) {
      const host = hostOf(connectionId);
      const { targetName, setName } = host.snapshot();
      const isConfirmed = await host.disconnect();
      hosts.delete(connectionId);
      lines.of(host.targetFingerprint).leave(host);
      publish();
      for (const suffix of ['', '-wal', '-shm', '.bell', '.thaw']) rmSync(catalogFile(connectionId) + suffix, { force: true });
      rmSync(planFolder(connectionId), { recursive: true, force: true });
      if (!isConfirmed) {
        onEvent({
          severity: 'warning',
          connectionId,
          text: `${setName} → ${targetName}: disconnected, but ${targetName} could not be told. It still keeps the replica's admission; release it there.`,
        });
      }
      return isConfirmed;
    },
    command(connectionId, command) {
      const host = hostOf(connectionId);
      if (command.kind === 'start-transmission') lines.of(host.targetFingerprint).start();
      host.command(command);
      return host.snapshot();
    },
    verifyReports: (connectionId) =>
      connectionId === null ? listAllReports(join(options.dataDir, 'verify')) : reportsIn(verifyFolder(connectionId)).list(),
    verifyReport: (connectionId, { reportId, offset, limit }) =>
      readReport(verifyFolder(connectionId), { id: reportId, offset, limit }),
    plannedMirror(connectionId, { planId, ...page }) {
      hostOf(connectionId);
      return readPlan(planFolder(connectionId), { id: planId, ...page });
    },
    connections,
    preserved: (connectionId) => hostOf(connectionId).preserved,
    configureReplica: (connectionId, settings) => target.configure(connectionId, settings),
    configureLine(targetFingerprint, settings) {
      publish();
      return lines.configure(targetFingerprint, settings);
    },
    lines: () => lines.list(),
    checkService: (settings) =>
      checkPagefile(
        settings,
        options,
        [...hosts.values()].map((host) => host.spec),
      ),
    configureService(settings) {
      serviceSettings = settings;
      lines.setTimeZone(settings.clock.timeZone);
    },
    async close() {
      closing.abort();
      lines.stop();
      await Promise.all([...hosts.values()].map((host) => host.close()));
      await lines.close();
      await target.close();
      clearTimeout(publishTimer);
      clearTimeout(startTimer);
    },
  };
}
