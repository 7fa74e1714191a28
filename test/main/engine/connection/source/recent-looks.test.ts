import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RecentLooks } from '../../../../../src-main/engine/connection/source/recent-looks.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** A file that was sent a moment ago. */
async function sent() {
  const folder = tempFolder();
  writeFileSync(`${folder}/a`, '1');
  const bench = await SourceStagesBench.open(folder);
  let nowMs = 0;
  const looks = new RecentLooks(bench.stages.catalog, bench.stages.roots, () => nowMs);
  bench.stages.outbox.onPushed = (op) => looks.pushed(op);
  bench.touched('a', true);
  await bench.follow();
  expect(looks.isAnyChanged()).toBe(false);
  return { folder, looks, pass: (ms: number) => (nowMs += ms) };
}

test.each<[string, (folder: string) => void]>([
  ['written', (folder) => writeFileSync(`${folder}/a`, '2')],
  ['removed', (folder) => rmSync(`${folder}/a`)],
  [
    'replaced',
    (folder) => {
      writeFileSync(`${folder}/new`, '1');
      renameSync(`${folder}/new`, `${folder}/a`);
    },
  ],
])('a file that was sent a moment ago and is %s now has changed, also before anybody tells', async (_what, change) => {
  const { folder, looks } = await sent();
  change(folder);
  expect(looks.isAnyChanged()).toBe(true);
});

test('what was sent long ago is not looked at', async () => {
  const { folder, looks, pass } = await sent();
  writeFileSync(`${folder}/a`, '2');
  pass(10_001);
  expect(looks.isAnyChanged()).toBe(false);
});
