import { appendFileSync, linkSync, mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FileContent } from '../../../../../src-main/engine/connection/source/file-content.ts';
import type { Refusals } from '../../../../../src-main/engine/connection/source/refusals.ts';
import { Transfer } from '../../../../../src-main/engine/connection/source/transfer.ts';
import { Transfers, type TransfersParts } from '../../../../../src-main/engine/connection/source/transfers.ts';
import { statEntry } from '../../../../../src-main/engine/fs/index.ts';
import type { EntryStat } from '../../../../../src-main/engine/model/index.ts';
import { LargeFiles, MEBIBYTE, SIZE } from '../../../../support/large-files.ts';

let large: LargeFiles;
beforeEach(async () => {
  large = await LargeFiles.open();
});

test('a change that comes while a large file is sent goes at once, and the file takes its place in the order when it is whole', async () => {
  await large.halfSent('large');
  writeFileSync(`${large.folder}/small`, 'small');
  await large.told(() => large.bench.touched('small', true));
  expect(large.bench.target.text('small')).toBe('small');
  expect(large.opsOf('large')).toEqual([]);
  await large.toEnd();
  expect(large.isText('large', 'large')).toBe(true);
  expect(large.bench.target.ops.at(-1)).toMatchObject({ kind: 'write-stream', path: 'large' });
});

describe('what happens to a large file while it is sent', () => {
  test('a rename costs no data', async () => {
    await large.halfSent('one');
    renameSync(`${large.folder}/one`, `${large.folder}/two`);
    await large.told(() => large.bench.renamed('one', 'two'));
    await large.toEnd();
    expect(large.isText('two', 'large')).toBe(true);
    expect(large.opsOf('one')).toEqual([]);
    expect(large.bench.target.streamBytes).toBe(SIZE);
  });

  test('the move of a folder around it takes it along', async () => {
    mkdirSync(`${large.folder}/old`);
    await large.told(() => large.bench.touched('old', true));
    await large.halfSent('old/large');
    renameSync(`${large.folder}/old`, `${large.folder}/new`);
    await large.told(() => large.bench.renamed('old', 'new', true));
    await large.toEnd();
    expect(large.isText('new/large', 'large')).toBe(true);
    expect(large.bench.target.streamBytes).toBe(SIZE);
  });

  test('a rename that is told after the last piece sends it under its new name', async () => {
    await large.halfSent('one');
    renameSync(`${large.folder}/one`, `${large.folder}/two`);
    await large.bench.transfer();
    expect(large.bench.target.files.size).toBe(0);
    await large.told(() => large.bench.renamed('one', 'two'));
    await large.toEnd();
    expect(large.isText('two', 'large')).toBe(true);
  });

  test('a folder around it that moves, and of which is told after the last piece, takes it along', async () => {
    mkdirSync(`${large.folder}/old`);
    await large.told(() => large.bench.touched('old', true));
    await large.halfSent('old/large');
    renameSync(`${large.folder}/old`, `${large.folder}/new`);
    await large.bench.transfer();
    await large.bench.follow();
    expect(large.bench.target.files.size).toBe(0);
    await large.told(() => large.bench.renamed('old', 'new', true));
    await large.toEnd();
    expect(large.isText('new/large', 'large')).toBe(true);
  });

  test('a folder around it that moved before its turn came takes it along', async () => {
    mkdirSync(`${large.folder}/old`);
    await large.told(() => large.bench.touched('old', true));
    large.write('old/large', 'large');
    await large.told(() => large.bench.touched('old/large', true));
    renameSync(`${large.folder}/old`, `${large.folder}/new`);
    await large.bench.transfer();
    await large.bench.follow();
    await large.told(() => large.bench.renamed('old', 'new', true));
    await large.toEnd();
    expect(large.isText('new/large', 'large')).toBe(true);
  });

  test('a folder around it that moved between two steps takes it along', async () => {
    mkdirSync(`${large.folder}/old`);
    await large.told(() => large.bench.touched('old', true));
    large.write('old/large', 'large');
    await large.told(() => large.bench.touched('old/large', true));
    expect(await large.bench.stages.transfers.step('live')).toBe(true);
    renameSync(`${large.folder}/old`, `${large.folder}/new`);
    await large.bench.transfer();
    await large.bench.follow();
    await large.told(() => large.bench.renamed('old', 'new', true));
    await large.toEnd();
    expect(large.isText('new/large', 'large')).toBe(true);
  });

  test('a rename that is told after the last piece does not pass what was changed for sent', async () => {
    await large.halfSent('one');
    await large.toEnd();
    // Of the same size and time: only the notice tells of the change.
    large.write('one', 'other');
    await large.told(() => large.bench.touched('one', true));
    while (!large.bench.stages.transfers.isMidFile) {
      await large.bench.stages.transfers.step('live');
      await new Promise(setImmediate);
    }
    renameSync(`${large.folder}/one`, `${large.folder}/two`);
    await large.bench.transfer();
    await large.bench.follow();
    await large.told(() => large.bench.renamed('one', 'two'));
    await large.toEnd();
    expect(large.isText('two', 'other')).toBe(true);
  });

  test('a removal ends it at once', async () => {
    await large.halfSent('large');
    rmSync(`${large.folder}/large`);
    await large.told(() => large.bench.gone('large'));
    expect(large.bench.stages.transfers.size).toBe(0);
    expect(large.bench.target.openStreams).toBe(0);
    await large.toEnd();
    expect(large.opsOf('large')).toEqual([]);
  });

  test('another file in its place is what the target gets', async () => {
    await large.halfSent('large');
    large.write('other', 'other');
    renameSync(`${large.folder}/other`, `${large.folder}/large`);
    await large.told(() => large.bench.touched('large', true));
    await large.toEnd();
    expect(large.isText('large', 'other')).toBe(true);
  });

  test('a small file in its place is there before and after', async () => {
    await large.halfSent('large');
    rmSync(`${large.folder}/large`);
    writeFileSync(`${large.folder}/large`, 'small now');
    await large.told(() => large.bench.touched('large', true));
    expect(large.bench.target.text('large')).toBe('small now');
    await large.toEnd();
    expect(large.bench.target.text('large')).toBe('small now');
  });

  test('a folder in its place is one on the target', async () => {
    await large.halfSent('large');
    rmSync(`${large.folder}/large`);
    mkdirSync(`${large.folder}/large`);
    await large.told(() => large.bench.touched('large', true));
    await large.toEnd();
    expect(large.opsOf('large')).toEqual(['folder']);
  });

  test('a change of it is sent too', async () => {
    await large.halfSent('large');
    appendFileSync(`${large.folder}/large`, 'more');
    await large.told(() => large.bench.touched('large', true));
    expect(large.opsOf('large')).toEqual([]);
    await large.toEnd();
    const whole = Buffer.concat([Buffer.alloc(SIZE, 'large'), Buffer.from('more')]);
    expect(large.bench.target.files.get('large')?.bytes.equals(whole)).toBe(true);
  });

  test('it may become short', async () => {
    await large.halfSent('large');
    truncateSync(`${large.folder}/large`, 10);
    await large.told(() => large.bench.touched('large', true));
    await large.toEnd();
    expect(large.isText('large', 'large', 10)).toBe(true);
  });

  test('a second name becomes a link to it', async () => {
    await large.halfSent('one');
    linkSync(`${large.folder}/one`, `${large.folder}/two`);
    await large.told(() => large.bench.touched('two', true));
    await large.toEnd();
    expect(large.isText('two', 'large')).toBe(true);
    expect(large.opsOf('two')).toEqual(['link']);
    expect(large.bench.target.streamBytes).toBe(SIZE);
  });

  test('with a second name the first can go', async () => {
    await large.halfSent('one');
    linkSync(`${large.folder}/one`, `${large.folder}/two`);
    await large.told(() => large.bench.touched('two', true));
    rmSync(`${large.folder}/one`);
    await large.told(() => large.bench.gone('one'));
    await large.toEnd();
    expect(large.isText('two', 'large')).toBe(true);
    expect(large.opsOf('one')).toEqual([]);
  });

  test('a lost link begins it anew', async () => {
    await large.halfSent('large');
    const { outbox, transfers } = large.bench.stages;
    outbox.close();
    transfers.linkLost();
    large.bench.target.linkLost();
    expect(transfers.isMidFile).toBe(false);
    outbox.open(large.bench.target, 0, 0);
    await large.toEnd();
    expect(large.isText('large', 'large')).toBe(true);
  });
});

test('where a change of a large file was compared with a copy that has gone since, all of it is sent', async () => {
  await large.halfSent('large');
  await large.toEnd();
  const before = large.bench.target.streamBytes;
  large.write('large', 'large', SIZE + 10);
  large.bench.touched('large', true);
  await large.bench.follow();
  const { transfers, catalog } = large.bench.stages;
  while (!transfers.isMidFile) {
    await transfers.step('live');
    await new Promise(setImmediate);
  }
  const row = catalog.lookup(large.bench.at('large'));
  if (row !== null) catalog.doubt(row, 'nothing');
  await large.toEnd();
  expect(large.isText('large', 'large', SIZE + 10)).toBe(true);
  expect(large.bench.target.streamBytes - before).toBeGreaterThan(SIZE);
});

/** Transfers of files whose content takes a hundred pieces and comes to what `finish` says. */
function bareTransfers(parts: Partial<TransfersParts>): Transfers {
  const { outbox, roots } = large.bench.stages;
  return new Transfers({
    outbox,
    roots,
    refusals: { refuse: () => false } as unknown as Refusals,
    content: {
      *of() {
        for (let piece = 0; piece < 100; piece++) yield;
        return { kind: 'gone' };
      },
    } as unknown as FileContent,
    makeWay: () => Promise.resolve(true),
    finish: () => true,
    onOver: () => undefined,
    again: () => undefined,
    missed: () => undefined,
    drain: () => Promise.resolve(),
    pause: () => Promise.resolve(),
    ...parts,
  });
}

function statOfLarge(): EntryStat {
  large.write('large', 'large');
  return statEntry(large.bench.stages.roots.absolute(large.bench.at('large'))) ?? expect.fail('a file');
}

test('a file of a mirror that has to be read once more is of the mirror still', async () => {
  let reads = 0;
  const transfers = bareTransfers({ finish: () => ++reads === 2 });
  const cause = { class: 'mirror', noticedAtMs: null } as const;
  await transfers.add(new Transfer(large.bench.at('large'), statOfLarge(), cause, 0));
  while (reads === 0) await transfers.step('mirror');
  expect(transfers.hasOfMirror).toBe(true);
  while (transfers.size > 0) await transfers.step('mirror');
  expect(reads).toBe(2);
});

test('whoever finds one large file too many lets others in while it waits', async () => {
  const stat = statOfLarge();
  let breaths = 0;
  const transfers = bareTransfers({
    drain: () => {
      breaths++;
      return Promise.resolve();
    },
  });
  const cause = { class: 'replication', noticedAtMs: 0 } as const;
  for (let ino = 1n; ino <= 1_001n; ino++) await transfers.add(new Transfer(large.bench.at('large'), { ...stat, ino }, cause, 0));
  expect(transfers.size).toBe(1_000);
  expect(breaths).toBeGreaterThan(100);
});

test('each byte of a file on its way waits or is in flight', async () => {
  await large.halfSent('large');
  const { transfers, outbox } = large.bench.stages;
  const { waitingOps, waitingBytes, sentBytes, mirrorBytes } = transfers.counts;
  expect([waitingOps, waitingBytes + sentBytes, mirrorBytes]).toEqual([1, SIZE, 0]);
  expect(sentBytes).toBe(large.bench.target.streamBytes);
  await large.toEnd();
  expect(transfers.counts).toEqual({ waitingOps: 0, waitingBytes: 0, sentBytes: 0, mirrorBytes: 0 });
  expect(outbox.inFlight.unreceivedBytes).toBe(SIZE);
});

test('no more is on the way than the window lets in, and whoever changed goes on in turn', async () => {
  for (const name of ['one', 'two']) {
    large.write(name, name);
    large.bench.touched(name, true);
  }
  await large.bench.follow();
  const { transfers, outbox } = large.bench.stages;
  while (await transfers.step('live'));
  expect(large.bench.target.openStreams).toBe(2);
  expect(large.bench.target.streamBytes).toBeGreaterThanOrEqual(outbox.window.bytes);
  expect(large.bench.target.streamBytes).toBeLessThan(outbox.window.bytes + MEBIBYTE);
  expect(transfers.canStep('live')).toBe(false);
  large.bench.target.take();
  expect(transfers.canStep('live')).toBe(true);
  await large.toEnd();
  expect([large.isText('one', 'one'), large.isText('two', 'two')]).toEqual([true, true]);
});
