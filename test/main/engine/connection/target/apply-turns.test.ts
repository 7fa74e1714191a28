import { expect, test } from 'vitest';
import { ApplyTurns } from '../../../../../src-main/engine/connection/target/apply-turns.ts';

/** A thread whose clock moves only when something is done in it. */
function openThread() {
  let nowMs = 0;
  let idleMs = 0;
  const turns = new ApplyTurns({ nowMs: () => nowMs, activeMs: () => nowMs - idleMs });
  const work = (ms: number) => void (nowMs += ms);
  return {
    share: () => turns.share(),
    work,
    sleep: (ms: number) => {
      nowMs += ms;
      idleMs += ms;
    },
    /** Applies ops of 1 ms until the turn is over; how many there were. */
    apply: (turn: ReturnType<ApplyTurns['share']>, isIdle = false) => {
      turn.begin();
      let ops = 0;
      do {
        work(1);
        ops++;
      } while (!turn.isOver());
      turn.end(isIdle);
      return ops;
    },
  };
}

test('a turn is short while there is little else to do, and a time without work counts as none', () => {
  const { share, work, sleep, apply } = openThread();
  const turn = share();
  expect(apply(turn)).toBe(3);
  work(2);
  expect(apply(turn, true)).toBe(3);
  sleep(1_000);
  expect(apply(turn)).toBe(3);
});

test('a turn is as long as everything else took since the last one, within a limit', () => {
  const { share, work, apply } = openThread();
  const turn = share();
  apply(turn);
  work(40);
  expect(apply(turn)).toBe(40);
  work(5_000);
  expect(apply(turn)).toBe(200);
  expect(apply(turn)).toBe(3);
});

test('replicas that apply at the same time divide it, and do not take the turns of each other for other work', () => {
  const { share, work, apply } = openThread();
  const [one, other] = [share(), share()];
  apply(one);
  apply(other);
  for (let round = 0; round < 10; round++) {
    work(40);
    expect(apply(one)).toBe(20);
    expect(apply(other)).toBe(20);
  }
  apply(other, true);
  work(37);
  expect(apply(one)).toBeGreaterThanOrEqual(37);
});
