import { expect, test } from 'vitest';
import { InstantPace } from '../../../../../../src-main/engine/connection/source/copies/instant-pace.ts';

function pace() {
  const clock = { nowMs: 0, isEnabled: true };
  return {
    clock,
    pace: new InstantPace(
      () => clock.isEnabled,
      () => clock.nowMs,
    ),
  };
}

test('cuts from copies come a multiple of what they cost apart, at least half a second', () => {
  const { clock, pace: it } = pace();
  expect(it.dueInMs).toBe(0);
  it.succeeded(10);
  expect(it.dueInMs).toBe(500);
  it.succeeded(1_000);
  expect(it.dueInMs).toBe(4_000);
  clock.nowMs += 4_000;
  expect(it.dueInMs).toBe(0);
  expect(it.cuts).toBe(2);
});

test('failures are tried again less and less often, and count as no hope until one succeeds', () => {
  const { pace: it } = pace();
  expect(it.isHopeful).toBe(true);
  const gaps = [1, 2, 3, 4, 5].map(() => (it.failed(), it.dueInMs));
  expect(gaps).toEqual([5_000, 10_000, 20_000, 40_000, 60_000]);
  expect(it.isHopeful).toBe(false);
  it.succeeded(1);
  expect(it.isHopeful).toBe(true);
});

test('switched off nothing is ever due', () => {
  const { clock, pace: it } = pace();
  clock.isEnabled = false;
  expect([it.dueInMs, it.isHopeful]).toEqual([null, false]);
});
