import {
  initialLineSettings,
  type CallInput,
  type CallName,
  type ConnectionSnapshot,
  type KnownServer,
} from '../../../src-main/api/index.ts';
import { planSchedule } from '../../../src-main/engine/schedule/index.ts';
import { accountCalls } from './account-calls.ts';
import { backupCalls } from './backups.ts';
import { certificateCalls } from './certificate-calls.ts';
import { FakeFailure } from './failure.ts';
import { orphans } from './leftovers.ts';
import { mapped, startMirror } from './motion.ts';
import { ago, fingerprintOf, listFolder, preserved } from './samples.ts';
import { planned, planPage } from './plans.ts';
import { parking, reconnecting } from './rotations.ts';
import { rotationCalls } from './rotation-calls.ts';
import { reportPage, verified } from './verifications.ts';
import { restoreCalls, restorePlanPage, restoreReportPage } from './restores.ts';
import { snapshotCalls } from './snapshot-calls.ts';
import type { FakeWorld } from './world.ts';

/** Where a call of a service is answered. */
export interface ServiceAt {
  readonly world: FakeWorld;
  readonly serverId: string;
  readonly server: KnownServer;
}
type ServiceCalls = { readonly [K in CallName]?: (at: ServiceAt, input: CallInput<K>) => unknown };

function changing<I extends { readonly connectionId: string }>(
  change: (one: ConnectionSnapshot, input: I) => Partial<ConnectionSnapshot>,
) {
  return ({ world, serverId }: ServiceAt, input: I) => world.change(serverId, input.connectionId, (one) => change(one, input));
}

const sending = (): Partial<ConnectionSnapshot> => ({
  transmission: { kind: 'active', since: ago(0) },
  holds: [],
  link: { kind: 'up', since: ago(0) },
});

/** What the fake services answer. A call that is not here is refused. */
export const serviceCalls: ServiceCalls = {
  ...rotationCalls,
  ...backupCalls,
  ...accountCalls,
  ...certificateCalls,
  ...snapshotCalls,
  ...restoreCalls,
  'server.info': ({ serverId, server }) => ({
    serverId,
    name: server.name,
    version: '0.1.0',
    platform: 'Linux 6.1',
    fingerprint: fingerprintOf(serverId),
    controlAddress: server.address,
    dataAddress: server.address.replace('6320', '6321'),
    volumes: serverId === 'alpha' ? [{ name: 'C', folder: '/srv/c' }] : [],
    startedAt: ago(90_000),
    capture: { method: 'inotify', why: 'Linux without the rights for fanotify.' },
  }),
  'folder.list': (_, { path, files }) => {
    const entries = listFolder(path, files);
    if (entries === null) throw new FakeFailure('permission-denied', `${path ?? ''} cannot be listed: permission denied.`);
    return entries;
  },
  'set.list': ({ world, serverId }) => world.setsOf(serverId),
  'set.create': ({ world, serverId }, { name }) =>
    world.changeSets(serverId, name, (set) => {
      if (set !== undefined) throw new FakeFailure('set-exists', `A set called ${name} exists already. Choose another name.`);
      return { name, rules: [], saved: false, connectionIds: [], size: null };
    }),
  'set.replace-rules': ({ world, serverId }, { name, rules }) =>
    world.changeSets(serverId, name, () => ({ ...world.set(serverId, name), rules, saved: false })),
  'set.save': ({ world, serverId }, { name }) =>
    world.changeSets(serverId, name, () => ({ ...world.set(serverId, name), saved: true })),
  'set.delete': ({ world, serverId }, { name }) => world.deleteSet(serverId, name),
  'set.calculate': () => ({ files: 18_231, folders: 1290, bytes: 48_318_382_080 }),
  'message.list': ({ world, serverId }) => world.messages.get(serverId) ?? [],
  'replica.list': ({ world, serverId }) => (serverId === 'beta' ? world.replicas : []),
  'replica.hold': ({ world }, { connectionId, reason }) =>
    world.changeReplica(connectionId, () => ({
      state: 'held',
      hold: { owner: 'console', reason, since: ago(0), isEffective: true },
    })),
  'replica.resume': ({ world }, { connectionId }) =>
    world.changeReplica(connectionId, () => ({ state: 'receiving', hold: null })),
  'replica.configure': ({ world }, { connectionId, settings }) =>
    world.changeReplica(connectionId, (one) => ({ settings: configured(one.settings, settings) })),
  'replica.accept-drift': ({ world }, { connectionId }) =>
    world.changeReplica(connectionId, () => ({ drift: { count: 0, newest: [] } })),
  'replica.kept': ({ world }, { search, limit }) => {
    const entries = world.kept.filter((entry) => entry.path.includes(search));
    return { count: entries.length, bytes: entries.length * 18_200, entries: entries.slice(0, limit) };
  },
  'replica.purge-kept': ({ world }, { search }) => {
    const before = world.kept.length;
    world.kept = world.kept.filter((entry) => !entry.path.includes(search));
    const removed = before - world.kept.length;
    return { removed, removedBytes: removed * 18_200, stayed: 0 };
  },
  'replica.orphans': () => orphans(),
  'orphans.start': changing(() => ({
    orphans: { state: 'searching', startedAt: ago(0), endedAt: null, foldersSeen: 120, found: 2, foundBytes: 36_400 },
  })),
  'orphans.stop': changing((one) => ({
    orphans: one.orphans && { ...one.orphans, state: 'stopped', endedAt: ago(0) },
  })),
  'connection.list': ({ world, serverId }) => world.connectionsOf(serverId),
  'connection.find': ({ world, serverId }, { setName, target }) =>
    world
      .connectionsOf(serverId)
      .find((one) => one.setName === setName && [one.targetName, one.targetFingerprint].includes(target)),
  'connection.preview': (_, { rules, map }) => mapped(rules, map),
  'connection.disconnect': ({ world, serverId }, { connectionId }) => world.disconnect(serverId, connectionId),
  'connection.answer': changing(() => ({ halt: null, replication: 'replicating', targetData: 'good' })),
  'connection.configure': changing<CallInput<'connection.configure'>>((one, { settings }) => ({
    settings: configured(one.settings, settings),
  })),
  'connection.park': changing<CallInput<'connection.park'>>((one, { reason }) => parking(one, 'console', reason)),
  'connection.reconnect': changing<CallInput<'connection.reconnect'>>((one, { mirror }) => reconnecting(one, mirror)),
  'connection.preserved': ({ world, serverId }, { connectionId }) =>
    preserved(world.connectionsOf(serverId).find((one) => one.id === connectionId)?.roots ?? []),
  'schedule.preview': (_, { settings }) => {
    const { schedule } = configured(initialLineSettings, settings);
    return planSchedule(schedule, 'Europe/Berlin', Date.now());
  },
  'line.configure': ({ world, serverId }, { targetFingerprint, settings }) => {
    const same = world.connectionsOf(serverId).filter((one) => one.targetFingerprint === targetFingerprint);
    const changed = same.map((one) =>
      world.change(serverId, one.id, () => ({ line: { ...one.line, settings: configured(one.line.settings, settings) } })),
    );
    return changed[0]?.line;
  },
  'service.settings': ({ world }) => world.serviceSettings,
  'service.configure': ({ world }, { settings }) => (world.serviceSettings = configured(world.serviceSettings, settings)),
  'verify.start': ({ world, serverId }, { connectionId, options }) =>
    world.change(serverId, connectionId, (one) => {
      const summary = verified(one, options, world.verifications.length + 1);
      world.verifications.unshift(summary);
      return { verify: { ...one.verify, last: summary } };
    }),
  'verify.list': ({ world }, { connectionId }) => world.verifications.filter((one) => one.connectionId === connectionId),
  'verify.report': ({ world }, input) => {
    const { reportId, offset, limit } = input;
    const restored = restoreReportPage(world.restores, input);
    if (restored !== null) return restored;
    const summary = world.verifications.find((one) => one.id === reportId);
    if (summary === undefined) throw new FakeFailure('not-found', 'There is no such report.');
    return reportPage(summary, offset, limit);
  },
  'transmission.pause': changing<CallInput<'transmission.pause'>>((_, { reason }) => ({
    transmission: { kind: 'pausing', since: ago(0), owner: 'console', reason },
  })),
  'transmission.stop': changing<CallInput<'transmission.stop'>>((_, { reason }) => ({
    transmission: { kind: 'stopped', since: ago(0), owner: 'console', reason },
    link: { kind: 'stopped', since: ago(0) },
  })),
  'transmission.resume': changing(sending),
  'transmission.start': changing(sending),
  'mirror.start': changing<CallInput<'mirror.start'>>((one, { options }) => startMirror(one, options)),
  'mirror.plan': changing<CallInput<'mirror.plan'>>((one, { options }) => ({
    plan: { run: null, last: planned(one, options), question: null },
  })),
  'mirror.planned': ({ world, serverId }, input) => {
    const { connectionId, action, offset, limit } = input;
    const restored = restorePlanPage(world.restores, input);
    if (restored !== null) return restored;
    const last = world.connectionsOf(serverId).find((one) => one.id === connectionId)?.plan.last;
    if (last == null) throw new FakeFailure('not-found', 'There is no plan.');
    return planPage(last, action, offset, limit);
  },
  'mirror.stop': changing(() => ({ mirror: { kind: 'idle', lastCompletedAt: null }, targetData: 'mirror-required' })),
  'mirror.pause': changing(({ mirror }) => (mirror.kind === 'idle' ? {} : { mirror: { ...mirror, kind: 'paused' } })),
  'mirror.resume': changing(({ mirror }) => (mirror.kind === 'idle' ? {} : { mirror: { ...mirror, kind: 'mirroring' } })),
};

/** Settings with some of them changed, section by section. */
function configured<S extends Readonly<Record<string, object>>>(
  settings: S,
  change: Readonly<Record<string, object | undefined>>,
): S {
  const sections = Object.entries(settings).map(([section, values]) => [section, { ...values, ...change[section] }]);
  return Object.fromEntries(sections) as S; // the same sections with the same names
}
