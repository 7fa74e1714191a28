import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { initialReplicaSettings, type ReplicaSettings } from '../../../../../src-main/api/index.ts';
import { KeptPurge } from '../../../../../src-main/engine/connection/target/kept-purge.ts';

const DAY_MS = 86_400_000;
beforeEach(() => void vi.useFakeTimers({ now: 100 * DAY_MS }));
afterEach(() => void vi.useRealTimers());

/** Files of ten bytes, deleted on these days. */
function make(days: number[], change: Partial<ReplicaSettings['kept']>) {
  const state = { days: [...days], isHeld: false, isAway: false };
  const said: string[] = [];
  const purge = new KeptPurge({
    settings: () => ({ ...initialReplicaSettings.kept, ...change }),
    totals: () => ({ count: state.days.length, bytes: state.days.length * 10 }),
    hasOlder: (beforeMs) => state.days.some((day) => day * DAY_MS <= beforeMs),
    purge: ({ beforeMs, untilBytes }) => {
      const before = state.days.length;
      while (state.days.length * 10 > untilBytes && (state.days[0] ?? Infinity) * DAY_MS <= beforeMs) state.days.shift();
      return { removed: before - state.days.length, removedBytes: (before - state.days.length) * 10, stayed: 0 };
    },
    isHeld: () => state.isHeld,
    isAway: () => state.isAway,
    onEvent: (_severity, text) => said.push(text),
  });
  return { state, said, purge };
}

test('without limits everything stays', () => {
  const { state } = make([1, 2, 3], {});
  vi.advanceTimersByTime(10 * 60_000);
  expect(state.days).toHaveLength(3);
});

test('nothing goes by itself while no source is linked: the replica may be at rest for a backup', () => {
  const { purge, state } = make([60, 69, 71, 99], { maxAgeDays: 30 });
  state.isAway = true;
  vi.advanceTimersByTime(2 * 60_000);
  purge.look(); // other settings of the replica were changed
  expect(state.days).toHaveLength(4);
  state.isAway = false;
  vi.advanceTimersByTime(2 * 60_000);
  expect(state.days).toEqual([71, 99]);
});

test('what is too old goes by itself, and it is said', () => {
  const { state, said } = make([60, 69, 71, 99], { maxAgeDays: 30 });
  vi.advanceTimersByTime(2 * 60_000);
  expect(state.days).toEqual([71, 99]);
  expect(said.join()).toContain('2 kept deleted files (20 B)');
  vi.advanceTimersByTime(2 * DAY_MS);
  expect(state.days).toEqual([99]);
});

test('what is too much goes, the longest deleted first', () => {
  const { state, said } = make([1, 2, 3, 4], { maxBytes: 25 });
  vi.advanceTimersByTime(2 * 60_000);
  expect(state.days).toEqual([3, 4]);
  expect(said).toHaveLength(1);
});

test('while the replica is held nothing goes; after it what is due', () => {
  const { state } = make([1, 2], { maxAgeDays: 1 });
  state.isHeld = true;
  vi.advanceTimersByTime(5 * 60_000);
  expect(state.days).toHaveLength(2);
  state.isHeld = false;
  vi.advanceTimersByTime(2 * 60_000);
  expect(state.days).toHaveLength(0);
});
