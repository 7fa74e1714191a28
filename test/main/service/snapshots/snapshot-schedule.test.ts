import { expect, test } from 'vitest';
import { initialReplicaSettings, type ReplicaSnapshot, type StoredSnapshot } from '../../../../src-main/api/index.ts';
import { ReplicationError, silentLog } from '../../../../src-main/base/index.ts';
import { checkSnapshotTimes, SnapshotSchedule, type TakeInput } from '../../../../src-main/service/snapshots/index.ts';
import { storedSnapshot } from '../../../support/fake-calls.ts';
import { HandClock } from '../../../support/hand-clock.ts';

const HOUR = 3_600_000;

function scheduled(settings: Partial<ReplicaSnapshot['settings']['snapshots']>) {
  const clock = new HandClock(Date.UTC(2026, 10, 22, 12));
  const state = { isComplete: true, refuse: null as ReplicationError | null, isAtRest: false };
  let applied = 0;
  const cut = () => ({ sequence: applied, at: new Date(0).toISOString(), label: 'point-in-time' as const });
  let list: readonly StoredSnapshot[] = [];
  const taken: TakeInput[] = [];
  const told: string[] = [];
  const schedule = new SnapshotSchedule({
    clock,
    timeZone: () => 'UTC',
    replicas: () => [
      {
        connectionId: 'c',
        setName: 'accounts',
        cut: cut(),
        appliedSequence: applied,
        settings: { ...initialReplicaSettings, snapshots: { ...initialReplicaSettings.snapshots, ...settings } },
        snapshots: { isComplete: state.isComplete, run: null, count: list.length, newest: null, reverted: null },
      } as unknown as ReplicaSnapshot, // the rest is not looked at
    ],
    list: () => list,
    take: (input) => {
      if (state.refuse !== null) return Promise.reject(state.refuse);
      taken.push(input);
      const takenAt = new Date(clock.now()).toISOString();
      list = [storedSnapshot({ id: takenAt, takenAt, isScheduled: true, cut: cut(), appliedSequence: applied }), ...list];
      return Promise.resolve();
    },
    delete: (_connection, id) => {
      list = list.filter((one) => one.id !== id);
      return Promise.resolve();
    },
    tell: (_severity, text) => told.push(text),
    log: silentLog,
  });
  const after = async (ms: number) => {
    if (!state.isAtRest) applied++;
    clock.turn(ms);
    await schedule.look();
    await new Promise(setImmediate);
  };
  return { state, taken, told, after, list: () => list.map(({ takenAt }) => takenAt.slice(8, 13)) };
}

test('one is taken at once, then at each time, and the oldest go', async () => {
  const { after, taken, list } = scheduled({ at: '0 2 * * *', keep: 2, fileLevel: true });
  await after(0);
  expect(list()).toEqual(['22T12']);
  expect(taken).toMatchObject([{ connectionId: 'c', isScheduled: true, isFileLevelEnough: true }]);
  await after(13 * HOUR);
  expect(list()).toEqual(['22T12']);
  await after(1 * HOUR);
  await after(1 * HOUR);
  expect(list()).toEqual(['23T02', '22T12']);
  // The service was off for days: one is taken for all that fell due.
  await after(72 * HOUR);
  expect(list()).toEqual(['26T03', '23T02']);
});

test('a replica that has been at rest since the last one is not taken again, so that the states before it stay', async () => {
  const { after, state, list } = scheduled({ at: '0 2 * * *', keep: 2 });
  await after(0);
  await after(24 * HOUR);
  state.isAtRest = true;
  for (let day = 0; day < 5; day++) await after(24 * HOUR);
  expect(list()).toEqual(['23T12', '22T12']);
  state.isAtRest = false;
  await after(HOUR);
  expect(list()).toEqual(['28T13', '23T12']);
});

test('what is due while the replica is incomplete is taken when it is complete', async () => {
  const { after, state, list } = scheduled({ at: '0 2 * * *' });
  state.isComplete = false;
  await after(0);
  await after(14 * HOUR);
  expect(list()).toEqual([]);
  state.isComplete = true;
  await after(HOUR);
  expect(list()).toEqual(['23T03']);
});

test('a refusal is told once, and tried again every few minutes', async () => {
  const { after, state, told, list } = scheduled({ at: '0 2 * * *' });
  state.refuse = new ReplicationError('no-snapshots', { path: '/replica', type: 'ext4', text: '' });
  await after(0);
  await after(301_000);
  expect(told).toEqual([expect.stringContaining('The file system of /replica has no snapshots (ext4).')]);
  state.refuse = null;
  await after(10_000);
  expect(list()).toEqual([]);
  await after(301_000);
  expect(list()).toHaveLength(1);
});

test('without a time none is taken, and what is no time is refused', async () => {
  const { after, taken } = scheduled({});
  await after(48 * HOUR);
  expect(taken).toEqual([]);
  expect(() => checkSnapshotTimes({ snapshots: { at: '99 2 * * *' } })).toThrow(
    expect.objectContaining({ code: 'bad-input' }) as Error,
  );
  checkSnapshotTimes({ snapshots: { at: '*/15 * * * 1-5' } });
  checkSnapshotTimes({ snapshots: { at: null } });
});
