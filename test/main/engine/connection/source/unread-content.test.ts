import { linkSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually } from '../../../../support/eventually.ts';
import { mountFresh, whyNoVolume } from '../../../../support/loop-volume.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const OLD = new Date(1_000_000_000_000);

/** A file that the target has, read long enough after its last change that its time stamps are beyond doubt. */
async function follows(names: readonly string[]): Promise<{ bench: SourceStagesBench; folder: string }> {
  const folder = tempFolder();
  const [first = '', ...others] = names;
  writeFileSync(`${folder}/${first}`, 'one');
  utimesSync(`${folder}/${first}`, OLD, OLD);
  for (const name of others) linkSync(`${folder}/${first}`, `${folder}/${name}`);
  const { ctimeMs } = statSync(`${folder}/${first}`);
  await eventually('the clock went on', () => Date.now() > ctimeMs + 25);
  const bench = await SourceStagesBench.open(folder);
  for (const name of names) bench.touched(name, true);
  await bench.follow();
  expect(names.map((name) => bench.target.text(name))).toEqual(names.map(() => 'one'));
  return { bench, folder };
}

/** An edit that size and mtime do not show. */
function editSecretly(path: string): void {
  writeFileSync(path, 'two');
  utimesSync(path, OLD, OLD);
}

test('a write through one of two hard links is not taken for sent because the attributes of the other were', async () => {
  const { bench, folder } = await follows(['a', 'b']);
  writeFileSync(`${folder}/b`, 'two');
  bench.touched('a', false); // the times of both were set before b was written
  bench.touched('b', false);
  bench.renamed('x', 'y'); // what comes after a rename is an item of its own
  bench.touched('b', true);
  await bench.follow();
  expect([bench.target.text('a'), bench.target.text('b')]).toEqual(['two', 'two']);
});

test('an edit that kept its mtime is sent although a change of attributes before it noted the newest ctime', async () => {
  const { bench, folder } = await follows(['a']);
  editSecretly(`${folder}/a`);
  bench.touched('a', false);
  bench.renamed('x', 'y');
  bench.touched('a', true);
  await bench.follow();
  expect(bench.target.text('a')).toBe('two');
});

test('a write that gave no notice is found at rest although a change of attributes noted its times', async () => {
  const { bench, folder } = await follows(['a']);
  writeFileSync(`${folder}/a`, 'two'); // as through a memory map
  bench.touched('a', false);
  await bench.follow();
  await bench.sweep();
  expect(bench.target.text('a')).toBe('two');
});

test('an edit through a name that was linked a moment ago is found at rest although size and mtime are the old ones', async () => {
  const { bench, folder } = await follows(['a']);
  linkSync(`${folder}/a`, `${folder}/b`);
  editSecretly(`${folder}/b`);
  bench.touched('b', true);
  await bench.follow();
  await bench.sweep();
  expect([bench.target.text('a'), bench.target.text('b')]).toEqual(['two', 'two']);
});

test('a further name of an unchanged file costs no data, neither at once nor at rest', async () => {
  const { bench, folder } = await follows(['a']);
  linkSync(`${folder}/a`, `${folder}/b`);
  bench.touched('b', true);
  await bench.follow();
  await bench.sweep();
  await bench.sweep();
  const { ops } = bench.target;
  expect(ops.filter(({ kind }) => kind === 'write')).toHaveLength(1);
  expect(ops.filter(({ kind }) => kind === 'link')).toHaveLength(1);
});

test('after lost notices a file is compared whose new ctime was noted without reading it', async () => {
  const { bench, folder } = await follows(['a']);
  editSecretly(`${folder}/a`);
  bench.touched('a', false);
  await bench.follow(); // the notice of the edit is lost
  await bench.sweep();
  expect(bench.target.text('a')).toBe('one');
  bench.stages.catalog.noticesLost();
  await bench.sweep();
  expect(bench.target.text('a')).toBe('two');
});

test.skipIf(whyNoVolume('ext2') !== null)(
  'a change in the second of the last one is sent where whole seconds are kept',
  async () => {
    const folder = `${tempFolder()}/volume`;
    mountFresh('ext2', folder);
    const bench = await SourceStagesBench.open(folder);
    for (const text of ['one', 'two', 'six']) {
      writeFileSync(`${folder}/f`, text);
      bench.touched('f', true);
      await bench.follow();
      expect(bench.target.text('f')).toBe(text);
    }
  },
);
