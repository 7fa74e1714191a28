import { expect, test } from 'vitest';
import { initialLineSettings } from '../../../../src-main/api/index.ts';
import { planSchedule } from '../../../../src-main/engine/schedule/index.ts';

const none = initialLineSettings.schedule;
const noon = Date.UTC(2026, 10, 22, 12);
const plan = (rules: Partial<typeof none>, zone = 'UTC', nowMs = noon) => planSchedule({ ...none, ...rules }, zone, nowMs);

test('without a rule nothing is held back', () => {
  expect(plan({})).toEqual({ timeZone: 'UTC', now: 'free', starts: [], windows: [] });
});

test('a daily start inside a window is told five times, each until the first rule that ends it', () => {
  const rules = {
    startAt: '2026-11-01T22:00:00',
    startEvery: 1,
    startUnit: 'days',
    windowOpen: '21:00',
    windowClose: '06:00',
  } as const;
  const { now, starts, windows } = plan(rules);
  expect(now).toBe('closed');
  expect(starts).toHaveLength(5);
  expect(starts[0]).toEqual({
    at: { at: '2026-11-22T22:00:00.000Z', local: '2026-11-22 22:00' },
    until: { at: '2026-11-23T06:00:00.000Z', local: '2026-11-23 06:00' },
    endsBy: 'window-closed',
  });
  expect(windows[0]?.opensAt.local).toBe('2026-11-22 21:00');
  const shorter = plan({ ...rules, stopAfterSeconds: 3600 }).starts[0];
  expect([shorter?.until?.local, shorter?.endsBy]).toEqual(['2026-11-22 23:00', 'stop-duration']);
});

test('a start that no window lets through is no start', () => {
  expect(plan({ startAt: '2026-11-23T12:00:00', windowOpen: '21:00', windowClose: '06:00' }).starts).toEqual([]);
});

test('the window that is open now comes first, with its opening', () => {
  const { now, windows } = plan({ windowOpen: '09:00', windowClose: '17:00' });
  expect(now).toBe('open');
  expect(windows.map(({ opensAt }) => opensAt.local)).toEqual([
    '2026-11-22 09:00',
    '2026-11-23 09:00',
    '2026-11-24 09:00',
    '2026-11-25 09:00',
    '2026-11-26 09:00',
  ]);
});

test('what is switched off does not count', () => {
  const rules = { startAt: '2026-11-23T12:00:00', isStartEnabled: false, windowOpen: '21:00', windowClose: '06:00' } as const;
  expect(plan({ ...rules, isWindowEnabled: false })).toMatchObject({ now: 'free', starts: [], windows: [] });
});

test('times are those of the zone, over a change of its clock', () => {
  const { starts } = plan(
    { startAt: '2026-10-24T22:00:00', startEvery: 1, startUnit: 'days' },
    'Europe/Berlin',
    Date.UTC(2026, 9, 24, 12),
  );
  expect(starts.slice(0, 2).map(({ at }) => at)).toEqual([
    { at: '2026-10-24T20:00:00.000Z', local: '2026-10-24 22:00' },
    { at: '2026-10-25T21:00:00.000Z', local: '2026-10-25 22:00' },
  ]);
});
