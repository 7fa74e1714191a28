import { expect, test } from 'vitest';
import { Zone } from '../../../../src-main/engine/schedule/index.ts';
import { occurrencesAround } from '../../../../src-main/engine/schedule/occurrences.ts';
import { isInWindow, lastCloseMs, nextOpenMs } from '../../../../src-main/engine/schedule/window.ts';
import { parseMoment } from '../../../../src-main/engine/schedule/zoned-time.ts';

const berlin = new Zone('Europe/Berlin');
const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString().slice(0, 16));

test.each([
  ['a winter evening', 'Europe/Berlin', '2026-11-22T22:00:00', '2026-11-22T21:00'],
  ['a summer evening', 'Europe/Berlin', '2026-07-22T22:00:00', '2026-07-22T20:00'],
  ['a time that spring skips', 'Europe/Berlin', '2026-03-29T02:30:00', '2026-03-29T01:30'],
  ['the first of a time that autumn repeats', 'Europe/Berlin', '2026-10-25T02:30:00', '2026-10-25T00:30'],
  ['west of Greenwich', 'America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30'],
  ['half an hour of daylight saving', 'Australia/Lord_Howe', '2026-10-04T02:15:00', '2026-10-03T15:45'],
  ['a zone beyond the date line', 'Pacific/Apia', '2026-01-01T00:00:00', '2025-12-31T11:00'],
])('%s (%s) is at the right moment', (_, zone, local, expected) => {
  expect(iso(new Zone(zone).ms(parseMoment(local)))).toBe(expected);
});

test('every quarter of an hour of two years reads as it was made, except what spring skips', () => {
  for (let ms = utc('2026-01-01T00:00'); ms < utc('2027-01-01T00:00'); ms += 6 * 3_600_000 + 900_000) {
    expect(berlin.ms(berlin.local(ms))).toBe(ms);
  }
});

test('a zone that there is not is refused', () => {
  expect(() => new Zone('Mars/Olympus')).toThrow(RangeError);
});

test.each([
  // startAt, count, unit, now, latest, next
  ['2026-11-22T22:00:00', 30, 'minutes', '2026-11-22T20:59', null, '2026-11-22T21:00'],
  ['2026-11-22T22:00:00', 30, 'minutes', '2026-11-22T21:20', '2026-11-22T21:00', '2026-11-22T21:30'],
  ['2026-11-22T22:00:00', 1, 'days', '2026-11-23T20:59', '2026-11-22T21:00', '2026-11-23T21:00'],
  ['2026-11-22T22:00:00', 1, 'days', '2026-11-23T21:00', '2026-11-23T21:00', '2026-11-24T21:00'],
  ['2026-11-22T22:00:00', 7, 'days', '2026-12-05T12:00', '2026-11-29T21:00', '2026-12-06T21:00'],
  // over both changes of the clock, the time of day stays
  ['2026-03-28T22:00:00', 1, 'days', '2026-03-29T12:00', '2026-03-28T21:00', '2026-03-29T20:00'],
  ['2026-10-24T22:00:00', 1, 'days', '2026-10-25T12:00', '2026-10-24T20:00', '2026-10-25T21:00'],
  ['2026-03-28T02:30:00', 1, 'days', '2026-03-29T12:00', '2026-03-29T01:30', '2026-03-30T00:30'],
  // hours are counted, whatever the clock shows
  ['2026-03-28T22:00:00', 24, 'hours', '2026-03-29T12:00', '2026-03-28T21:00', '2026-03-29T21:00'],
  // from the end of a month and of February
  ['2026-01-31T22:00:00', 1, 'days', '2026-02-01T22:00', '2026-02-01T21:00', '2026-02-02T21:00'],
] as const)('from %s every %d %s: around %s lie %s and %s', (startAt, count, unit, now, latest, next) => {
  const { latestMs, nextMs } = occurrencesAround({ startAt, every: { count, unit } }, utc(now), berlin);
  expect([iso(latestMs), iso(nextMs)]).toEqual([latest, next]);
});

test.each([
  ['22:00', '06:00', '2026-11-22T20:59', false],
  ['22:00', '06:00', '2026-11-22T21:00', true],
  ['22:00', '06:00', '2026-11-23T04:59', true],
  ['22:00', '06:00', '2026-11-23T05:00', false],
  ['08:00', '18:00', '2026-11-22T07:00', true],
  ['08:00', '18:00', '2026-11-22T17:00', false],
  ['08:00', '08:00', '2026-11-22T03:00', true],
  // in the night of the change 03:00 to 03:30 follows 01:59
  ['02:30', '03:30', '2026-03-29T01:10', true],
])('the window from %s to %s at %s: %s', (open, close, at, expected) => {
  expect(isInWindow({ open, close }, utc(at), berlin)).toBe(expected);
});

test('a window knows when it last closed and when it opens next', () => {
  const night = { open: '22:00', close: '06:00' };
  expect(iso(lastCloseMs(night, utc('2026-11-22T21:30'), berlin))).toBe('2026-11-22T05:00');
  expect(iso(lastCloseMs(night, utc('2026-11-22T04:30'), berlin))).toBe('2026-11-21T05:00');
  expect(iso(nextOpenMs(night, utc('2026-11-22T21:30'), berlin))).toBe('2026-11-23T21:00');
  expect(iso(nextOpenMs(night, utc('2026-11-22T20:30'), berlin))).toBe('2026-11-22T21:00');
});
