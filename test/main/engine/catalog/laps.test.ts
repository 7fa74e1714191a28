import { expect, test } from 'vitest';
import { Laps } from '../../../../src-main/engine/catalog/laps.ts';

function start(stored = 1) {
  const clock = { now: 0 };
  const store = { lap: stored, read: () => store.lap, write: (lap: number) => void (store.lap = lap) };
  return { clock, store, laps: new Laps(store, () => clock.now) };
}

test('after lost notices, what became unsure in the last two laps is suspect, before and after a restart', () => {
  const { clock, store, laps } = start();
  const first = laps.use();
  clock.now = 6_000;
  laps.settled();
  const second = laps.use();
  clock.now = 12_000;
  laps.settled();
  const third = laps.use();
  const again = new Laps(store, () => clock.now);
  again.noticesLost();
  expect([first, second, third].map((lap) => again.isSuspect(lap))).toEqual([false, true, true]);
  expect(again.isSuspect(again.use())).toBe(false);
});

test('a lap does not end before notices have had time to arrive, nor while nothing is unsure', () => {
  const { clock, store, laps } = start();
  laps.use();
  clock.now = 4_000;
  laps.settled();
  expect(store.lap).toBe(1);
  clock.now = 5_000;
  laps.settled();
  expect(store.lap).toBe(2);
  clock.now = 50_000;
  laps.settled();
  expect(store.lap).toBe(2);
});

test('a row that is sure is never suspect', () => {
  const { laps } = start();
  laps.noticesLost();
  expect(laps.isSuspect(0)).toBe(false);
});
