import { appendFileSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InstantCopies, type FileCopy } from '../../../../../../src-main/engine/connection/source/copies/instant-copies.ts';
import { ChangedRanges } from '../../../../../../src-main/engine/connection/source/changed-ranges.ts';
import { Roots } from '../../../../../../src-main/engine/connection/source/roots.ts';
import type { EntryStat, Place } from '../../../../../../src-main/engine/model/index.ts';
import { mountFresh, whyNoVolume } from '../../../../../support/loop-volume.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const at = (path: string): Place => ({ root: 0, path });

/** Small files are copied for real; a clone of a large one is an event of the test. */
function scene(onClone: (place: Place) => void = () => undefined, mayClone = true, folder = tempFolder()) {
  const live = new Set<number>();
  const clock = { nowMs: 0 };
  const cloned: string[] = [];
  const clones = {
    mayClone: () => mayClone,
    clone: (place: Place, _fd: number, _stat: EntryStat) => {
      const number = cloned.push(place.path);
      live.add(number);
      onClone(place);
      return { fd: number, close: () => void live.delete(number) };
    },
  };
  const copies = new InstantCopies({
    roots: new Roots([folder], []),
    changedRanges: new ChangedRanges(),
    clones,
    hasFineTimes: () => true,
    // Each look at the clock costs a millisecond, so that a wait ends.
    nowMs: () => clock.nowMs++,
  });
  writeFileSync(`${folder}/large`, Buffer.alloc(100_000, 1));
  writeFileSync(`${folder}/small`, 'one');
  return { folder, copies, cloned, live };
}

const text = (copy: FileCopy | undefined): string | undefined =>
  copy?.content.kind === 'bytes' ? copy.content.bytes.toString() : undefined;

test('a file that changed after its copy is copied again, the others are not', async () => {
  let folder = '';
  const made = scene((place) => {
    if (place.path === 'large') writeFileSync(`${folder}/small`, 'two');
  });
  ({ folder } = made);
  const taken = await made.copies.take([at('small'), at('large')], 40);
  expect(text(taken?.[0])).toBe('two');
  expect(made.cloned).toEqual(['large']);
  for (const copy of taken ?? []) copy.close();
  expect(made.live.size).toBe(0);
});

test('writers that never cease leave no copies, and no clone open', async () => {
  let folder = '';
  const made = scene(() => appendFileSync(`${folder}/large`, 'x'));
  ({ folder } = made);
  expect(await made.copies.take([at('large'), at('small')], 40)).toBeNull();
  expect(made.cloned.length).toBeGreaterThan(2);
  expect(made.live.size).toBe(0);
});

test('a small file with a hole is cloned, since a copy in memory would fill it', async () => {
  const made = scene();
  truncateSync(`${made.folder}/small`, 60_000);
  await made.copies.take([at('small')], 40);
  expect(made.cloned).toEqual(['small']);
});

test('a file that is gone is an error, and the others are closed', async () => {
  const made = scene();
  const before = openSync('/dev/null', 'r');
  await expect(made.copies.take([at('small'), at('none')], 40)).rejects.toMatchObject({ code: 'not-found' });
  expect(openSync('/dev/null', 'r')).toBe(before + 1);
});

test('where a file is known not to be clonable nothing is copied, and the error is a coded one', async () => {
  const made = scene(undefined, false);
  await expect(made.copies.take([at('small'), at('large')], 40)).rejects.toMatchObject({ code: 'unsupported' });
  expect(made.cloned).toEqual([]);
});

test('an error of the system while a file is copied is a coded one, and leaves no clone open', async () => {
  const made = scene((place) => {
    if (place.path === 'large') throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });
  writeFileSync(`${made.folder}/another`, Buffer.alloc(100_000, 2));
  await expect(made.copies.take([at('another'), at('large')], 40)).rejects.toMatchObject({ code: 'io-error' });
  // The one that failed was never handed out.
  expect([...made.live]).toEqual([2]);
});

test.skipIf(whyNoVolume('ext2') !== null)('where whole seconds are kept no copy is of the second of a change', async () => {
  const volume = `${tempFolder()}/volume`;
  mountFresh('ext2', volume);
  const made = scene(() => undefined, true, volume);
  expect(await made.copies.take([at('small')], 40)).toBeNull();
});
