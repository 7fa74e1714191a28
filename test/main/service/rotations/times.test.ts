import { describe, expect, test } from 'vitest';
import type { RotationEntry, RotationTime } from '../../../../src-main/api/index.ts';
import { localTime, Times } from '../../../../src-main/service/rotations/times.ts';

const entry = (time: RotationTime, timeZone: string | null = 'Europe/Berlin', slot: string | null = null): RotationEntry => ({
  slot,
  time,
  timeZone,
});
const clock = (at: string, ...days: ('mon' | 'sat' | 'sun')[]): RotationTime => ({ kind: 'clock', at, days });
const ms = (text: string) => Date.parse(text);
const iso = (found: { readonly atMs: number } | null) => (found === null ? null : new Date(found.atMs).toISOString());

function starts(time: RotationTime, from: string, count: number, zone: string | null = 'Europe/Berlin'): (string | null)[] {
  const times = new Times([entry(time, zone)], 'UTC');
  const found: (string | null)[] = [];
  let at = ms(from);
  while (found.length < count) {
    const next = times.next(at);
    found.push(iso(next));
    if (next === null) break;
    at = next.atMs;
  }
  return found;
}

describe('daylight saving', () => {
  test('a time that the clock skips in spring is its first moment after that, on that day alone', () => {
    expect(starts(clock('02:30'), '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  test('a time that comes twice in autumn counts once, the first time, ahead and in looking back', () => {
    expect(starts(clock('02:30'), '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
    const times = new Times([entry(clock('02:30'))], null);
    expect(iso(times.latest(ms('2026-10-25T01:45:00Z')))).toBe('2026-10-25T00:30:00.000Z');
  });

  test('noon is noon on both sides of a change', () => {
    expect(starts(clock('12:00'), '2026-03-28T00:00:00Z', 2)).toEqual(['2026-03-28T11:00:00.000Z', '2026-03-29T10:00:00.000Z']);
  });
});

test('days of the week, a day of the calendar and cron are understood', () => {
  expect(starts(clock('06:00', 'sat', 'sun'), '2026-11-27T00:00:00Z', 3, 'UTC')).toEqual([
    '2026-11-28T06:00:00.000Z',
    '2026-11-29T06:00:00.000Z',
    '2026-12-05T06:00:00.000Z',
  ]);
  expect(starts({ kind: 'date', at: '2026-12-24T18:00' }, '2026-11-27T00:00:00Z', 2)).toEqual(['2026-12-24T17:00:00.000Z', null]);
  expect(starts({ kind: 'cron', cron: '0 22 L * *' }, '2026-11-27T00:00:00Z', 1, 'UTC')).toEqual(['2026-11-30T22:00:00.000Z']);
});

test('what falls on the very moment counts as due, a moment before it does not', () => {
  const times = new Times([entry(clock('12:00'), 'UTC')], null);
  expect(iso(times.latest(ms('2026-11-27T12:00:00Z')))).toBe('2026-11-27T12:00:00.000Z');
  expect(iso(times.latest(ms('2026-11-27T11:59:59.999Z')))).toBe('2026-11-26T12:00:00.000Z');
});

test('of several entries the newest counts, and the first of those at one moment', () => {
  const [noon, both] = [entry(clock('12:00'), 'UTC', 'A'), entry({ kind: 'cron', cron: '0 0,12 * * *' }, 'UTC', 'B')];
  const times = new Times([noon, both], null);
  expect(times.latest(ms('2026-11-27T13:00:00Z'))?.entry.slot).toBe('A');
  expect(times.latest(ms('2026-11-27T01:00:00Z'))?.entry.slot).toBe('B');
  expect(times.next(ms('2026-11-27T01:00:00Z'))?.entry.slot).toBe('A');
});

test('an entry without a zone is meant in the zone of the service', () => {
  const times = new Times([entry(clock('12:00'), null)], 'America/New_York');
  expect(iso(times.next(ms('2026-11-27T00:00:00Z')))).toBe('2026-11-27T17:00:00.000Z');
  expect(localTime(ms('2026-11-27T17:00:00Z'), 'America/New_York')).toBe('2026-11-27 12:00');
});

test('what is no time, and a zone that there is not, are refused by name', () => {
  const make = (time: RotationTime, zone: string | null) => () => new Times([entry(time, zone)], null);
  expect(make({ kind: 'cron', cron: '61 * * * *' }, 'UTC')).toThrow(
    /“61 \* \* \* \*” is no time for a schedule: Invalid value for minute: 61/,
  );
  expect(make({ kind: 'cron', cron: 'soon' }, 'UTC')).toThrow(/five, six/);
  expect(make(clock('12:00'), 'Mars/Olympus')).toThrow(/knows no time zone “Mars\/Olympus”/);
});
