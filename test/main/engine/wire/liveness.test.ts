import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Liveness } from '../../../../src-main/engine/wire/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a peer that is silent for five beats is gone, and that is said once', () => {
  let beats = 0;
  let ends = 0;
  const liveness = new Liveness({ beat: () => beats++, silent: () => ends++, beatMs: 100 });
  vi.advanceTimersByTime(400);
  expect([beats, ends]).toEqual([4, 0]);
  vi.advanceTimersByTime(1_000);
  expect([beats, ends]).toEqual([4, 1]);
  liveness.stop();
});

test('a peer that says anything now and then stays', () => {
  let ends = 0;
  const liveness = new Liveness({ beat: () => undefined, silent: () => ends++, beatMs: 100 });
  for (let i = 0; i < 20; i++) {
    vi.advanceTimersByTime(350);
    liveness.heard();
  }
  expect(ends).toBe(0);
  liveness.stop();
  vi.advanceTimersByTime(10_000);
  expect(ends).toBe(0);
});
