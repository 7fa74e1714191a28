import { expect, test } from 'vitest';
import type { ParkSchedule } from '../../../src-main/api/index.ts';
import { parkRunWords, parkScheduleWords } from '../../../src-renderer/text/park-schedule.ts';
import { moment } from '../../../src-renderer/text/format.ts';

const nextParkAt = '2026-11-27T22:00:00.000Z';
const nextReconnectAt = '2026-11-28T06:00:00.000Z';
const schedule: ParkSchedule = { nextParkAt, nextReconnectAt, waits: '', last: null };

test.each<[string, Partial<ParkSchedule>, string]>([
  ['both times', {}, `Next parked ${moment(nextParkAt)}, next reconnected ${moment(nextReconnectAt)}.`],
  ['no way back', { nextReconnectAt: null }, `Next parked ${moment(nextParkAt)}, until somebody reconnects it.`],
  ['the way back alone', { nextParkAt: null }, `Next reconnected ${moment(nextReconnectAt)}, if the schedule parked it.`],
  ['neither any more', { nextParkAt: null, nextReconnectAt: null }, 'No further times are set.'],
  ['what holds it up', { waits: 'A backup window of eva is open.' }, 'What is due waits: A backup window of eva is open.'],
])('what the clock does next says %s', (_what, change, words) => {
  expect(parkScheduleWords({ ...schedule, ...change })).toBe(words);
});

test('what came of the last time, with the reason where there is one', () => {
  const last = { what: 'park', dueAt: nextParkAt, at: nextParkAt, outcome: 'ordered', why: '' } as const;
  expect(parkRunWords(schedule)).toBe('');
  expect(parkRunWords({ ...schedule, last })).toBe(`Parking, due ${moment(nextParkAt)}, was ordered.`);
  const missed = { ...last, outcome: 'missed', why: 'A mirror is not complete.' } as const;
  expect(parkRunWords({ ...schedule, last: missed })).toBe(
    `Parking, due ${moment(nextParkAt)}, was missed: A mirror is not complete.`,
  );
});
