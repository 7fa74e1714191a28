import { expect, test } from 'vitest';
import { typedTime } from '../../../src-main/cli/typed-time.ts';

test('a day and a time without a zone are those of this machine, one with a zone is that of the zone', () => {
  expect(typedTime('2026-07-22')).toBe(new Date(2026, 6, 22).toISOString());
  expect(typedTime('2026-11-22T02:00')).toBe(new Date(2026, 10, 22, 2).toISOString());
  expect(typedTime('2026-11-22T02:00:05.250Z')).toBe('2026-11-22T02:00:05.250Z');
  expect(typedTime('2026-11-22T02:00+05:30')).toBe('2026-11-21T20:30:00.000Z');
});

test.each(['', 'c9', 'backup 3', 'monday-2.certificate', '2026', '2026-13-22', '22.11.2026', '2026-11-22 02:00', '1795795200'])(
  '“%s” is no time',
  (text) => expect(typedTime(text)).toBeNull(),
);
