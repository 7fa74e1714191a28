import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

test('a folder that was found under its new name before its move is told stays there whole', async () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/old`);
  writeFileSync(`${folder}/old/x`, 'x');
  mkdirSync(`${folder}/p/t/s`, { recursive: true });
  for (const path of ['a', 'b', 's/c']) writeFileSync(`${folder}/p/t/${path}`, path);
  const bench = await SourceStagesBench.open(folder);
  await bench.mirror({ kind: 'all' });
  // The source is well ahead of what is told: a folder moves to a name, is removed there, and another one takes the name.
  renameSync(`${folder}/old`, `${folder}/u`);
  bench.renamed('old', 'u', true);
  rmSync(`${folder}/u`, { recursive: true });
  bench.gone('u/x');
  bench.gone('u');
  renameSync(`${folder}/p/t`, `${folder}/u`);
  bench.renamed('p/t', 'u', true);
  await bench.follow();
  for (const path of ['a', 'b', 's/c']) expect(bench.target.text(`u/${path}`)).toBe(path);
  expect([...bench.target.files.keys()].sort()).toEqual(['u/a', 'u/b', 'u/s/c']);
});

test('a file that was found under its new name before its move is told stays there', async () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/a`, 'a');
  writeFileSync(`${folder}/b`, 'b');
  const bench = await SourceStagesBench.open(folder);
  await bench.mirror({ kind: 'all' });
  renameSync(`${folder}/a`, `${folder}/b`);
  writeFileSync(`${folder}/b`, 'more');
  bench.touched('b', true);
  bench.renamed('a', 'b');
  await bench.follow();
  expect(bench.target.text('b')).toBe('more');
  expect([...bench.target.files.keys()]).toEqual(['b']);
});
