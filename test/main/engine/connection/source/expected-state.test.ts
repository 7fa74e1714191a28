import { expect, test } from 'vitest';
import { initialConnectionSettings } from '../../../../../src-main/api/index.ts';
import { expectCommand, holdOf, initialState, parkOf } from '../../../../../src-main/engine/connection/source/expected-state.ts';
import type { ConnectionCommand, ConnectionSpec } from '../../../../../src-main/engine/connection/index.ts';

const since = '2026-01-02T03:04:05.000Z';
const spec: ConnectionSpec = {
  version: 1,
  id: 'c',
  setName: 's',
  rules: [],
  map: { kind: 'exact' },
  roots: [],
  warnings: [],
  sourceName: 'a',
  targetName: 'b',
  targetHost: 'b',
  targetDataPort: 1,
  targetFingerprint: 'F',
  createdAt: since,
  hold: null,
  park: null,
  settings: initialConnectionSettings,
};

test('a pause or stop that was ordered is what a worker is started with again', () => {
  const state = initialState(spec, null, false, since);
  expect(holdOf(state)).toBeNull();
  const paused = expectCommand(state, { kind: 'pause-transmission', owner: 'eva', reason: 'backup' }, since);
  expect(holdOf(paused)).toEqual({ kind: 'pause', owner: 'eva', reason: 'backup', since, cut: null });
  const stopped = expectCommand(paused, { kind: 'stop-transmission', owner: 'eva', reason: 'move' }, since);
  expect(holdOf(stopped)).toEqual({ kind: 'stop', owner: 'eva', reason: 'move', since, cut: null });
  expect(holdOf(initialState({ ...spec, hold: holdOf(stopped) }, null, false, since))).toEqual(holdOf(stopped));
});

test('a pause that stands at its cut stands there in a new worker, too', () => {
  const cut = { sequence: 7, at: since, label: 'point-in-time' } as const;
  const paused = initialState(
    { ...spec, hold: { kind: 'pause', owner: 'eva', reason: 'backup', since, cut } },
    null,
    false,
    since,
  );
  expect(paused.transmission).toEqual({ kind: 'paused', owner: 'eva', reason: 'backup', since, cut });
  expect(holdOf(paused)).toEqual({ kind: 'pause', owner: 'eva', reason: 'backup', since, cut });
});

test('who looks right after an order to park sees it, and a new worker gets it again', () => {
  const parking = expectCommand(
    initialState(spec, null, false, since),
    { kind: 'park', owner: 'eva', reason: 'rotation' },
    since,
  );
  expect(parking.park).toEqual({ kind: 'leaving', owner: 'eva', reason: 'rotation', since });
  expect(parkOf(parking)).toEqual({ owner: 'eva', reason: 'rotation', since });
  expect(initialState({ ...spec, park: parkOf(parking) }, null, false, since).park).toEqual(parking.park);
  expect(expectCommand(parking, { kind: 'reconnect', mirror: null }, since).park).toBeNull();
});

test.each(['start-mirror', 'start-plan', 'start-verify', 'start-orphans'])('%s is refused while it is parked', (kind) => {
  const parked = { ...initialState(spec, null, false, since), replication: 'parked' as const };
  expect(() => expectCommand(parked, { kind } as ConnectionCommand, since)).toThrow('parked');
});

test('a person who lets go does not let go for a target that is full', () => {
  const full = { by: 'target-full' as const, kind: 'pause' as const, owner: 'b', reason: 'its queue is full', since };
  const state = { ...initialState(spec, null, false, since), holds: [full] };
  const paused = expectCommand(state, { kind: 'pause-transmission', owner: 'eva', reason: 'backup' }, since);
  expect(paused.holds.map(({ by }) => by)).toEqual(['operator', 'target-full']);
  const resumed = expectCommand(paused, { kind: 'resume-transmission' }, since);
  expect(resumed.transmission).toMatchObject({ kind: 'waiting', by: 'target-full', reason: 'its queue is full' });
  expect(holdOf(resumed)).toBeNull();
});
