import { expect, test } from 'vitest';
import { StepTimes } from '../../../../src-main/service/rotations/step-times.ts';

function pass(times: StepTimes, seconds: number): void {
  for (let i = 0; i < seconds; i++) times.tick();
}

const wait = { kind: 'wait', problem: '' } as const;

test('a cut is waited for ten minutes from its step’s first look, not counting what comes before', () => {
  const times = new StepTimes();
  expect(times.isOutOfTime('a', 'cutting')).toBe(false);
  pass(times, 599);
  expect(times.isOutOfTime('a', 'cutting')).toBe(false);
  pass(times, 1);
  expect(times.isOutOfTime('a', 'cutting')).toBe(true);
  expect(times.isOutOfTime('a', 'leaving')).toBe(false); // the next step has its own time
  pass(times, 600);
  times.waited('a', { ...wait, isBefore: true });
  expect(times.isOutOfTime('a', 'leaving')).toBe(false);
});

test('a mirror may take as long as it does; a new slot that is to be level has ten seconds to come nearer, again and again', () => {
  const times = new StepTimes();
  const look = (waitingOps?: number) => {
    const isOver = times.isOutOfTime('a', 'bringing');
    times.waited('a', waitingOps === undefined ? wait : { ...wait, waitingOps });
    return isOver;
  };
  expect(look()).toBe(false);
  pass(times, 3_600);
  expect(look(5_000)).toBe(false);
  pass(times, 9);
  expect(look(4_999)).toBe(false);
  pass(times, 9);
  expect(look(6_000)).toBe(false);
  pass(times, 1);
  expect(look(6_000)).toBe(true);
  times.forget('a');
  expect(look(6_000)).toBe(false);
});
