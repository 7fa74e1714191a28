import { expect, test } from 'vitest';
import type { RotationRun } from '../../../src-main/api/index.ts';
import { showRun } from '../../../src-main/dtcl/rotation-text.ts';

const at = '2026-11-27T12:00:00.000Z';
const run: RotationRun = {
  ...{ dueAt: at, begunAt: at, endedAt: at, from: 'A', to: 'B', outcome: 'done', why: 'Because.', cut: null, isComplete: true },
  ...{ levelCut: null, isSameCut: null, sentBytes: null, skippedBytes: null },
};

test.each([
  [null, `due ${at}  to B  done ${at}  Because.`],
  [true, `due ${at}  to B  done ${at}, same cut: yes  Because.`],
  [false, `due ${at}  to B  done ${at}, same cut: no  Because.`],
])('a run says whether both cuts of its switch were one (%s)', (isSameCut, text) => {
  expect(showRun({ ...run, isSameCut })).toBe(text);
});
