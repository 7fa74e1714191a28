import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const DEPTH = 40;
const chain = Array.from({ length: DEPTH }, (_, i) => Array.from({ length: i + 1 }, (_, k) => `d${k}`).join('/'));

test('new folders in each other are looked at once for all, not from each of them again', async () => {
  const folder = tempFolder();
  const bench = await SourceStagesBench.open(folder);
  await bench.mirror({ kind: 'all' });
  const bottom = chain.at(-1) ?? '';
  mkdirSync(`${folder}/${bottom}`, { recursive: true });
  writeFileSync(`${folder}/${bottom}/file`, 'deep down');
  const looks = vi.spyOn(bench.stages.tree, 'see');
  for (const path of chain) bench.appeared(path);
  await bench.follow();
  expect(bench.target.text(`${bottom}/file`)).toBe('deep down');
  // Each by the walk of the topmost, and by its own notice.
  expect(looks.mock.calls.length).toBeLessThanOrEqual(2 * DEPTH + 5);
});

test('what comes into a folder after it was walked is found with the notice that comes after it', async () => {
  const folder = tempFolder();
  const bench = await SourceStagesBench.open(folder);
  await bench.mirror({ kind: 'all' });
  mkdirSync(`${folder}/a/b`, { recursive: true });
  const { queue, tree } = bench.stages;
  const see = tree.see.bind(tree);
  // While `a` is walked: into a folder of which nobody was told yet, and which nobody follows before that.
  const spy = vi.spyOn(tree, 'see').mockImplementation((place) => {
    const seen = see(place);
    if (place.path === 'a/b/early' && !existsSync(`${folder}/a/b/late`)) {
      writeFileSync(`${folder}/a/b/late`, 'late');
      bench.appeared('a/b');
    }
    return seen;
  });
  writeFileSync(`${folder}/a/b/early`, 'early');
  for (const path of ['a', 'a/b']) bench.appeared(path);
  await bench.follow();
  spy.mockRestore();
  expect(bench.target.text('a/b/late')).toBe('late');
  expect(queue.ops).toBe(0);
});
