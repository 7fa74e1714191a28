import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rawName } from '../../../../../../src-main/base/index.ts';
import { statEntry } from '../../../../../../src-main/engine/fs/index.ts';
import { SourceStagesBench } from '../../../../../support/source-stages.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

/** Two small files that the target has, so that their copies are made in memory, on any volume. */
async function follows() {
  const folder = tempFolder();
  for (const name of ['log', 'data', 'other']) writeFileSync(`${folder}/${name}`, '0');
  const bench = await SourceStagesBench.open(folder);
  for (const name of ['log', 'data', 'other']) bench.touched(name, true);
  await bench.follow();
  const change = (name: string, text: string): void => {
    appendFileSync(`${folder}/${name}`, text);
    bench.touched(name, true);
  };
  const told = () => ({ log: bench.target.text('log'), data: bench.target.text('data') });
  const lastGroup = () => {
    const { ops } = bench.target;
    const begin = ops.map(({ kind }) => kind).lastIndexOf('group-begin');
    return ops.slice(begin).map((op) => (op.kind === 'group-end' ? op.label : 'path' in op ? `${op.kind} ${op.path}` : op.kind));
  };
  return { folder, bench, change, told, lastGroup };
}

test('files that change again before the cut is told are in it as they were at its instant, and change after it', async () => {
  const { bench, change, told, lastGroup } = await follows();
  change('log', '1');
  change('data', '1');
  const isCut = await bench.cutAtOneInstant(() => {
    change('log', '2');
    change('data', '2');
  });
  expect(isCut).toBe(true);
  expect(lastGroup()).toEqual(['group-begin', 'write log', 'write data', 'point-in-time']);
  expect(told()).toEqual({ log: '01', data: '01' });
  expect(bench.stages.groups.cut?.label).toBe('point-in-time');
  await bench.follow();
  expect(told()).toEqual({ log: '012', data: '012' });
});

test('a change of anything else may have come before the instant: it is sent, and the copies are made anew', async () => {
  const { folder, bench, change, told, lastGroup } = await follows();
  change('log', '1');
  let rounds = 0;
  const isCut = await bench.cutAtOneInstant(() => {
    if (rounds++ > 0) return;
    renameSync(`${folder}/other`, `${folder}/elsewhere`);
    bench.renamed('other', 'elsewhere');
    change('data', '1');
  });
  expect(isCut).toBe(true);
  expect(rounds).toBe(2);
  expect(told()).toEqual({ log: '01', data: '01' });
  expect(bench.target.text('elsewhere')).toBe('0');
  expect(lastGroup().at(-1)).toBe('point-in-time');
});

test('a cut that something disturbs every time is given up, is called nothing, and loses no change', async () => {
  const { folder, bench, change, told } = await follows();
  change('log', '1');
  let made = 0;
  const isCut = await bench.cutAtOneInstant(() => {
    writeFileSync(`${folder}/new${made}`, '');
    bench.touched(`new${made++}`, true);
    change('data', '1');
  }, 60);
  expect(isCut).toBe(false);
  expect(bench.target.ops.some((op) => op.kind === 'group-end' && op.label === 'point-in-time')).toBe(false);
  expect(bench.stages.gathered.size).toBe(0);
  await bench.follow();
  expect(told()).toEqual({ log: '01', data: `0${'1'.repeat(made)}` });
  expect(bench.stages.instantPace.dueInMs).toBeGreaterThan(4_000);
});

test('where nothing changes no copies are made', async () => {
  const { bench, lastGroup } = await follows();
  expect(await bench.cutAtOneInstant(() => undefined)).toBe(false);
  expect(lastGroup()).not.toContain('point-in-time');
  expect(bench.stages.instantPace.dueInMs).toBe(0);
});

test('after a failure a large file that rests does not keep a cut from being tried: it is what the copies are for', async () => {
  const { folder, bench, change, lastGroup } = await follows();
  const { hotFiles, instantPace } = bench.stages;
  change('data', '1'.repeat(1024 * 1024));
  await bench.follow();
  await bench.transfer();
  const stat = statEntry(rawName(`${folder}/data`));
  if (stat !== null) hotFiles.sent(bench.at('data'), stat, 1_000);
  expect(hotFiles.postpone(bench.at('data'))).toBe(true);
  instantPace.failed();
  expect(bench.stages.groups.obstacle).toBe('a large file changes without rest');
  writeFileSync(`${folder}/data`, 'small enough for a copy in memory');
  expect(await bench.cutAtOneInstant(() => undefined)).toBe(true);
  expect(lastGroup()).toEqual(['group-begin', 'write data', 'point-in-time']);
});
