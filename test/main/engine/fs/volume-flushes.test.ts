import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import { VolumeFlushes } from '../../../../src-main/engine/fs/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { mountFresh, whyNoVolume } from '../../../support/loop-volume.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

/** Flushes that end when the test says so. */
function startFlushes() {
  const begun: PromiseWithResolvers<undefined>[] = [];
  const alone: number[] = [];
  const flushes = new VolumeFlushes({
    syncVolume: () => {
      const flush = Promise.withResolvers<undefined>();
      begun.push(flush);
      return flush.promise;
    },
    syncFd: (fd) => {
      alone.push(fd);
      return Promise.resolve();
    },
  });
  return { flushes, begun, alone, folder: tempFolder() };
}

test('who asks while a flush runs shares the next one, and is not told that the first covered him', async () => {
  const { flushes, begun, folder } = startFlushes();
  const done: string[] = [];
  const ask = (name: string) =>
    flushes
      .share()
      .all(folder)
      .then(() => done.push(name));
  const first = ask('first');
  await eventually('the first flush', () => begun.length === 1);
  const later = Promise.all([ask('second'), ask('third')]);
  begun[0]?.resolve(undefined);
  await first;
  expect(done).toEqual(['first']);
  await eventually('the second flush', () => begun.length === 2);
  const fourth = ask('fourth');
  begun[1]?.resolve(undefined);
  await later;
  expect(done).toEqual(['first', 'second', 'third']);
  await eventually('a flush for who came too late', () => begun.length === 3);
  begun[2]?.resolve(undefined);
  await fourth;
});

test('a file is flushed alone while nobody waits for a flush of its volume, and with that else', async () => {
  const { flushes, begun, alone, folder } = startFlushes();
  const share = flushes.share();
  await share.file(7, folder);
  expect(alone).toEqual([7]);
  const first = share.all(folder);
  await eventually('the first flush', () => begun.length === 1);
  await share.file(8, folder);
  expect(alone).toEqual([7, 8]);
  const second = share.all(folder);
  const file = share.file(9, folder);
  begun[0]?.resolve(undefined);
  await eventually('the second flush', () => begun.length === 2);
  begun[1]?.resolve(undefined);
  await Promise.all([first, second, file]);
  expect(alone).toEqual([7, 8]);
  expect(begun).toHaveLength(2);
});

test('a lost write fails everyone who wrote before it, once each has asked, and nobody who opens later', async () => {
  const { flushes, begun, folder } = startFlushes();
  const [asker, other] = [flushes.share(), flushes.share()];
  const flush = asker.all(folder);
  await eventually('the flush', () => begun.length === 1);
  begun[0]?.reject(new ReplicationError('io-error', { path: '/elsewhere' }));
  const failure: unknown = expect.objectContaining({ code: 'io-error', details: { path: folder } });
  await expect(flush).rejects.toEqual(failure);
  await expect(other.file(7, folder)).rejects.toEqual(failure);
  await flushes.share().file(8, folder);
});

test.skipIf(whyNoVolume('btrfs') !== null)(
  'a flush that fails on one subvolume fails for those who write to another',
  async () => {
    const { flushes, begun } = startFlushes();
    const folder = `${tempFolder()}/volume`;
    mountFresh('btrfs', folder);
    spawnSync('btrfs', ['subvolume', 'create', `${folder}/one`]);
    expect(statSync(`${folder}/one`).dev).not.toBe(statSync(folder).dev);
    const [whole, one, elsewhere] = [flushes.share(), flushes.share(), flushes.share()];
    await Promise.all([whole.file(7, folder), one.file(8, `${folder}/one`)]);
    const failed = whole.all(folder);
    await eventually('the flush', () => begun.length === 1);
    begun[0]?.reject(new ReplicationError('io-error', {}));
    await expect(failed).rejects.toMatchObject({ code: 'io-error' });
    await expect(one.file(8, `${folder}/one`)).rejects.toMatchObject({ code: 'io-error' });
    await elsewhere.file(9, tempFolder());
  },
);
