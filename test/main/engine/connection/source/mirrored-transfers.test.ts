import { appendFileSync, closeSync, linkSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { statEntry } from '../../../../../src-main/engine/fs/index.ts';
import { LargeFiles, MEBIBYTE, SIZE } from '../../../../support/large-files.ts';

let large: LargeFiles;
beforeEach(async () => {
  large = await LargeFiles.open();
});

describe('a mirror', () => {
  /** Walks until it has to wait for a large file. */
  async function mirrorHalfSent(): Promise<void> {
    large.write('large', 'large');
    writeFileSync(`${large.folder}/next`, 'next');
    const { mirrors, transfers } = large.bench.stages;
    mirrors.start({ kind: 'all' });
    while (mirrors.hasWork) await mirrors.step(50, () => false);
    for (let piece = 0; piece < 4; piece++) await transfers.step('mirror');
    expect(transfers.isMidFile).toBe(true);
  }

  test('is not over before its large files are', async () => {
    await mirrorHalfSent();
    const { mirrors } = large.bench.stages;
    expect(mirrors.isSent).toBe(false);
    await large.toEnd();
    while (mirrors.hasWork) await mirrors.step(50, () => false);
    expect(mirrors.isSent).toBe(true);
    expect(mirrors.progress?.result).toMatchObject({ sentFiles: 2, sentBytes: SIZE + 4 });
  });

  test('counts what is sent of a file that is under way', async () => {
    await mirrorHalfSent();
    large.bench.stages.mirrors.calculated({ files: 2, bytes: SIZE + 4 });
    expect(large.bench.stages.mirrors.status()).toMatchObject({
      sentBytes: large.bench.target.streamBytes + 4,
      remainingBytes: SIZE - large.bench.target.streamBytes,
    });
  });

  test('that is stopped gives up the file that it is at', async () => {
    await mirrorHalfSent();
    large.bench.stages.mirrors.stop();
    expect([large.bench.stages.transfers.size, large.bench.target.openStreams]).toEqual([0, 0]);
  });

  test('that is stopped does not give up what was told of its files', async () => {
    await mirrorHalfSent();
    large.write('large', 'later');
    await large.told(() => large.bench.touched('large', true));
    large.bench.stages.mirrors.stop();
    await large.toEnd();
    expect(large.isText('large', 'later')).toBe(true);
  });

  test('whose files change while they are sent has no more of them open than a target allows', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `large-${10 + index}`);
    for (const name of names) large.write(name, name, 1.5 * MEBIBYTE);
    const { mirrors, transfers, outbox } = large.bench.stages;
    mirrors.start({ kind: 'all' });
    let mostOpen = 0;
    for (const name of names) {
      while (mirrors.hasWork && !transfers.isMirrorAhead) await mirrors.step(50, () => transfers.isMirrorAhead);
      for (let piece = 0; piece < 2; piece++) await transfers.step('mirror');
      outbox.window.open();
      await large.told(() => large.bench.touched(name, true));
      mostOpen = Math.max(mostOpen, large.bench.target.openStreams);
    }
    expect(mostOpen).toBeGreaterThan(4);
    expect(mostOpen).toBeLessThan(32);
    while (mirrors.hasWork || transfers.size > 0) {
      await large.toEnd();
      await mirrors.step(50, () => false);
    }
    expect(names.filter((name) => !large.isText(name, name, 1.5 * MEBIBYTE))).toEqual([]);
  });

  test('that is stopped does not give up what was told of other names of its files', async () => {
    await mirrorHalfSent();
    linkSync(`${large.folder}/large`, `${large.folder}/name`);
    await large.told(() => large.bench.touched('name', true));
    large.bench.stages.mirrors.stop();
    await large.toEnd();
    expect(large.isText('name', 'large')).toBe(true);
  });

  test('does not count on what was compared before it, and sent before it came to the file', async () => {
    await large.halfSent('large');
    await large.toEnd();
    appendFileSync(`${large.folder}/large`, 'more');
    await large.told(() => large.bench.touched('large', true));
    const { mirrors, transfers } = large.bench.stages;
    while (!transfers.isMidFile) {
      await transfers.step('live');
      await new Promise(setImmediate);
    }
    large.bench.target.files.get('large')?.bytes.fill('lost', 0, MEBIBYTE);
    mirrors.start({ kind: 'all' });
    await large.toEnd();
    expect(large.opsOf('large')).toEqual(['write-stream', 'patch-stream']);
    while (mirrors.hasWork) await mirrors.step(50, () => false);
    await large.toEnd();
    expect(large.bench.target.text('large')?.slice(0, 5)).toBe('large');
  });

  test('compares a file of which only recorded ranges were sent since it began', async () => {
    await large.halfSent('large');
    await large.toEnd();
    large.bench.target.files.get('large')?.bytes.fill('lost', MEBIBYTE, 2 * MEBIBYTE);
    const { changedRanges, mirrors, roots } = large.bench.stages;
    mirrors.start({ kind: 'all' });
    const fd = openSync(`${large.folder}/large`, 'r+');
    writeSync(fd, 'LARGE', 0);
    closeSync(fd);
    const stat = statEntry(roots.absolute(large.bench.at('large')));
    if (stat !== null) changedRanges.add([{ dev: stat.dev, ino: stat.ino, ranges: [{ offset: 0, length: 5 }] }]);
    await large.told(() => large.bench.touched('large', true));
    expect(large.opsOf('large')).toEqual(['write-stream', 'patch-stream']);
    while (mirrors.hasWork) await mirrors.step(50, () => false);
    await large.toEnd();
    expect(large.bench.target.text('large')?.includes('lost')).toBe(false);
  });

  test('does not count on what was begun before it', async () => {
    await large.halfSent('large');
    const before = large.bench.target.streamBytes;
    const { mirrors } = large.bench.stages;
    mirrors.start({ kind: 'all' });
    while (mirrors.hasWork) await mirrors.step(50, () => false);
    await large.toEnd();
    expect(large.bench.target.streamBytes).toBe(before + SIZE);
    expect(large.isText('large', 'large')).toBe(true);
  });
});
