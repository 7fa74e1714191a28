import { expect, test } from 'vitest';
import { Absences } from '../../../../../src-main/engine/connection/source/absences.ts';

const at = (path: string, root = 0) => ({ root, path });

test('a missing entry is explained by the departure of itself or of a folder above, of its own root only', () => {
  const absences = new Absences(() => 0);
  for (const place of [at('a/b'), at('a'), at('ab'), at('a/b', 1)]) absences.noted(place);
  absences.explained(at('a'));
  expect(absences.size).toBe(2);
  absences.explained(at('ab'));
  absences.explained(at('a/b', 1));
  expect(absences.size).toBe(0);
});

test('what nothing explains for five seconds is given up, once, to be looked at again', () => {
  let nowMs = 0;
  const absences = new Absences(() => nowMs);
  absences.noted(at('early'));
  nowMs = 3_000;
  absences.noted(at('late'));
  expect(absences.takeOverdue()).toEqual([]);
  nowMs = 5_001;
  expect(absences.takeOverdue()).toEqual([at('early')]);
  expect([absences.size, absences.takeOverdue()]).toEqual([1, []]);
});
