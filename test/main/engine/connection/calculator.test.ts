import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { SetRule } from '../../../../src-main/api/index.ts';
import { Calculator } from '../../../../src-main/engine/connection/calculator.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const of = (path: string): SetRule[] => [{ path, verdict: 'include', recursive: true }];

/** A folder with so many files of ten bytes. */
function folderOf(files: number): string {
  const folder = `${tempFolder()}/set`;
  mkdirSync(folder);
  for (let i = 0; i < files; i++) writeFileSync(`${folder}/${i}`, '0123456789');
  return folder;
}

test('sets are summed one after the other; one that fails fails alone', async () => {
  const calculator = new Calculator();
  const { signal } = new AbortController();
  const [three, none, two] = await Promise.allSettled([
    calculator.sum(of(folderOf(3)), [], signal),
    calculator.sum(of('/nowhere/at/all'), [], signal),
    calculator.sum(of(folderOf(2)), [], signal),
  ]);
  expect(three).toMatchObject({ value: { files: 3, folders: 1, bytes: 30, unreadable: 0 } });
  expect(none).toMatchObject({ reason: { code: 'not-found', details: { path: '/nowhere/at/all' } } });
  expect(two).toMatchObject({ value: { files: 2, bytes: 20 } });
  // Its thread has ended with the last of them; another begins.
  expect(await calculator.sum(of(folderOf(1)), [], signal)).toMatchObject({ files: 1 });
});

test('one that nobody wants any more rejects at once, waiting or under way, and the next is summed', async () => {
  const calculator = new Calculator();
  const [running, waiting, wanted] = [new AbortController(), new AbortController(), new AbortController()];
  const sums = [running, waiting].map(({ signal }) => calculator.sum(of('/usr'), [], signal));
  const next = calculator.sum(of(folderOf(1)), [], wanted.signal);
  waiting.abort();
  running.abort();
  for (const sum of sums) await expect(sum).rejects.toMatchObject({ code: 'timeout' });
  expect(await next).toMatchObject({ files: 1 });
});
