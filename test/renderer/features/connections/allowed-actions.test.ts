import { expect, test } from 'vitest';
import type { ConnectionSnapshot } from '../../../../src-main/api/index.ts';
import { allowedActions } from '../../../../src-renderer/features/connections/allowed-actions.ts';
import { snapshot } from '../../fake-link.ts';

const since = '2026-01-02T03:04:05.000Z';
const ids = (change: Partial<ConnectionSnapshot>) => allowedActions(snapshot('1', change), true).map(({ id }) => id);

test('each state offers what can be done in it', () => {
  expect(ids({})).toEqual(['pause', 'stop', 'mirror', 'park', 'disconnect']);
  expect(ids({ transmission: { kind: 'pausing', since, owner: '', reason: '' } })).toEqual([
    'resume',
    'stop',
    'mirror',
    'park',
    'disconnect',
  ]);
  expect(ids({ transmission: { kind: 'stopped', since, owner: '', reason: '' } })).toEqual([
    'start',
    'mirror',
    'park',
    'disconnect',
  ]);
});

test('a connection that left its target comes back with a mirror, or ends', () => {
  expect(ids({ replication: 'disconnected' })).toEqual(['reconnect', 'disconnect']);
  expect(ids({ replication: 'parked' })).toEqual(['reconnect', 'disconnect']);
});

test('one that is being parked can be told to stay', () => {
  expect(ids({ park: { kind: 'leaving', owner: 'eva', reason: '', since } })).toEqual(['stay', 'disconnect']);
});

test('a halted connection can only be answered or disconnected, and says so', () => {
  const halt = { code: 'x', path: null, cause: '', since, effect: '', nextStep: '', answers: [] };
  const actions = allowedActions(snapshot('1', { halt }), true);
  expect(actions.filter(({ disabledBecause }) => disabledBecause === null).map(({ id }) => id)).toEqual(['disconnect']);
});

test('a monitor can do nothing, and is told why', () => {
  const actions = allowedActions(snapshot('1'), false);
  expect(actions).toHaveLength(5);
  expect(actions.every(({ disabledBecause }) => disabledBecause?.includes('monitor'))).toBe(true);
});
