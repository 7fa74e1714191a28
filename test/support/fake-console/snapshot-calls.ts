import type { CallInput, ReplicaSnapshot, StoredSnapshot } from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { ago } from './samples.ts';
import type { ServiceAt } from './service-calls.ts';
import type { FakeWorld } from './world.ts';

type Of = Pick<ReplicaSnapshot, 'connectionId' | 'setName' | 'sourceName' | 'roots' | 'cut' | 'appliedSequence'>;

/** A snapshot of a replica; `number` makes its id and age. */
export function storedSnapshot(of: Of, number: number, change: Partial<StoredSnapshot> = {}): StoredSnapshot {
  const { connectionId, setName, sourceName, roots, cut, appliedSequence } = of;
  const id = `2026-11-22T11-00-0${number}-000Z`;
  return {
    ...{ id, connectionId, setName, sourceName, cut, appliedSequence },
    takenAt: ago(86_400 * (9 - number)),
    takenBy: 'ops',
    name: '',
    isScheduled: false,
    isGood: true,
    roots: roots.map((root) => ({
      ...root,
      place: `${root.to.replace(/[^/]+$/, '')}.understudy-stage/snapshots/${connectionId}/${id}/0`,
      kind: 'clones',
    })),
    files: 18_231,
    bytes: 48_318_382_080,
    leftOut: 0,
    certificateId: null,
    ...change,
  };
}

function replicaIn(world: FakeWorld, connectionId: string): ReplicaSnapshot {
  const found = world.replicas.find((one) => one.connectionId === connectionId);
  if (found === undefined) throw new ReplicationError('unknown-connection', { connection: connectionId });
  return found;
}

/** Keeps a list of snapshots, and tells what the replica says of it. */
export function keepSnapshots(world: FakeWorld, connectionId: string, list: readonly StoredSnapshot[]): void {
  world.snapshots = list;
  const own = list.filter((one) => one.connectionId === connectionId);
  const newest = own[0] === undefined ? null : { id: own[0].id, takenAt: own[0].takenAt };
  world.changeReplica(connectionId, (one) => ({ snapshots: { ...one.snapshots, count: own.length, newest } }));
}

/** What beta answers of snapshots: with the refusals of a real one. */
export const snapshotCalls = {
  'snapshot.take': ({ world, server }: ServiceAt, { connectionId, name }: CallInput<'snapshot.take'>) => {
    const replica = replicaIn(world, connectionId);
    if (world.snapshotFailure !== null) throw world.snapshotFailure;
    const takenBy = server.state.kind === 'online' ? server.state.user : '';
    const taken = storedSnapshot(replica, 9, { name, takenBy, id: new Date().toISOString().replaceAll(/[:.]/g, '-') });
    keepSnapshots(world, connectionId, [taken, ...world.snapshots]);
    return taken;
  },
  'snapshot.list': ({ world }: ServiceAt, { connectionId }: CallInput<'snapshot.list'>) =>
    world.snapshots.filter((one) => connectionId === null || one.connectionId === connectionId),
  'snapshot.revert': ({ world }: ServiceAt, { connectionId, snapshotId }: CallInput<'snapshot.revert'>) => {
    const replica = replicaIn(world, connectionId);
    if (replica.hold === null) throw new ReplicationError('revert-refused', { why: 'follows', set: replica.setName });
    const name = `before the revert to ${snapshotId}`;
    const kept = storedSnapshot(replica, 9, { name, isGood: false });
    world.changeReplica(connectionId, (one) => ({ snapshots: { ...one.snapshots, reverted: { snapshotId, at: ago(0) } } }));
    keepSnapshots(world, connectionId, [kept, ...world.snapshots]);
    return kept;
  },
  'snapshot.delete': ({ world }: ServiceAt, { connectionId, snapshotId }: CallInput<'snapshot.delete'>) => {
    const left = world.snapshots.filter((one) => one.id !== snapshotId);
    if (world.replicas.some((one) => one.connectionId === connectionId)) keepSnapshots(world, connectionId, left);
    else world.snapshots = left;
    return null;
  },
};
