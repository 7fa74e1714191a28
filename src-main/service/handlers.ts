import {
  initialLineSettings,
  type ConnectionId,
  type ConnectionSnapshot,
  type MirrorOptions,
  type Updates,
  type ServerInfo,
  type SessionInfo,
  type SetRule,
  type UpdateName,
} from '../api/index.ts';
import { invariant } from '../base/index.ts';
import type { Handlers, Peer } from '../control/index.ts';
import { planSchedule, resolveTargetPath, type Replicator, type Volume } from '../engine/connection/index.ts';
import type { Accounts } from './accounts.ts';
import type { Audit } from './audit.ts';
import type { BackupWindows } from './backup/index.ts';
import { changed } from './change-settings.ts';
import type { Connections } from './connections.ts';
import { listFolder } from './folders.ts';
import type { Lines } from './lines.ts';
import { listKept, listOrphans, purgeKept } from './leftovers.ts';
import type { Messages } from './messages.ts';
import type { Replicas } from './replicas.ts';
import { hashOriginal, type Restores } from './restore/index.ts';
import { mapText } from './same-map.ts';
import type { Rotations } from './rotations/index.ts';
import { checkParkTimes } from './parks/index.ts';
import type { OwnSettings } from './own-settings.ts';
import type { Sets } from './sets.ts';
import { checkSnapshotTimes, type Snapshots } from './snapshots/index.ts';

/** The parts of a running service that its calls are made of. */
export interface Parts {
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly connections: Connections;
  readonly lines: Lines;
  readonly messages: Messages;
  readonly ownSettings: OwnSettings;
  readonly replicas: Replicas;
  readonly replicator: Replicator;
  readonly restores: Restores;
  readonly rotations: Rotations;
  readonly sets: Sets;
  readonly snapshots: Snapshots;
  readonly volumes: readonly Volume[];
  readonly windows: BackupWindows;
  readonly serverInfo: () => ServerInfo;
  /** Rejects while somebody reads the replica. */
  readonly reconnect: (connectionId: ConnectionId, mirror: MirrorOptions | null) => Promise<ConnectionSnapshot>;
  readonly publish: <K extends UpdateName>(name: K, value: Updates[K]) => void;
}

/** Every call of the contract, in its order. Input is checked and the caller may do it; see control/answerer.ts. */
export function createHandlers(parts: Parts): Handlers {
  const { accounts, audit, connections, lines, messages, ownSettings, replicas, replicator, volumes } = parts;
  const { restores, rotations, sets, snapshots, windows } = parts;
  const sessionInfo = (peer: Peer): SessionInfo => {
    invariant(peer.user !== null && peer.role !== null, 'a session has a user once its role was checked');
    return { user: peer.user, role: peer.role, server: parts.serverInfo() };
  };
  /** A path that cannot be meant on this server is refused while it is typed, not at the connect. */
  const checkRules = (rules: readonly SetRule[]) => {
    for (const { path } of rules) resolveTargetPath(path, volumes);
  };
  return {
    'session.login': async ({ user, password }, peer) => {
      await accounts.login(peer, user, password);
      return sessionInfo(peer);
    },
    'session.info': (_, peer) => sessionInfo(peer),
    'server.info': () => parts.serverInfo(),
    'folder.list': ({ path, files }) => listFolder(path, files, volumes),
    'set.list': () => sets.list(),
    'set.get': ({ name }) => sets.get(name),
    'set.create': ({ name }) => sets.create(name),
    'set.add-rule': ({ name, rule }) => {
      checkRules([rule]);
      return sets.addRule(name, rule);
    },
    'set.remove-rule': ({ name, path }) => sets.removeRule(name, path),
    'set.replace-rules': ({ name, rules }) => {
      checkRules(rules);
      return sets.replaceRules(name, rules);
    },
    'set.save': ({ name }) => sets.save(name),
    'set.delete': async ({ name }) => {
      await sets.delete(name);
      return null;
    },
    'set.calculate': async ({ rules }) => {
      const size = await replicator.calculate(rules);
      sets.noteSize(rules, { ...size, at: new Date().toISOString() });
      return size;
    },
    'account.list': () => accounts.list(),
    'account.create': ({ name, password, role }) => accounts.create(name, password, role),
    'account.delete': async ({ name }, peer) => {
      await accounts.delete(name, { mayRemoveLastAdmin: peer.isTrusted });
      return null;
    },
    'account.set-password': async ({ name, password }) => {
      await accounts.setPassword(name, password);
      return null;
    },
    'account.set-role': ({ name, role }) => accounts.setRole(name, role),
    'audit.list': ({ limit }) => audit.list(limit),
    'message.list': ({ afterId, limit }) => messages.list(afterId, limit),
    'connection.preview': ({ rules, map }) => replicator.preview(rules, map),
    'connection.prepare': (input) => connections.prepare(input),
    'replica.admit': async ({ offer }, peer) => {
      const admission = await replicas.admit(offer);
      messages.add('info', `${who(peer)} admitted a replica of “${offer.setName}” from ${offer.sourceName}.`, offer.connectionId);
      parts.publish('replicas', replicas.list());
      return admission;
    },
    'replica.list': () => replicas.list(),
    'replica.hold': async ({ connectionId, reason }, peer) => {
      windows.refuseOpen('target', connectionId);
      await replicator.hold(connectionId, { owner: who(peer), reason, since: new Date().toISOString() });
      messages.add('info', `${who(peer)} holds a replica: changes are kept and not applied.`, connectionId);
      return null;
    },
    'replica.resume': async ({ connectionId }, peer) => {
      windows.refuseOpen('target', connectionId);
      await replicator.hold(connectionId, null);
      messages.add('info', `${who(peer)} ended the hold of a replica.`, connectionId);
      return null;
    },
    'replica.accept-drift': ({ connectionId }, peer) => {
      replicator.acceptDrift(connectionId);
      messages.add('info', `${who(peer)} accepted the changes that others made in a replica.`, connectionId);
      return null;
    },
    'certificate.make': async ({ connectionId, full }, peer) => {
      await replicator.certify(connectionId, { kind: 'make', startedBy: who(peer), isFull: full });
      return null;
    },
    'certificate.stop': async ({ connectionId }) => {
      await replicator.certify(connectionId, { kind: 'stop' });
      return null;
    },
    'certificate.list': ({ connectionId }) => replicator.certificates(connectionId),
    'certificate.read': ({ connectionId, certificateId, ...request }) =>
      replicator.certificatePart(connectionId, { id: certificateId, ...request }),
    'certificate.delete': ({ connectionId, certificateId }, peer) => {
      replicator.deleteCertificate(connectionId, certificateId);
      messages.add('info', `${who(peer)} deleted the certificate ${certificateId}.`, connectionId);
      return null;
    },
    'snapshot.take': ({ connectionId, name, fileLevel }, peer) =>
      snapshots.take({ connectionId, name, takenBy: who(peer), isScheduled: false, isFileLevelEnough: fileLevel }),
    'snapshot.list': ({ connectionId }) => replicator.snapshots(connectionId),
    'snapshot.revert': ({ connectionId, snapshotId }, peer) => snapshots.revert(connectionId, snapshotId, who(peer)),
    'snapshot.delete': async ({ connectionId, snapshotId }, peer) => {
      await snapshots.delete(connectionId, snapshotId, who(peer));
      return null;
    },
    'replica.changes': ({ connectionId, since, removed, after, limit }) =>
      replicator.changes(connectionId, { sinceMs: Date.parse(since), isRemoved: removed, after, limit }),
    'replica.release': async ({ connectionId }, peer) => {
      windows.refuseOpen('target', connectionId); // what was kept back during its hold would be applied
      await replicas.release(connectionId);
      messages.add('info', `${who(peer)} released a replica. Its files stay where they are.`, connectionId);
      parts.publish('replicas', replicas.list());
      return null;
    },
    'connection.create': async (input, peer) => {
      checkParkTimes(input.settings ?? {});
      const snapshot = await connections.create(input);
      const { number, setName, targetName, map } = snapshot;
      messages.add(
        'info',
        `${who(peer)} connected “${setName}” to ${targetName} (connection ${number}, ${mapText(map)}).`,
        snapshot.id,
      );
      return snapshot;
    },
    'connection.list': () => connections.list(),
    'connection.get': ({ connectionId }) => connections.get(connectionId),
    'connection.preserved': ({ connectionId }) => connections.preserved(connectionId),
    'connection.find': (input) => connections.find(input),
    'connection.disconnect': async ({ connectionId }, peer) => {
      const { setName, targetName } = await connections.disconnect(connectionId);
      messages.add('info', `${who(peer)} disconnected “${setName}” from ${targetName}.`, connectionId);
      parts.publish('connections', connections.list());
      return null;
    },
    'connection.configure': (input) => {
      checkParkTimes(input.settings);
      return connections.configure(input);
    },
    'line.configure': (input) => lines.configure(input),
    'line.list': () => lines.list(),
    'schedule.preview': ({ settings }) => {
      const { schedule } = changed(initialLineSettings, settings);
      return planSchedule(schedule, ownSettings.value.clock.timeZone, Date.now());
    },
    'replica.configure': (input) => {
      checkSnapshotTimes(input.settings);
      return replicas.configure(input);
    },
    'service.configure': ({ settings }) => ownSettings.configure(settings),
    'service.settings': () => ownSettings.value,
    'connection.park': ({ connectionId, reason }, peer) =>
      connections.command(connectionId, { kind: 'park', owner: who(peer), reason }),
    'connection.reconnect': ({ connectionId, mirror }) => parts.reconnect(connectionId, mirror),
    'connection.answer': ({ connectionId, answer }) => connections.command(connectionId, { kind: 'answer', answer }),
    'mirror.start': ({ connectionId, options }) => connections.command(connectionId, { kind: 'start-mirror', options }),
    'mirror.plan': ({ connectionId, options }, peer) =>
      connections.command(connectionId, { kind: 'start-plan', options, startedBy: who(peer) }),
    'mirror.stop-plan': ({ connectionId }) => connections.command(connectionId, { kind: 'stop-plan' }),
    'mirror.planned': ({ connectionId, ...request }) => replicator.plannedMirror(connectionId, request),
    'mirror.stop': ({ connectionId }) => connections.command(connectionId, { kind: 'stop-mirror' }),
    'mirror.pause': ({ connectionId }) => connections.command(connectionId, { kind: 'pause-mirror' }),
    'mirror.resume': ({ connectionId }) => connections.command(connectionId, { kind: 'resume-mirror' }),
    'verify.start': ({ connectionId, options }, peer) =>
      connections.command(connectionId, { kind: 'start-verify', options, startedBy: who(peer) }),
    'verify.stop': ({ connectionId }, peer) => connections.command(connectionId, { kind: 'stop-verify', owner: who(peer) }),
    'verify.list': ({ connectionId }) => replicator.verifyReports(connectionId),
    'verify.report': ({ connectionId, ...request }) => replicator.verifyReport(connectionId, request),
    'orphans.start': ({ connectionId }) => connections.command(connectionId, { kind: 'start-orphans' }),
    'orphans.stop': ({ connectionId }) => connections.command(connectionId, { kind: 'stop-orphans' }),
    'replica.orphans': (input) => listOrphans(replicator, input),
    'replica.kept': (input) => listKept(replicator, input),
    'replica.purge-kept': async (input, peer) => {
      windows.refuseOpen('target', input.connectionId);
      const result = await purgeKept(replicator, input);
      const { removed, removedBytes, stayed } = result;
      messages.add(
        'info',
        `${who(peer)} purged kept deleted files: ${removed} removed (${removedBytes} bytes), ${stayed} stayed.`,
        input.connectionId,
      );
      return result;
    },
    'transmission.pause': ({ connectionId, reason }, peer) =>
      connections.command(connectionId, { kind: 'pause-transmission', owner: who(peer), reason }),
    'transmission.resume': ({ connectionId }) => {
      windows.refuseOpen('source', connectionId);
      return connections.command(connectionId, { kind: 'resume-transmission' });
    },
    'transmission.stop': ({ connectionId, reason }, peer) => {
      windows.refuseOpen('source', connectionId);
      return connections.command(connectionId, { kind: 'stop-transmission', owner: who(peer), reason });
    },
    'transmission.start': ({ connectionId }) => {
      windows.refuseOpen('source', connectionId);
      return connections.command(connectionId, { kind: 'start-transmission' });
    },
    'rotation.list': () => rotations.list(),
    'rotation.create': ({ name }) => rotations.create(name),
    'rotation.delete': async ({ rotation }) => {
      await rotations.delete(rotation);
      return null;
    },
    'rotation.add-slot': (input) => rotations.addSlot(input),
    'rotation.remove-slot': (input) => rotations.removeSlot(input),
    'rotation.configure': (input) => rotations.configure(input),
    'rotation.run-now': (input) => rotations.runNow(input),
    'rotation.skip-next': ({ rotation }) => rotations.skipNext(rotation),
    'rotation.preview': (input) => rotations.preview(input),
    'rotation.preview-draft': (input) => rotations.previewDraft(input),
    'rotation.use': (input, peer) => rotations.use(input, who(peer)),
    'rotation.release': (input) => {
      windows.refuseSlot(input.rotation, input.slot);
      return rotations.release(input);
    },
    'backup.look': (input) => windows.look(input),
    'backup.begin': (input) => windows.begin(input),
    'backup.end': (input) => windows.end(input),
    'backup.list': () => windows.list(),
    'backup.views': () => windows.views(),
    'restore.sample': (input) => restores.sample(input),
    'restore.prepare': (input) => restores.prepare(input),
    'restore.start': (input, peer) => restores.begin(input, who(peer)),
    'restore.go': ({ restoreId }) => restores.go(restoreId),
    'restore.cancel': ({ restoreId }, peer) => restores.cancel(restoreId, who(peer)),
    'restore.list': () => restores.list(),
    'restore.get': ({ restoreId }) => restores.get(restoreId),
    'connection.hash-file': ({ connectionId, path }) => hashOriginal(path, connections.get(connectionId).roots, volumes),
  };
}

function who(peer: Peer): string {
  return peer.user ?? 'Somebody';
}
