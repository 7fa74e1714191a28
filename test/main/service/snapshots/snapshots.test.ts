import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import { Snapshots } from '../../../../src-main/service/snapshots/index.ts';
import { storedSnapshot } from '../../../support/fake-calls.ts';

test('no places are set back that somebody reads, also when the snapshot is of a connection that has ended', async () => {
  const rootsAt = (to: string) => [{ from: '/files', to, place: '/kept', kind: 'clones' as const }];
  const list = [
    storedSnapshot({ id: 'here', roots: rootsAt('/replicas/files') }),
    storedSnapshot({ id: 'elsewhere', roots: rootsAt('/replicas/other') }),
  ];
  const reverted: string[] = [];
  const snapshots = new Snapshots({
    replicator: {
      snapshots: () => list,
      snapshot: (_connection, order) => {
        reverted.push(order.kind === 'revert' ? order.id : order.kind);
        return Promise.resolve(storedSnapshot({}));
      },
    },
    replicas: () => [
      { connectionId: 'read', roots: [{ from: '/files', to: '/replicas/files/in' }] },
      { connectionId: 'free', roots: [{ from: '/files', to: '/replicas/other' }] },
    ],
    refuseOpen: (connectionId) => {
      if (connectionId === 'read') throw new ReplicationError('window-open', {});
    },
    tell: () => undefined,
  });
  await expect(snapshots.revert('ended', 'here', 'eva')).rejects.toMatchObject({ code: 'window-open' });
  // What is unknown is for the target to refuse; the replica of that connection is not read all the same.
  await expect(snapshots.revert('read', 'unknown', 'eva')).rejects.toMatchObject({ code: 'window-open' });
  expect(reverted).toEqual([]);
  await snapshots.revert('ended', 'elsewhere', 'eva');
  expect(reverted).toEqual(['elsewhere']);
});
