import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { plainAttributes } from '../../../../support/fake-source.ts';
import { LargeFiles, SIZE } from '../../../../support/large-files.ts';

let large: LargeFiles;
beforeEach(async () => {
  large = await LargeFiles.open();
});

async function follows(name: string): Promise<void> {
  await large.halfSent(name, 'old');
  await large.toEnd();
  expect(large.isText(name, 'old')).toBe(true);
}

/** Tells of a change, about which the target is asked and does not answer yet. */
async function asked(name: string): Promise<void> {
  large.bench.target.isBusy = true;
  await large.told(() => large.bench.touched(name, true));
  for (let piece = 0; piece < 20; piece++) await large.bench.stages.transfers.step('live');
}

/** What can go without an answer goes. */
async function sentMeanwhile(name: string): Promise<void> {
  while (large.opsOf(name).at(-1) !== 'write-stream') {
    await large.bench.stages.transfers.step('live');
    large.bench.target.take();
    large.bench.stages.outbox.flush();
    await nextTurn();
  }
}

test('an answer about another file, which has the name by now, is not taken for one about the file that had it', async () => {
  await follows('one');
  large.write('one', 'new');
  await asked('one');
  renameSync(`${large.folder}/one`, `${large.folder}/two`);
  large.write('one', 'new');
  await large.told(() => large.bench.renamed('one', 'two'));
  large.bench.target.ops.length = 0;
  await large.told(() => large.bench.touched('one', true));
  await sentMeanwhile('one');
  large.bench.target.isBusy = false;
  await large.toEnd();
  expect(large.isText('one', 'new')).toBe(true);
  expect(large.isText('two', 'new')).toBe(true);
});

test('what was compared long before the answer came does not count as read when the answer came', async () => {
  await follows('one');
  const blocks = Buffer.alloc(SIZE, 'old');
  blocks.write('new');
  writeFileSync(`${large.folder}/one`, blocks);
  await asked('one');
  const { ctimeNs } = statSync(`${large.folder}/one`, { bigint: true });
  large.bench.target.isBusy = false;
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 });
  try {
    await large.toEnd();
  } finally {
    vi.useRealTimers();
  }
  expect(large.opsOf('one').at(-1)).toBe('patch-stream');
  const row = large.bench.stages.catalog.lookup(large.bench.at('one'));
  expect(row?.ctimeNs).toBe(ctimeNs);
  expect((row?.readAtMs ?? 0) - Number(ctimeNs / 1_000_000n)).toBeLessThan(30_000);
});

test('a large file that a mirror compares is sent under its new name if the target may not have moved the folder around it', async () => {
  mkdirSync(`${large.folder}/a`);
  large.write('a/one', 'old');
  const { mirrors, transfers, catalog } = large.bench.stages;
  const { target } = large.bench;
  target.files.set('a/one', { bytes: Buffer.alloc(SIZE, 'old') });
  const found = { attributes: plainAttributes, extendedHash: 0n, linkTarget: null };
  target.listings.set('', [{ ...found, name: 'a', kind: 'folder', size: 0 }]);
  target.listings.set('a', [{ ...found, name: 'one', kind: 'file', size: SIZE }]);
  mirrors.start({ kind: 'checksum' });
  while (mirrors.hasWork) await mirrors.step(50, () => false);
  await transfers.step('mirror');
  await nextTurn(); // the answer came, the file is not read to its end
  expect(transfers.isUnderWay(large.bench.at('a/one'))).toBe(true);
  const row = catalog.lookup(large.bench.at('a'));
  if (row !== null) catalog.doubt(row, 'nothing');
  renameSync(`${large.folder}/a`, `${large.folder}/b`);
  await large.told(() => large.bench.renamed('a', 'b', true));
  await large.toEnd();
  expect(catalog.lookup(large.bench.at('b/one'))?.trust).toBe('known');
  expect(large.isText('b/one', 'old')).toBe(true);
});
