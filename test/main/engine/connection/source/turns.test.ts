import { expect, test } from 'vitest';
import { Turns, type Work } from '../../../../../src-main/engine/connection/source/turns.ts';

const PIECE = 1000;

/** Who gets each of so many turns, when every turn puts `bytes` on the line. */
function turns(has: Partial<Record<Work, boolean>>, count: number, bytes: Record<Work, number>): Record<Work, number> {
  const given = { changes: 0, transfers: 0, mirror: 0 };
  const whose = new Turns();
  let sent = 0;
  for (let i = 0; i < count; i++) {
    const next = whose.next({ changes: false, transfers: false, mirror: false, ...has }, sent, PIECE);
    if (next === null) break;
    given[next]++;
    sent += bytes[next];
  }
  return given;
}

test('changes go first, then large files among them, then the mirror', () => {
  const whose = new Turns();
  expect(whose.next({ changes: true, transfers: true, mirror: true }, 0, PIECE)).toBe('changes');
  expect(whose.next({ changes: false, transfers: true, mirror: true }, 0, PIECE)).toBe('transfers');
  expect(whose.next({ changes: false, transfers: false, mirror: true }, 0, PIECE)).toBe('mirror');
  expect(whose.next({ changes: false, transfers: false, mirror: false }, 0, PIECE)).toBeNull();
});

test('a mirror goes on under changes that never cease, and under large files that never do', () => {
  const small = { changes: 1, transfers: PIECE, mirror: PIECE };
  expect(turns({ changes: true, mirror: true }, 1002, small).mirror).toBe(2);
  const { transfers, mirror } = turns({ transfers: true, mirror: true }, 100, small);
  expect(transfers).toBeGreaterThan(2 * mirror);
  expect(mirror).toBeGreaterThanOrEqual(20);
});

test('changes with much content let the others go as often as those with little, by what goes over the line', () => {
  const given = turns({ changes: true, transfers: true, mirror: true }, 120, { changes: PIECE, transfers: PIECE, mirror: PIECE });
  expect(given.changes).toBeGreaterThan(60);
  expect(Math.min(given.transfers, given.mirror)).toBeGreaterThan(15);
});
