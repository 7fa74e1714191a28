import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawSample } from '../../../../src-main/engine/backup/index.ts';

let root: string;
const signal = new AbortController().signal;
beforeAll(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'sample-'));
  for (const folder of ['one', 'two']) {
    mkdirSync(`${root}/${folder}/deep`, { recursive: true });
    for (let i = 0; i < 50; i++) writeFileSync(`${root}/${folder}/deep/f${i}`, 'x'.repeat(i));
  }
  writeFileSync(`${root}/one/wild*card`, '');
  writeFileSync(Buffer.from(`${root}/one/caf\xe9`, 'latin1'), '');
  symlinkSync('deep/f1', `${root}/one/link`);
});
afterAll(() => rmSync(root, { recursive: true }));

test('a seed draws the same again, another seed others, and the sample is of all files in any order of the trees', async () => {
  const both = [`${root}/one`, `${root}/two`];
  const first = await drawSample(both, 'seed', 10, signal);
  expect(first.population).toEqual({ files: 100, bytes: 2 * (49 * 25) });
  expect(first.unnameable, 'a rule would mean others, or none').toBe(2);
  expect(new Set(first.files.map(({ path }) => path)).size).toBe(10);
  expect((await drawSample(both.toReversed(), 'seed', 10, signal)).files).toEqual(first.files);
  const larger = await drawSample(both, 'seed', 20, signal);
  expect(larger.files).toEqual(expect.arrayContaining([...first.files]));
  expect((await drawSample(both, 'another', 10, signal)).files).not.toEqual(first.files);
  expect((await drawSample(both, 'seed', 500, signal)).files).toHaveLength(100);
});

test('every file is drawn about as often as any other', async () => {
  const times = new Map<string, number>();
  for (let seed = 0; seed < 1000; seed++)
    for (const { path } of (await drawSample([`${root}/two`], String(seed), 10, signal)).files)
      times.set(path, (times.get(path) ?? 0) + 1);
  // 1000 draws of 10 out of 50: 200 each. Seven standard deviations are 88, which chance passes once in a thousand million runs; the paths,
  // and so the draws, are others in each run.
  expect(times.size).toBe(50);
  for (const count of times.values()) expect(Math.abs(count - 200)).toBeLessThan(88);
});

test('what cannot be looked at is counted, and told apart from what is not there', async () => {
  const folder = `${root}/one/${'n'.repeat(200)}`;
  mkdirSync(folder);
  // Longer than the system takes: its names can be read from nowhere.
  const tooLong = `${root}${'/x'.repeat(3000)}`;
  expect(await drawSample([folder, tooLong, `${root}/missing`], 'seed', 5, signal)).toMatchObject({ files: [], unreadable: 1 });
  rmSync(folder, { recursive: true });
});
