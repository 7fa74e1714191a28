import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { CHANGED_BETWEEN, CommonCut } from '../../../../../src-main/engine/connection/source/common-cut.ts';
import type { CommonReport } from '../../../../../src-main/engine/connection/source/common-cuts.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const cut = { sequence: 7, at: new Date(5_000).toISOString(), label: 'point-in-time' } as const;

/** A connection that stands at its cut and is asked about it, over real stages. */
async function standing() {
  const folder = tempFolder();
  writeFileSync(`${folder}/a`, '1');
  const bench = await SourceStagesBench.open(folder);
  let request = 0;
  let isAnswered = false;
  const sync = { request: () => ++request, isAnswered: () => isAnswered } as never;
  const stages = { ...bench.stages, sync };
  const reports: CommonReport[] = [];
  let nowMs = 0;
  const common = new CommonCut({ report: (report) => reports.push(report), nowMs: () => nowMs });
  common.begin('other');
  common.made(cut);
  expect(common.step(stages)).toEqual({ kind: 'wait', ms: 8_000 });
  common.heard({ kind: 'look', round: 3 });
  onTestFinished(() => bench.stages.sync.close());
  const answer = () => (isAnswered = true);
  const pass = (ms: number) => (nowMs += ms);
  return { folder, bench, common, step: () => common.step(stages), reports, answer, pass };
}

test('nothing has happened since a cut when a sync point after it brought nothing', async () => {
  const { step, reports, answer } = await standing();
  expect(reports).toEqual([{ kind: 'cut', atMs: 5_000, label: 'point-in-time', why: null }]);
  expect(step()).toEqual({ kind: 'wait', ms: 2_000 });
  expect(reports).toHaveLength(1); // what was told before the answer may not be all
  answer();
  step();
  expect(reports.at(-1)).toEqual({ kind: 'looked', round: 3, moved: null });
});

test('a change that comes before the sync point is something that happened', async () => {
  const { bench, step, reports, answer } = await standing();
  step();
  bench.touched('a', true);
  answer();
  step();
  expect(reports.at(-1)).toEqual({ kind: 'looked', round: 3, moved: CHANGED_BETWEEN });
});

test('a write that is under way, of which nothing is told yet, is something that happened', async () => {
  const { bench, folder, step, reports, answer } = await standing();
  bench.touched('a', true);
  await bench.follow();
  writeFileSync(`${folder}/a`, '22');
  step();
  answer();
  step();
  expect(reports.at(-1)).toEqual({ kind: 'looked', round: 3, moved: CHANGED_BETWEEN });
});

test('a capture that does not answer proves nothing', async () => {
  const { step, reports, pass } = await standing();
  step();
  pass(2_000);
  step();
  expect(reports.at(-1)).toMatchObject({ kind: 'looked', moved: expect.stringContaining('did not answer') as string });
});

test('a cut of which nothing is told any more stands alone after a while, which is said to the other one too', async () => {
  const { common, step, reports, answer, pass } = await standing();
  answer();
  expect(step()).toEqual({ kind: 'wait', ms: 8_000 });
  pass(7_999);
  expect(step()).toEqual({ kind: 'wait', ms: 1 });
  pass(1);
  const why = 'nothing was heard of the other cut in time';
  expect(step()).toEqual({ kind: 'over', atMs: null, common: { with: 'other', isSame: false, why } });
  expect(reports.at(-1)).toEqual({ kind: 'left', why });
  expect(common.isOpen).toBe(false);
});

test('what comes of both cuts ends it, or begins it anew', async () => {
  const { common, step } = await standing();
  common.heard({ kind: 'again', afterMs: 40 });
  expect(step()).toEqual({ kind: 'again', afterMs: 40 });
  common.made(cut);
  common.heard({ kind: 'same', atMs: 6_000 });
  expect(step()).toEqual({ kind: 'over', atMs: 6_000, common: { with: 'other', isSame: true, why: null } });
  expect(common.isOpen).toBe(false);
});

test('a cut that is made after it was told what comes of the one before stands alone', async () => {
  const { common, step } = await standing();
  common.heard({ kind: 'same', atMs: 6_000 });
  common.made({ ...cut, sequence: 9 }); // a hold of the target asked for it
  expect(step()).toMatchObject({ kind: 'over', atMs: null, common: { isSame: false, why: CHANGED_BETWEEN } });
});

test('a link that is lost is told, and the cut that is made later says why it stands alone', async () => {
  const { common, reports, step } = await standing();
  common.leave('the link was lost');
  expect(reports.at(-1)).toEqual({ kind: 'left', why: 'the link was lost' });
  common.heard({ kind: 'same', atMs: 1 }); // sent before that was heard
  expect(step()).toEqual({ kind: 'wait', ms: null });
  expect(common.remark).toEqual({ with: 'other', isSame: false, why: 'the link was lost' });
  common.end();
  expect(common.remark).toBeNull();
});
