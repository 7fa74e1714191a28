import { expect, test } from 'vitest';
import { Sweeps } from '../../../../../src-main/engine/connection/source/sweeps.ts';

test('a sweep follows a rest after changes, and none follows while nothing happens', () => {
  let now = 0;
  const sweeps = new Sweeps(() => now);
  expect(sweeps.dueInMs()).toBeNull();
  sweeps.changed();
  now = 400;
  sweeps.changed();
  expect(sweeps.dueInMs()).toBe(1_000);
  now = 1_400;
  expect(sweeps.dueInMs()).toBe(0);
  sweeps.started();
  now = 1_410;
  sweeps.ended();
  expect(sweeps.dueInMs()).toBeNull();
});

test('a long sweep is followed by a longer pause', () => {
  let now = 0;
  const sweeps = new Sweeps(() => now);
  sweeps.started();
  now = 100;
  sweeps.ended();
  sweeps.changed();
  expect(sweeps.dueInMs()).toBe(20_000);
});
