import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../src-main/engine/model/index.ts';
import { mountAt, unmount, whyNoMounts } from '../../support/can-mount.ts';
import { startScene, type CaptureUnderTest, type CreateCapture } from './scene.ts';

/** What every capture must do where volumes are mounted in the set. */
export function volumesConformance(create: CreateCapture): void {
  const noMounts = whyNoMounts();
  describe.skipIf(noMounts !== null)(`volumes below a root${noMounts === null ? '' : ` (NOT TESTED HERE: ${noMounts})`}`, () => {
    const untilGone = (capture: CaptureUnderTest): Notice[] => {
      const notices: Notice[] = [];
      const giveUpAt = Date.now() + 5_000;
      while (!notices.some(({ kind }) => kind === 'root-gone') && Date.now() < giveUpAt) notices.push(...capture.read(20));
      return notices;
    };

    test('a volume in the set is followed like the rest, and a move between the two is a departure and an arrival', () => {
      const { at, begin } = startScene(create);
      for (const name of ['volume', 'f']) mkdirSync(at(name));
      mountAt(at('volume'));
      mkdirSync(at('volume/a/b'), { recursive: true });
      const { expectEqual } = begin();
      writeFileSync(at('volume/a/b/f'), 'x');
      mkdirSync(at('volume/c'));
      expectEqual();
      renameSync(at('volume/a'), at('volume/c/moved'));
      writeFileSync(at('volume/c/moved/b/f'), 'y');
      expect(expectEqual()).toContainEqual({
        kind: 'renamed',
        from: { root: 0, path: 'volume/a' },
        to: { root: 0, path: 'volume/c/moved' },
        isFolder: true,
      });
      expect(() => renameSync(at('volume/c'), at('f/c'))).toThrow('EXDEV');
      rmSync(at('volume/c'), { recursive: true });
      expectEqual();
    });

    test('a folder that is mounted at a second place of the set is told at both', () => {
      const { at, outside, begin } = startScene(create);
      for (const name of ['real/sub', 'second', 'foreign']) mkdirSync(at(name), { recursive: true });
      mkdirSync(join(outside, 'deep'));
      mountAt(at('second'), at('real'));
      mountAt(at('foreign'), outside);
      const { expectEqual } = begin();
      writeFileSync(at('real/sub/f'), 'x');
      writeFileSync(at('second/sub/g'), 'y');
      writeFileSync(join(outside, 'deep/h'), 'z');
      mkdirSync(at('second/new'));
      writeFileSync(at('real/new/f'), 'x');
      expectEqual();
      renameSync(at('real/sub'), at('real/moved'));
      appendFileSync(at('second/moved/f'), 'more');
      renameSync(join(outside, 'deep'), join(outside, 'deeper'));
      writeFileSync(at('foreign/deeper/i'), 'z');
      expectEqual();
    });

    test('a volume that comes or goes below a root is told as an end of the root, and nothing as gone', () => {
      const { at, begin } = startScene(create);
      for (const name of ['late', 'volume']) mkdirSync(at(name));
      mountAt(at('volume'));
      writeFileSync(at('volume/f'), 'x');
      const first = begin();
      unmount(at('volume'));
      expect(untilGone(first.capture)).toEqual([{ kind: 'root-gone', root: 0 }]);
      first.capture.close();
      const second = begin();
      mountAt(at('late'));
      expect(untilGone(second.capture)).toEqual([{ kind: 'root-gone', root: 0 }]);
    });

    test('nothing that is followed is kept from being unmounted', () => {
      const { at, begin } = startScene(create);
      mkdirSync(at('volume'));
      mountAt(at('volume'));
      const { expectEqual } = begin();
      mkdirSync(at('volume/a/b'), { recursive: true });
      writeFileSync(at('volume/a/b/f'), 'x');
      expectEqual();
      unmount(at('volume'));
    });
  });
}
