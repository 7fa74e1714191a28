import { expect, test } from 'vitest';
import type { ConnectionSnapshot, KnownServer } from '../../../src-main/api/index.ts';
import { describeReplicas, StateWord } from '../../../src-main/app/state-word.ts';

const good = {
  halt: null,
  link: { kind: 'up' },
  targetData: 'good',
  transmission: { kind: 'active' },
} as unknown as ConnectionSnapshot;
const since = '2026-01-01T00:00:00.000Z';
const down: ConnectionSnapshot = { ...good, link: { kind: 'down', since, cause: 'no route', retryInMs: 1000 } };
const paused: ConnectionSnapshot = { ...good, transmission: { kind: 'stopped', since, owner: 'a', reason: '' } };
const mirroring: ConnectionSnapshot = { ...good, targetData: 'mirroring' };
const halted = { ...good, halt: { code: 'halted' } } as unknown as ConnectionSnapshot;

test.each([
  ['nothing', [], 'Nothing is replicated'],
  ['one good connection', [good], '1 of 1 connection good'],
  ['all good', [good, good], '2 of 2 connections good'],
  ['one mirrors', [good, mirroring], '1 of 2 connections mirroring'],
  ['a pause is worse than a mirror', [paused, mirroring, good], '1 of 3 connections paused or stopped'],
  ['a lost link is worse than a pause', [paused, down], '1 of 2 connections without a link to the target'],
  ['a question comes before everything', [down, halted, halted], '2 of 3 connections halted: an answer is needed'],
])('%s', (_name, connections, text) => {
  expect(describeReplicas(connections)).toBe(text);
});

test('connections of a server that was removed are not counted any more', () => {
  const state = new StateWord();
  expect(state.take({ name: 'connections', serverId: 'a', value: [good] })).toBe(true);
  expect(state.take({ name: 'connections', serverId: 'b', value: [down] })).toBe(true);
  expect(state.text).toBe('1 of 2 connections without a link to the target');
  expect(state.take({ name: 'servers', value: [{ id: 'a' } as KnownServer] })).toBe(true);
  expect(state.text).toBe('1 of 1 connection good');
  expect(state.take({ name: 'sets', serverId: 'a', value: [] })).toBe(false);
});
