import { expect, test } from 'vitest';
import { SentList } from '../../../../src-main/engine/transmit/sent-list.ts';

test('ops leave in the order in which they came, with what was noted of them', () => {
  const list = new SentList();
  let next = 1;
  let oldest = 1;
  // Grows past its first size, shrinks, and is used again from the start, with some always in it.
  for (const [added, taken] of [
    [5_000, 4_000],
    [200, 1_100],
    [3_000, 3_050],
    [1, 51],
    [10, 4],
  ] as const) {
    for (let i = 0; i < added; i++, next++) list.push(next, next * 10, next % 2 === 0 ? null : next + 0.5);
    for (let i = 0; i < taken; i++, oldest++) {
      expect([list.sequence(0), list.bytes(0), list.noticedAtMs(0)]).toEqual([
        oldest,
        oldest * 10,
        oldest % 2 === 0 ? null : oldest + 0.5,
      ]);
      list.shift();
    }
    expect(list.length).toBe(next - oldest);
  }
  expect(list.sequence(5)).toBe(oldest + 5);
  list.cut(2);
  list.push(99, 1, null);
  expect([list.length, list.sequence(1), list.sequence(2)]).toEqual([3, oldest + 1, 99]);
});
