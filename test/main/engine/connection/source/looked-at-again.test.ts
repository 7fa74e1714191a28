import { closeSync, mkdirSync, openSync, rmSync, statSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { SyncBell } from '../../../../../src-main/engine/capture/index.ts';
import { bellPath } from '../../../../../src-main/engine/connection/source/source-protocol.ts';
import { eventually } from '../../../../support/eventually.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** A bench whose groups can come to rest: the test is the capture that answers them. */
async function open(): Promise<{ bench: SourceStagesBench; folder: string; lookAgain: () => Promise<void> }> {
  const folder = tempFolder();
  const catalogFile = `${tempFolder()}/catalog`;
  const bell = SyncBell.make(bellPath(catalogFile));
  onTestFinished(() => bell?.close());
  const bench = await SourceStagesBench.open(folder, catalogFile);
  const { groups, queue, sync } = bench.stages;
  sync.started();
  onTestFinished(() => sync.close());
  /** A read that stays in doubt is looked at again without a notice. */
  const lookAgain = async () => {
    await eventually('the doubtful read is looked at again', () => {
      groups.rest();
      return queue.ops > 0;
    });
    await bench.follow();
  };
  return { bench, folder, lookAgain };
}

/** What a slow program does: the file is there, and empty, before it is written. */
function writeFarInside(path: string): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, 'content', 1024 * 1024);
  closeSync(fd);
}

test('a file that was read empty, then sent in pieces, and is looked at again has its content on the target', async () => {
  const { bench, folder, lookAgain } = await open();
  writeFileSync(`${folder}/a`, '');
  bench.touched('a', true);
  await bench.follow();
  writeFarInside(`${folder}/a`);
  await lookAgain();
  expect(bench.target.ops.map(({ kind }) => kind)).toEqual(['folder', 'write', 'write-stream']);
  expect(bench.target.text('a')?.length).toBe(statSync(`${folder}/a`).size);
  expect(bench.target.text('a')?.endsWith('content')).toBe(true);
});

test('a folder that a link to itself has taken the place of stops nothing: what waits below it is nothing, and the link arrives', async () => {
  const { bench, folder } = await open();
  mkdirSync(`${folder}/a/c`, { recursive: true });
  writeFileSync(`${folder}/a/c/f`, 'content');
  writeFileSync(`${folder}/other`, 'other');
  bench.touched('a/c/f', true);
  await bench.follow();
  expect(bench.target.text('a/c/f')).toBe('content');
  bench.touched('a/c/f', true);
  bench.touched('a/c', false);
  bench.renamed('a/c/f', 'a/c/g');
  rmSync(`${folder}/a`, { recursive: true });
  symlinkSync('a', `${folder}/a`);
  bench.touched('other', true);
  bench.touched('a', true);
  await bench.follow();
  await bench.sweep();
  expect(bench.target.text('other')).toBe('other');
  expect(bench.target.ops.slice(-2).map(({ kind }) => kind)).toEqual(['symlink', 'attributes']);
});
