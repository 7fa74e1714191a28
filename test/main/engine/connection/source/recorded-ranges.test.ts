import { closeSync, copyFileSync, openSync, writeSync } from 'node:fs';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { invariant } from '../../../../../src-main/base/index.ts';
import { lookCloser } from '../../../../../src-main/engine/connection/source/closer-look.ts';
import type { FileCopy } from '../../../../../src-main/engine/connection/source/copies/instant-copies.ts';
import { statEntry } from '../../../../../src-main/engine/fs/index.ts';
import type { ByteRange } from '../../../../../src-main/engine/model/index.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import { LargeFiles, MEBIBYTE } from '../../../../support/large-files.ts';

let large: LargeFiles;
beforeEach(async () => {
  large = await LargeFiles.open();
  await large.halfSent('large');
  await large.toEnd();
});

/** Writes `text`; the capture tells that the file changed there, or does not know where. */
function change(offset: number, text: string, isRecorded: boolean): void {
  write(offset, text, isRecorded)();
}

/** The same, to be told when that is called. */
function write(offset: number, text: string, isRecorded: boolean): () => void {
  const fd = openSync(`${large.folder}/large`, 'r+');
  writeSync(fd, text, offset);
  closeSync(fd);
  return () => {
    tell(isRecorded ? [{ offset, length: text.length }] : null);
    large.bench.touched('large', true);
  };
}

function tell(ranges: ByteRange[] | null): void {
  const { changedRanges, roots } = large.bench.stages;
  const stat = statEntry(roots.absolute(large.bench.at('large')));
  if (stat !== null) changedRanges.add([{ dev: stat.dev, ino: stat.ino, ranges }]);
}

/** A write that may still be under way is told again, so nothing that is looked at once more is without a record. */
async function toEnd(): Promise<void> {
  const { transfers } = large.bench.stages;
  while (transfers.size > 0) {
    await large.bench.transfer();
    tell([{ offset: SECOND, length: 6 }]);
    await large.bench.follow();
  }
}

const FIRST = 0;
const SECOND = 3 * MEBIBYTE;
const textAt = (offset: number): string | undefined => large.bench.target.text('large')?.slice(offset, offset + 6);

describe('a change of which nobody knows where it was, and then one of which that is known', () => {
  test('both arrive when the second one comes before the blocks are compared', async () => {
    change(FIRST, 'FIRST!', false);
    await large.bench.follow();
    change(SECOND, 'SECOND', true);
    await toEnd();
    expect([textAt(FIRST), textAt(SECOND)]).toEqual(['FIRST!', 'SECOND']);
  });

  test('both arrive when a comparison that had begun is begun anew', async () => {
    const { transfers } = large.bench.stages;
    change(FIRST, 'FIRST!', false);
    await large.bench.follow();
    await transfers.step('live');
    change(SECOND, 'SECOND', true);
    transfers.linkLost();
    await toEnd();
    expect([textAt(FIRST), textAt(SECOND)]).toEqual(['FIRST!', 'SECOND']);
  });

  test('both arrive when what was compared does not count any more', async () => {
    const { catalog, transfers } = large.bench.stages;
    change(FIRST, 'FIRST!', false);
    await large.bench.follow();
    while (!transfers.isMidFile) {
      await transfers.step('live');
      await new Promise(setImmediate);
    }
    change(SECOND, 'SECOND', true);
    const row = catalog.lookup(large.bench.at('large'));
    if (row !== null)
      catalog.put(large.bench.at('large'), { ...row, allocatedBytes: row.size }, { ...row, sequence: row.sequence + 1 });
    await toEnd();
    expect([textAt(FIRST), textAt(SECOND)]).toEqual(['FIRST!', 'SECOND']);
  });
});

test.each([true, false])('a write after a copy at one instant arrives too (it is known where it was: %s)', async (isKnown) => {
  const { changedRanges, copySender, roots } = large.bench.stages;
  const place = large.bench.at('large');
  change(FIRST, 'FIRST!', isKnown);
  const copied = `${tempFolder()}/copy`;
  const stat = statEntry(roots.absolute(place));
  invariant(stat !== null, 'the file is there');
  const reading = changedRanges.begin(stat);
  copyFileSync(`${large.folder}/large`, copied);
  const fd = openSync(copied, 'r');
  onTestFinished(() => closeSync(fd));
  const look = lookCloser(roots.absolute(place), stat);
  const close = (): void => undefined;
  const copy: FileCopy = { place, stat, look, takenAtMs: Date.now(), reading, content: { kind: 'clone', fd }, close };
  change(SECOND, 'SECOND', isKnown);
  const patch = await copySender.plan(copy);
  await copySender.send(copy, patch, { class: 'replication', noticedAtMs: null });
  large.bench.stages.outbox.flush();
  expect(patch?.isRecorded).toBe(isKnown);
  expect([textAt(FIRST), textAt(SECOND)]).toEqual(['FIRST!', 'gelarg']);
  tell([{ offset: FIRST, length: 1 }]);
  await large.toEnd();
  expect(textAt(SECOND)).toBe('SECOND');
});

test('what was compared and sent need not be compared again: after that, only what was told since is sent', async () => {
  change(FIRST, 'FIRST!', false);
  await large.toEnd();
  const before = large.bench.target.streamBytes;
  change(SECOND, 'SECOND', true);
  await large.toEnd();
  expect(textAt(SECOND)).toBe('SECOND');
  expect(large.bench.target.streamBytes - before).toBe(6);
});

test('a write that still runs while what was recorded before is read keeps the group from being of one moment until it is told', async () => {
  const { reads, transfers } = large.bench.stages;
  change(FIRST, 'first'.repeat(MEBIBYTE / 2), true);
  await large.bench.follow();
  while (!transfers.isMidFile) await transfers.step('live');
  const tellOfIt = write(SECOND, 'SECOND', true);
  await large.bench.transfer();
  expect(reads.check(1)).toBe(false);
  tellOfIt();
  await large.toEnd();
  expect(reads.check(1)).toBe(true);
  expect(textAt(SECOND)).toBe('SECOND');
});
