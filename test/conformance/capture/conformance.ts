import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { native } from '../../../src-main/engine/fs/index.ts';
import { STAGE_FOLDER, type Notice } from '../../../src-main/engine/model/index.ts';
import { expectTold, startScene, type CaptureTraits, type CreateCapture } from './scene.ts';
import { stormsConformance } from './storms.ts';
import { volumesConformance } from './volumes.ts';

/** What every capture must do, with real folders. The judge is a shadow that looks only where notices tell it to. */
export function captureConformance(name: string, create: CreateCapture, traits: CaptureTraits): void {
  /** What left its place; whether it was moved is known only to those that see both names. */
  const departed = (path: string, isFolder: boolean): Notice => {
    const gone: Notice = { kind: 'gone', place: { root: 0, path }, isFolder };
    return traits.pairsRenames ? { ...gone, isMoved: true } : gone;
  };
  /** What a rename of a file, or of a tree, is told as. */
  const renamed = (from: { root: number; path: string }, to: { root: number; path: string }, isFolder: boolean): Notice[] => {
    if (traits.pairsRenames) return [{ kind: 'renamed', from, to, isFolder }];
    if (isFolder)
      return [
        { kind: 'renamed', from, to, isFolder },
        { kind: 'appeared', place: to },
      ];
    return [
      { kind: 'touched', place: to, content: true },
      { kind: 'gone', place: from, isFolder },
    ];
  };
  const inSet = (path: string) => ({ root: 0, path });
  describe(name, () => {
    test('create, write, append, truncate, chmod, times, link, symlink and unlink are told', () => {
      const { at, begin } = startScene(create);
      const { expectEqual } = begin();
      writeFileSync(at('a'), 'one');
      expectEqual();
      appendFileSync(at('a'), ' two');
      expectEqual();
      truncateSync(at('a'), 2);
      expectEqual();
      chmodSync(at('a'), 0o600);
      expectEqual();
      utimesSync(at('a'), 1, 2);
      expectEqual();
      linkSync(at('a'), at('b'));
      expectEqual();
      symlinkSync('nowhere', at('l'));
      expectEqual();
      unlinkSync(at('a'));
      unlinkSync(at('l'));
      expectEqual();
    });

    test('a rename is told as one, and so is a whole tree', () => {
      const { at, begin } = startScene(create);
      mkdirSync(at('tree/deep'), { recursive: true });
      writeFileSync(at('tree/deep/f'), 'x');
      writeFileSync(at('f'), 'x');
      const { expectEqual } = begin();
      renameSync(at('f'), at('g'));
      expect(expectEqual()).toEqual(renamed(inSet('f'), inSet('g'), false));
      renameSync(at('tree'), at('moved'));
      // The name that it left is hinted at too.
      const told = expectEqual().filter((notice) => traits.pairsRenames || notice.kind !== 'gone');
      expect(told).toEqual(renamed(inSet('tree'), inSet('moved'), true));
      writeFileSync(at('moved/deep/f'), 'changed');
      expect(expectEqual().every((n) => n.kind === 'touched' && n.place.path === 'moved/deep/f')).toBe(true);
    });

    test('rename chains, swaps and exchanges through a third name end right', () => {
      const { at, begin } = startScene(create);
      for (const name of ['a', 'b']) {
        mkdirSync(at(name));
        writeFileSync(at(`${name}/in-${name}`), name);
      }
      const { expectEqual } = begin();
      renameSync(at('a'), at('x'));
      renameSync(at('b'), at('a'));
      renameSync(at('x'), at('b'));
      expectEqual();
      writeFileSync(at('a/late'), '1');
      writeFileSync(at('b/late'), '2');
      expectEqual();
      writeFileSync(at('f'), '1');
      renameSync(at('f'), at('g'));
      renameSync(at('g'), at('h'));
      writeFileSync(at('f'), '2');
      renameSync(at('f'), at('h'));
      expectEqual();
    });

    test('a folder made and moved before anybody looked is followed at its new place', () => {
      const { at, begin } = startScene(create);
      const { expectEqual } = begin();
      mkdirSync(at('a/b/c'), { recursive: true });
      writeFileSync(at('a/b/c/f'), '1');
      renameSync(at('a'), at('z'));
      mkdirSync(at('a/b'), { recursive: true });
      renameSync(at('z/b/c'), at('a/b/c'));
      expectEqual();
      writeFileSync(at('a/b/c/f'), '2');
      mkdirSync(at('z/b/new/newer'), { recursive: true });
      writeFileSync(at('z/b/new/newer/f'), '3');
      expectEqual();
      writeFileSync(at('z/b/new/newer/f'), '4');
      expectEqual();
    });

    test('replace by rename, of a file and of an empty folder, and a folder that becomes a file', () => {
      const { at, begin } = startScene(create);
      writeFileSync(at('f'), 'old');
      mkdirSync(at('empty'));
      mkdirSync(at('full/sub'), { recursive: true });
      const { expectEqual } = begin();
      writeFileSync(at('f.tmp'), 'new');
      renameSync(at('f.tmp'), at('f'));
      renameSync(at('full'), at('empty'));
      writeFileSync(at('empty/sub/f'), 'x');
      expectEqual();
      rmSync(at('empty'), { recursive: true });
      writeFileSync(at('empty'), 'a file now');
      expectEqual();
      unlinkSync(at('empty'));
      mkdirSync(at('empty/again'), { recursive: true });
      writeFileSync(at('empty/again/f'), 'y');
      expectEqual();
    });

    test('new folders are followed at once, however deep', () => {
      const { at, begin } = startScene(create);
      const { expectEqual } = begin();
      for (let i = 0; i < 50; i++) {
        mkdirSync(at(`n${i}/a/b/c`), { recursive: true });
        writeFileSync(at(`n${i}/a/b/c/f`), `${i}`);
      }
      expectEqual();
      for (let i = 0; i < 50; i++) appendFileSync(at(`n${i}/a/b/c/f`), 'more');
      expectEqual();
    });

    test('what moves out is gone and heard of no more; what moves in has appeared', () => {
      const { at, outside, begin } = startScene(create);
      mkdirSync(at('tree/sub'), { recursive: true });
      writeFileSync(at('tree/sub/f'), 'x');
      const { expectEqual } = begin();
      renameSync(at('tree'), join(outside, 'tree'));
      writeFileSync(join(outside, 'tree/sub/f'), 'changed outside');
      const notices = expectEqual();
      expect(notices).toEqual([departed('tree', true)]);
      writeFileSync(join(outside, 'tree/sub/f'), 'changed again');
      expect(expectEqual()).toEqual([]);
      renameSync(join(outside, 'tree'), at('back'));
      expect(expectEqual()).toContainEqual({ kind: 'appeared', place: { root: 0, path: 'back' } });
      writeFileSync(at('back/sub/f'), 'inside again');
      expectEqual();
    });

    test('names of any bytes are told as they are', () => {
      const { folder, begin } = startScene(create);
      const { expectEqual } = begin();
      for (const raw of ['\xff\xfe', 'new\nline', 'a#b;c', '\xc3\xa4', ' ']) {
        mkdirSync(native(`${folder}/${raw}`));
        writeFileSync(native(`${folder}/${raw}/f\xe9`), 'x');
      }
      expectEqual();
      renameSync(native(`${folder}/\xff\xfe`), native(`${folder}/\xfd\n`));
      writeFileSync(native(`${folder}/\xfd\n/f\xe9`), 'y');
      const notices = expectEqual();
      expect(notices).toContainEqual({
        kind: 'renamed',
        from: { root: 0, path: '\xff\xfe' },
        to: { root: 0, path: '\xfd\n' },
        isFolder: true,
      });
    });

    test('excluded names are told of with their folder only, once; moves across the border come and go', () => {
      const selects = (path: string): boolean => !/\/skip|\.tmp$/.test(path);
      const { at, begin } = startScene(create, { selects, descends: (path) => !path.includes('/skip') });
      mkdirSync(at('skip/deep'), { recursive: true });
      mkdirSync(at('a/skip'), { recursive: true });
      mkdirSync(at('a/b'), { recursive: true });
      const { expectEqual } = begin();
      writeFileSync(at('skip/deep/f'), 'x');
      writeFileSync(at('f.tmp'), 'x');
      mkdirSync(at(STAGE_FOLDER));
      writeFileSync(at(`${STAGE_FOLDER}/7`), 'x');
      const disturbed = (path: string): Notice => ({ kind: 'disturbed', place: { root: 0, path } });
      expect(expectEqual()).toEqual([disturbed('')]);
      renameSync(at('f.tmp'), at('f'));
      expectTold(expectEqual(), [disturbed(''), { kind: 'touched', place: { root: 0, path: 'f' }, content: true }]);
      renameSync(at('f'), at('f.tmp'));
      expectTold(expectEqual(), [disturbed(''), departed('f', false)]);
      for (let i = 0; i < 20; i++) writeFileSync(at(`a/b/${i}.tmp`), 'x');
      expect(new Set(expectEqual().map((notice) => JSON.stringify(notice)))).toEqual(new Set([JSON.stringify(disturbed('a/b'))]));
      unlinkSync(at('a/b/7.tmp'));
      mkdirSync(at('a/b/skip'));
      rmdirSync(at('a/b/skip'));
      renameSync(at('a/b/8.tmp'), at('a/9.tmp'));
      expect(new Set(expectEqual().map((notice) => JSON.stringify(notice)))).toEqual(
        new Set([JSON.stringify(disturbed('a/b')), JSON.stringify(disturbed('a'))]),
      );
      renameSync(at('skip/deep'), at('deep'));
      writeFileSync(at('deep/f'), 'y');
      expectEqual();
      renameSync(at('deep'), at('skip/deep'));
      writeFileSync(at('skip/deep/f'), 'z');
      expectEqual();
      // A tree whose excluded part is no longer excluded where it goes.
      renameSync(at('a/skip'), at('a/kept'));
      writeFileSync(at('a/kept/f'), 'x');
      expectEqual();
      renameSync(at('a'), at('skip/a'));
      renameSync(at('skip/a'), at('a2'));
      writeFileSync(at('a2/kept/f'), 'later');
      writeFileSync(at('a2/b/f'), 'later');
      expectEqual();
    });

    test('a folder that is not selected itself is followed for what lies below', () => {
      const selects = (path: string, isFolder: boolean): boolean => !isFolder && path.endsWith('.dat');
      const { at, begin } = startScene(create, { selects });
      mkdirSync(at('d'));
      const { expectEqual } = begin();
      chmodSync(at('d'), 0o700);
      writeFileSync(at('d/other'), 'x');
      expect(expectEqual()).toEqual([]);
      writeFileSync(at('d/x.dat'), 'x');
      mkdirSync(at('e/f'), { recursive: true });
      writeFileSync(at('e/f/y.dat'), 'y');
      expectEqual();
      renameSync(at('e'), at('d/e'));
      appendFileSync(at('d/e/f/y.dat'), 'more');
      expectEqual();
      rmSync(at('d'), { recursive: true });
      expectEqual();
    });

    test('repeated touches of a file become one, but never across a rename of it', () => {
      const { at, begin } = startScene(create);
      writeFileSync(at('f'), '');
      const { expectEqual } = begin();
      for (let i = 0; i < 100; i++) appendFileSync(at('f'), 'x');
      chmodSync(at('f'), 0o600);
      expect(expectEqual()).toEqual([{ kind: 'touched', place: { root: 0, path: 'f' }, content: true }]);
      appendFileSync(at('f'), 'x');
      renameSync(at('f'), at('g'));
      writeFileSync(at('f'), 'another');
      const kinds = expectEqual().map((notice) => notice.kind);
      expect(kinds).toEqual(traits.pairsRenames ? ['touched', 'renamed', 'touched'] : ['touched', 'touched']);
    });

    test('a root that is renamed, deleted or replaced is told as gone, once', () => {
      for (const lose of ['rename', 'delete', 'replace'] as const) {
        const { folder, outside, begin } = startScene(create);
        const { expectEqual, settle } = begin();
        writeFileSync(join(folder, 'f'), 'x');
        expectEqual();
        if (lose === 'delete') {
          unlinkSync(join(folder, 'f'));
          rmdirSync(folder);
        } else renameSync(folder, join(outside, 'away'));
        if (lose === 'replace') mkdirSync(folder);
        const notices = settle().filter((notice) => notice.kind !== 'gone');
        expect(notices).toEqual([{ kind: 'root-gone', root: 0 }]);
        mkdirSync(join(folder, 'new'), { recursive: true });
        expect(settle()).toEqual([]);
      }
    });

    test('a root that is a file is followed through replacement, and nothing else in its folder is told', () => {
      const { base, at, begin } = startScene(create, { roots: ['set/file', 'set/other'] });
      writeFileSync(at('file'), '1');
      writeFileSync(at('other'), '1');
      writeFileSync(at('stranger'), '1');
      const { capture, expectEqual } = begin();
      appendFileSync(at('file'), '2');
      appendFileSync(at('stranger'), '2');
      expect(expectEqual()).toEqual([{ kind: 'touched', place: { root: 0, path: '' }, content: true }]);
      writeFileSync(at('new'), 'replaced');
      renameSync(at('new'), at('other'));
      unlinkSync(at('file'));
      writeFileSync(at('file'), 'again');
      const notices = expectEqual();
      expect(notices.filter((notice) => notice.kind !== 'touched')).toEqual([]);
      renameSync(at('file'), join(base, 'away'));
      const later: Notice[] = [];
      const giveUpAt = Date.now() + 3_000;
      while (later.length === 0 && Date.now() < giveUpAt) later.push(...capture.read(20));
      expect(later).toEqual([{ kind: 'root-gone', root: 0 }]);
      renameSync(join(base, 'away'), at('file'));
      expect(expectEqual()).toEqual([{ kind: 'touched', place: { root: 0, path: '' }, content: true }]);
    });

    test('several roots keep their own places, and renames between them are renames', () => {
      const { base, begin } = startScene(create, { roots: ['one', 'two'] });
      for (const root of ['one', 'two']) mkdirSync(join(base, root, 'sub'), { recursive: true });
      writeFileSync(join(base, 'one/sub/f'), 'x');
      const { expectEqual } = begin();
      renameSync(join(base, 'one/sub/f'), join(base, 'two/f'));
      expect(expectEqual()).toEqual(renamed({ root: 0, path: 'sub/f' }, { root: 1, path: 'f' }, false));
      renameSync(join(base, 'one/sub'), join(base, 'two/sub/moved'));
      writeFileSync(join(base, 'two/sub/moved/g'), 'y');
      expectEqual();
    });

    test('many folders and files at once are all told', () => {
      const { at, begin } = startScene(create);
      const { expectEqual } = begin();
      for (let i = 0; i < 400; i++) {
        mkdirSync(at(`d${i % 20}/e${i}`), { recursive: true });
        for (let j = 0; j < 4; j++) writeFileSync(at(`d${i % 20}/e${i}/f${j}`), `${i}`);
      }
      expectEqual();
      for (let i = 0; i < 10; i++) rmSync(at(`d${i}`), { recursive: true });
      for (let i = 10; i < 20; i++) renameSync(at(`d${i}`), at(`r${i}`));
      expectEqual();
      for (let i = 0; i < 400; i++) if (i % 20 >= 10) appendFileSync(at(`r${i % 20}/e${i}/f0`), 'z');
      expectEqual();
    });

    test('more changes than can be remembered are told as such if there can be, and following goes on', () => {
      const { at, begin } = startScene(create);
      mkdirSync(at('d'));
      for (const name of ['f', 'g']) writeFileSync(at(name), 'x');
      const { expectEqual } = begin();
      for (let i = 0; i < 9_000; i++) {
        chmodSync(at('f'), i % 2 === 0 ? 0o600 : 0o640);
        chmodSync(at('g'), i % 2 === 0 ? 0o600 : 0o640);
      }
      mkdirSync(at('unseen/deep'), { recursive: true });
      renameSync(at('d'), at('e'));
      writeFileSync(at('unseen/deep/f'), 'x');
      const notices = expectEqual();
      if (traits.overflows !== null) expect(notices.some((notice) => notice.kind === 'overflow')).toBe(traits.overflows);
      writeFileSync(at('unseen/deep/f'), 'y');
      writeFileSync(at('e/f'), 'y');
      expect(expectEqual().map((notice) => notice.kind)).not.toContain('overflow');
    });

    volumesConformance(create);
    stormsConformance(create, traits.hasThread === true);
  });
}
