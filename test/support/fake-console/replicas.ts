import { initialReplicaSettings, type ConnectionSnapshot, type ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { drift, keptDeleted, orphans } from './leftovers.ts';
import { ago } from './samples.ts';

/** What beta holds of these connections. The first has everything that one can find in a replica. */
export function replicasOf(connections: readonly ConnectionSnapshot[]): readonly ReplicaSnapshot[] {
  return connections
    .filter((one) => one.targetName === 'beta')
    .slice(0, 20)
    .map((one) => ({ ...replicaOf(one), ...(one.number === 1 ? eventful : {}) }));
}

const eventful: Partial<ReplicaSnapshot> = {
  kept: { count: keptDeleted().length, bytes: keptDeleted().length * 18_200 },
  orphans: orphans().search,
  drift: drift(),
};

function replicaOf(one: ConnectionSnapshot): ReplicaSnapshot {
  return {
    connectionId: one.id,
    setName: one.setName,
    sourceName: one.sourceName,
    roots: one.roots,
    state: one.number === 2 ? 'retrying' : 'receiving',
    since: ago(7000),
    receivedSequence: 10,
    appliedSequence: 10,
    queuedOps: 0,
    queuedBytes: 0,
    cut: { sequence: 10, at: ago(60), label: 'point-in-time' },
    consistency: 'point-in-time',
    hold: null,
    problem: null,
    kept: { count: 0, bytes: 0 },
    orphans: null,
    settings: initialReplicaSettings,
    losses: [],
    drift: { count: 0, newest: [] },
    certificates: { run: null, last: null, failure: null },
    snapshots: { isComplete: true, run: null, count: 0, newest: null, reverted: null },
    queue: { freeBytes: null, full: null },
  };
}
