import { expect, test } from 'vitest';
import { initialReplicaSettings, type ConnectionSnapshot, type ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { contentWords, revertObstacle, scheduleWords } from '../../../src-renderer/text/snapshots.ts';

const hold = (isEffective: boolean) => ({ hold: { owner: 'eva', reason: '', since: '', isEffective } });
const parked = { park: { kind: 'parked' } } as ConnectionSnapshot;
const live = { park: null } as ConnectionSnapshot;

test.each([
  ['its connection has ended', undefined, undefined, null],
  ['its connection is parked', { hold: null, queuedOps: 3 }, parked, null],
  ['it follows its source', { hold: null, queuedOps: 0 }, live, 'Park the connection'],
  ['nobody hears from its source', { hold: null, queuedOps: 0 }, undefined, 'Park the connection'],
  ['it will be held', { ...hold(false), queuedOps: 0 }, live, 'Park the connection'],
  ['it is held', { ...hold(true), queuedOps: 0 }, live, null],
  ['changes wait for it', { ...hold(true), queuedOps: 3 }, live, '3 changes wait'],
] satisfies [string, Pick<ReplicaSnapshot, 'hold' | 'queuedOps'> | undefined, ConnectionSnapshot | undefined, string | null][])(
  'what stands against a revert of a replica while %s',
  (_, replica, source, obstacle) => {
    if (obstacle === null) expect(revertObstacle(replica, source)).toBeNull();
    else expect(revertObstacle(replica, source)).toContain(obstacle);
  },
);

test('what the clock does is a sentence', () => {
  const { snapshots } = initialReplicaSettings;
  expect(scheduleWords(snapshots)).toContain('None is taken by the clock');
  expect(scheduleWords({ at: '30 2 * * *', fileLevel: true, keep: 14, maxAgeDays: 30 })).toBe(
    'Taken by the clock of the target at “30 2 * * *” (cron), also at file level; the newest 14 of these stay, and none older than 30 days.',
  );
});

test('what was not counted, and what is left out, is told', () => {
  expect(contentWords({ files: 1, bytes: 2048, leftOut: 0 })).toBe('1 file, 2.0 KiB');
  expect(contentWords({ files: null, bytes: null, leftOut: 1 })).toBe('not counted, without 1 pipe, socket or device');
});
