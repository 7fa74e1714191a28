import { expect, test } from 'vitest';
import { decideDue } from '../../../../src-main/service/rotations/due.ts';
import type { StoredRotation } from '../../../../src-main/service/rotations/stored.ts';
import { Times } from '../../../../src-main/service/rotations/times.ts';
import { slotIds } from '../../../support/fake-slots.ts';

const use = { owner: 'eva', reason: 'tape', since: '2026-11-27T00:00:00.000Z' };
const rotation: StoredRotation = {
  id: '', name: 'noon', order: 'quick', mirror: { kind: 'checksum' }, missed: { policy: 'run-late', withinMinutes: 60 }, isEnabled: true, live: 'A', running: null, skip: null, runs: [],
  slots: ['A', 'B', 'C'].map((name, i) => ({ name, connectionId: slotIds[i] ?? '', use: null })),
  schedule: [{ slot: null, timeZone: 'UTC', time: { kind: 'clock', at: '12:00', days: [] } }],
  decidedUntil: '2026-11-26T12:00:00.000Z',
}; // prettier-ignore
const skipping = { missed: { policy: 'skip', withinMinutes: 60 } } as const;
const inUse = { slots: rotation.slots.map((slot) => (slot.name === 'B' ? { ...slot, use } : slot)) };
const running = { from: 'C', to: 'A', order: 'quick', step: 'bringing', dueAt: null, begunAt: '', mirroredBefore: null, cut: null, isComplete: false, levelCut: null } as const; // prettier-ignore
const dueAt = '2026-11-27T12:00:00.000Z';

function decide(change: Partial<StoredRotation>, at: string) {
  const changed = { ...rotation, ...change };
  return decideDue(changed, new Times(changed.schedule, null), 'A', Date.parse(`2026-11-27T${at}Z`));
}

test('nothing is due before its time, when it was decided about, or while it is disabled', () => {
  expect(decide({}, '11:59:59')).toEqual({ kind: 'none' });
  expect(decide({ decidedUntil: dueAt }, '12:00:01')).toEqual({ kind: 'none' });
  expect(decide({ isEnabled: false }, '12:00:01')).toEqual({ kind: 'none' });
  expect(decide({ slots: [] }, '12:00:01')).toEqual({ kind: 'none' });
});

test('at its time the slot after the one that is live is switched in, or the one that is named', () => {
  expect(decide({}, '12:00:00')).toEqual({ kind: 'run', dueAt, to: 'B' });
  const named = rotation.schedule.map((entry) => ({ ...entry, slot: 'C' }));
  expect(decide({ schedule: named }, '12:00:00')).toEqual({ kind: 'run', dueAt, to: 'C' });
});

test('one that the service slept through runs late within the limit, or is missed', () => {
  expect(decide({}, '12:59:00')).toMatchObject({ kind: 'run' });
  expect(decide({}, '13:00:01')).toMatchObject({
    kind: 'over',
    outcome: 'missed',
    why: expect.stringContaining('1 h 0 min ago') as string,
  });
  expect(decide(skipping, '12:00:30')).toMatchObject({ kind: 'run' });
  expect(decide(skipping, '12:02:00')).toMatchObject({ kind: 'over', outcome: 'missed' });
});

test('of many that were slept through only the newest counts', () => {
  expect(decide({ decidedUntil: '2026-01-01T00:00:00.000Z' }, '12:10:00')).toEqual({ kind: 'run', dueAt, to: 'B' });
});

test('a slot in use is waited for within the limit, or skipped, and never switched in', () => {
  expect(decide(inUse, '12:00:30')).toMatchObject({ kind: 'wait', why: '“B” is in use by eva: tape.' });
  expect(decide(inUse, '13:01:00')).toMatchObject({ kind: 'over', outcome: 'missed', why: '“B” is in use by eva: tape.' });
  expect(decide({ ...inUse, ...skipping }, '12:00:30')).toMatchObject({ kind: 'over', outcome: 'skipped' });
});

test('while the run before goes on the next one waits, or is skipped', () => {
  expect(decide({ running }, '12:00:30')).toMatchObject({ kind: 'wait', why: 'The switch to “A” goes on.' });
  expect(decide({ running, ...skipping }, '12:00:30')).toMatchObject({ kind: 'over', outcome: 'skipped' });
});

test('one that somebody said to skip, or whose slot is live already, is skipped', () => {
  expect(decide({ skip: dueAt }, '12:00:00')).toMatchObject({
    kind: 'over',
    outcome: 'skipped',
    why: 'Somebody said to skip it.',
  });
  const named = rotation.schedule.map((entry) => ({ ...entry, slot: 'A' }));
  expect(decide({ schedule: named }, '12:00:00')).toMatchObject({ kind: 'over', outcome: 'skipped' });
});
