import { linkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { QueueItem } from '../../../../../../src-main/engine/queue/index.ts';
import { SourceStagesBench } from '../../../../../support/source-stages.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

async function scene() {
  const folder = tempFolder();
  for (const name of ['a', 'b', 'linked']) writeFileSync(`${folder}/${name}`, '0');
  linkSync(`${folder}/linked`, `${folder}/second`);
  const bench = await SourceStagesBench.open(folder);
  for (const name of ['a', 'b', 'linked', 'second']) bench.touched(name, true);
  await bench.follow();
  writeFileSync(`${folder}/unknown`, '0');
  const item = (path: string, content = true): QueueItem => ({
    kind: 'examine', place: bench.at(path), content, deep: false, isSettled: false, noticedAtMs: 1, bytes: 0,
  }); // prettier-ignore
  return { gathered: bench.stages.gathered, item, at: (path: string) => bench.at(path) };
}

test('only contents of files that the target knows under one name are gathered, and only when asked for', async () => {
  const { gathered, item } = await scene();
  expect(gathered.gather(item('a'))).toBe(false);
  gathered.begin();
  const answers = ['a', 'linked', 'unknown', 'missing'].map((path) => gathered.gather(item(path)));
  expect(answers).toEqual([true, false, false, false]);
  expect(gathered.gather(item('b', false))).toBe(false);
  expect(gathered.gather(item('a', false))).toBe(true);
  expect(gathered.end()).toHaveLength(1);
  expect(gathered.gather(item('a'))).toBe(false);
});

test('after the copies only further changes of their own files disturb nothing', async () => {
  const { gathered, item, at } = await scene();
  gathered.begin();
  gathered.gather(item('a'));
  gathered.mark();
  gathered.gather(item('a'));
  expect(gathered.isDisturbed).toBe(false);
  gathered.gather(item('b'));
  expect(gathered.isDisturbed).toBe(true);
  gathered.mark();
  expect(gathered.isDisturbed).toBe(false);
  gathered.gather({ kind: 'gone', place: at('b'), isFolder: false, noticedAtMs: 1, bytes: 0 });
  expect(gathered.isDisturbed).toBe(true);
});

test('what changed after the copies is told apart from what they hold', async () => {
  const { gathered, item } = await scene();
  gathered.begin();
  gathered.gather(item('a'));
  gathered.gather(item('b'));
  gathered.mark();
  gathered.gather(item('b'));
  expect(gathered.end().map(({ place, isAfterMark }) => [place.path, isAfterMark])).toEqual([
    ['a', false],
    ['b', true],
  ]);
});
