import { expect, test } from 'vitest';
import { GuardWindow } from '../../../../../src-main/engine/connection/source/guard-window.ts';

const HOUR = 3_600_000;

test('what happened within the window is summed up, and no more', () => {
  const window = new GuardWindow();
  window.add('removed', 1, 0);
  window.add('removed', 2, 5_000);
  window.add('rewritten', 9, 5_500);
  expect(window.sum('removed', 10_000, 9_000)).toEqual({ count: 3, sinceMs: 0 });
  expect(window.sum('removed', 10_000, 12_000)).toEqual({ count: 2, sinceMs: 5_000 });
  expect(window.sum('removed', 10_000, 20_000).count).toBe(0);
});

test('a clock that is set back does not make the window as long as it was set back', () => {
  const window = new GuardWindow();
  window.add('removed', 5, 2 * HOUR);
  expect(window.sum('removed', 10_000, HOUR)).toEqual({ count: 5, sinceMs: HOUR });
  for (let second = 20; second < 40; second++) window.add('removed', 1, HOUR + second * 1_000);
  expect(window.sum('removed', 10_000, HOUR + 39_000).count).toBe(10);
});
