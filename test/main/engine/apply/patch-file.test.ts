import { linkSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AttributeSetter, Flusher, makeStagePlaces, Stage } from '../../../../src-main/engine/apply/index.ts';
import { applied, attributes, failed, makeReplica } from '../../../support/bare-replica.ts';
import { canClone } from '../../../support/can-clone.ts';
import { stagedFiles } from '../../../support/staged-files.ts';

describe('patches', () => {
  test('change blocks, shorten and lengthen, and leave another name of the old file as it was', async () => {
    const replica = makeReplica();
    writeFileSync(join(replica.root, 'p'), 'abcdefghij');
    linkSync(join(replica.root, 'p'), join(replica.root, 'twin'));
    expect(
      await replica.patch(
        'p',
        10,
        [
          [2, 'CD'],
          [12, 'MN'],
        ],
        14,
      ),
    ).toEqual(applied);
    expect(readFileSync(join(replica.root, 'p'), 'latin1')).toBe('abCDefghij\0\0MN');
    expect(await replica.patch('p', 14, [[0, 'A']], 3)).toEqual(applied);
    expect(readFileSync(join(replica.root, 'p'), 'latin1')).toBe('AbC');
    expect(readFileSync(join(replica.root, 'twin'), 'latin1')).toBe('abcdefghij');
    expect(stagedFiles(replica.stageFolder)).toEqual([]);
  });

  test('once more, after a kill between the new name and the end of the patch, change nothing', async () => {
    const replica = makeReplica();
    const path = join(replica.root, 'p');
    writeFileSync(path, 'abcdef');
    expect(await replica.patch('p', 3, [[0, 'AB'], [4, 'EF']], 6, true)).toEqual(failed('changed-on-target')); // prettier-ignore
    expect(readFileSync(path, 'utf8')).toBe('abcdef');
    const seconds = Number(attributes.mtimeNs / 1_000_000_000n);
    for (const [name, baseSize] of [
      ['longer', 3],
      ['shorter', 9],
    ] as const) {
      writeFileSync(join(replica.root, name), 'a'.repeat(baseSize));
      const blocks: [number, string][] = [
        [0, 'AB'],
        [4, 'EF'],
      ];
      expect(await replica.patch(name, baseSize, blocks, 6)).toEqual(applied);
      const content = readFileSync(join(replica.root, name));
      expect(await replica.patch(name, baseSize, blocks, 6, true)).toEqual(applied);
      expect(readFileSync(join(replica.root, name))).toEqual(content);
      expect(Math.floor(statSync(join(replica.root, name)).mtimeMs / 1000)).toBe(seconds);
    }
    expect(stagedFiles(replica.stageFolder).filter((name) => name.endsWith('.new'))).toEqual([]);
  });

  describe.skipIf(canClone)('of a large file are written into the file itself', () => {
    const LARGE = 16 * 1024 * 1024;
    const large = (replica: ReturnType<typeof makeReplica>, size = LARGE) => {
      writeFileSync(join(replica.root, 'p'), Buffer.alloc(size, 'old'));
      return statSync(join(replica.root, 'p')).ino;
    };
    const read = (replica: ReturnType<typeof makeReplica>, at: number, length: number) =>
      readFileSync(join(replica.root, 'p')).toString('latin1', at, at + length);

    test('and the patch stays until that is on disk', async () => {
      const replica = makeReplica();
      const ino = large(replica);
      expect(await replica.patch('p', LARGE, [[3, 'NEW'], [LARGE - 3, 'END+']], LARGE + 1)).toEqual(applied); // prettier-ignore
      expect(statSync(join(replica.root, 'p'), { bigint: true })).toMatchObject({
        ino: BigInt(ino),
        mtimeNs: attributes.mtimeNs,
      });
      expect([read(replica, 0, 9), read(replica, LARGE - 6, 7)]).toEqual(['oldNEWold', 'ldoEND+']);
      expect(stagedFiles(replica.stageFolder)).toHaveLength(1);
      await replica.flusher.flush();
      expect(stagedFiles(replica.stageFolder)).toEqual([]);
    });

    test('and again after a crash in the middle, whatever part was written', async () => {
      const replica = makeReplica();
      const ino = large(replica, LARGE + 2);
      expect(await replica.patch('p', LARGE, [[0, 'NEW'], [LARGE, 'more']], LARGE + 4, true)).toEqual(applied); // prettier-ignore
      expect([statSync(join(replica.root, 'p')).ino, read(replica, 0, 3), read(replica, LARGE, 9)]).toEqual([ino, 'NEW', 'more']);
      expect(await replica.patch('p', LARGE, [[0, 'X']], LARGE + 2, true)).toEqual(failed('changed-on-target'));
    });

    test('and after a kill, too, the patch stays until the volume is flushed', async () => {
      const replica = makeReplica();
      large(replica);
      expect(await replica.patch('p', LARGE, [[0, 'NEW']], LARGE)).toEqual(applied);
      replica.flusher.abandon();
      const places = makeStagePlaces([replica.root], 'c1');
      const flusher = new Flusher(places.volumes);
      new Stage(places, flusher, new AttributeSetter(() => undefined)).clean(1, 1);
      expect(stagedFiles(replica.stageFolder)).toHaveLength(1);
      await flusher.flush();
      expect(stagedFiles(replica.stageFolder)).toEqual([]);
    });

    test('but not where another name would change with it, or where there are holes', async () => {
      const replica = makeReplica();
      const ino = large(replica);
      linkSync(join(replica.root, 'p'), join(replica.root, 'twin'));
      expect(await replica.patch('p', LARGE, [[0, 'NEW']], LARGE)).toEqual(applied);
      expect(statSync(join(replica.root, 'p')).ino).not.toBe(ino);
      expect(readFileSync(join(replica.root, 'twin')).toString('latin1', 0, 3)).toBe('old');
      truncateSync(join(replica.root, 'p'), 2 * LARGE);
      const sparse = statSync(join(replica.root, 'p')).ino;
      expect(await replica.patch('p', 2 * LARGE, [[0, 'hole']], 2 * LARGE)).toEqual(applied);
      expect(statSync(join(replica.root, 'p')).ino).not.toBe(sparse);
      expect(read(replica, 0, 6)).toBe('holeld');
    });
  });

  test('meet a base of another size, none, or a link: nothing is changed', async () => {
    const replica = makeReplica();
    writeFileSync(join(replica.root, 'p'), 'abc');
    symlinkSync('p', join(replica.root, 'l'));
    expect(await replica.patch('p', 4, [[0, 'X']], 4)).toEqual(failed('changed-on-target'));
    expect(await replica.patch('none', 4, [[0, 'X']], 4)).toEqual(failed('missing-on-target'));
    expect(await replica.patch('l', 3, [[0, 'X']], 3)).toEqual(failed('outside-root'));
    expect(readFileSync(join(replica.root, 'p'), 'utf8')).toBe('abc');
  });
});
