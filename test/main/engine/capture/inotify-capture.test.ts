import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import { InotifyWatcher, type FolderWatcher } from '../../../../src-main/engine/capture/folder-watcher.ts';
import { InotifyCapture, type CaptureParts } from '../../../../src-main/engine/capture/inotify-capture.ts';
import { loadLibc } from '../../../../src-main/engine/fs/index.ts';
import type { Notice } from '../../../../src-main/engine/model/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

function capture(roots: readonly string[], parts: Partial<CaptureParts> = {}): InotifyCapture {
  const descends = (folder: string): boolean => !folder.endsWith('/left-out');
  const made = new InotifyCapture({ roots, selects: () => true, descends, selectsAllBelow: () => false }, parts);
  onTestFinished(() => made.close());
  return made;
}

function readAll(from: InotifyCapture): Notice[] {
  const all: Notice[] = [];
  for (let quiet = 0; quiet < 2;) {
    const notices = from.read(15);
    quiet = notices.length === 0 ? quiet + 1 : 0;
    all.push(...notices);
  }
  return all;
}

/** The kernel's watches, but only `most` of them. */
function limited(most: number): FolderWatcher {
  const real = new InotifyWatcher();
  const given = new Set<number>();
  return {
    open: (path) => real.open(path),
    openChild: (parent, name) => real.openChild(parent, name),
    close: (handle) => real.close(handle),
    watch(handle) {
      const wd = real.watch(handle);
      given.add(wd);
      if (given.size > most) throw new ReplicationError('watch-limit');
      return wd;
    },
    unwatch: (wd) => real.unwatch(wd),
    childFolders: (handle) => real.childFolders(handle),
    read: (timeoutMs) => real.read(timeoutMs),
    isDrained: true,
    dispose: () => real.dispose(),
  };
}

test('when the system allows too few watches, the failure says how many are needed', () => {
  const folder = tempFolder();
  for (const name of ['a', 'b', 'c/d', 'left-out/x']) mkdirSync(`${folder}/${name}`, { recursive: true });
  const made = capture([folder], { createWatcher: () => limited(3) });
  expect(() => made.start()).toThrow(
    expect.objectContaining({ code: 'watch-limit', details: { needed: 5, limit: expect.any(Number) as number } }),
  );
});

test('a new folder that cannot be watched ends the capture instead of being followed in silence', () => {
  const folder = tempFolder();
  const made = capture([folder], { createWatcher: () => limited(1) });
  made.start();
  mkdirSync(`${folder}/a`);
  expect(() => made.read(100)).toThrow(expect.objectContaining({ code: 'watch-limit' }));
});

test('a root that is not there is named', () => {
  const folder = tempFolder();
  expect(() => capture([folder, `${folder}/none`]).start()).toThrow(
    expect.objectContaining({ code: 'not-found', details: { path: `${folder}/none` } }),
  );
});

test('a root is lost when a folder above it is renamed, though no event tells', () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/above/set/sub`, { recursive: true });
  let nowMs = 0;
  const made = capture([`${folder}/above/set`], { now: () => nowMs });
  made.start();
  renameSync(`${folder}/above`, `${folder}/elsewhere`);
  nowMs += 2_000;
  expect(made.read(0)).toEqual([{ kind: 'root-gone', root: 0 }]);
  writeFileSync(`${folder}/elsewhere/set/sub/f`, 'x');
  nowMs += 2_000;
  expect(made.read(50)).toEqual([]);
});

test('two folders exchanged in one step are both followed at their new places', () => {
  const folder = tempFolder();
  for (const name of ['a', 'b']) {
    mkdirSync(`${folder}/${name}/sub`, { recursive: true });
    writeFileSync(`${folder}/${name}/sub/f`, name);
  }
  const made = capture([folder]);
  made.start();
  const exchange = loadLibc()?.bind('int renameat2(int from, const char *a, int to, const char *b, unsigned int flags)');
  expect(exchange?.(-100, `${folder}/a`, -100, `${folder}/b`, 2)).toBe(0);
  const kinds = readAll(made).map((notice) => notice.kind);
  expect(kinds).toContain('renamed');
  expect(kinds.filter((kind) => kind === 'appeared')).toHaveLength(2);
  writeFileSync(`${folder}/a/sub/f`, 'later');
  writeFileSync(`${folder}/b/sub/f`, 'later');
  expect(readAll(made)).toEqual([
    { kind: 'touched', place: { root: 0, path: 'a/sub/f' }, content: true },
    { kind: 'touched', place: { root: 0, path: 'b/sub/f' }, content: true },
  ]);
});

test('moving trees about for long leaves no watch behind', () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/set/a/b/c`, { recursive: true });
  const made = capture([`${folder}/set`]);
  made.start();
  const before = made.watches;
  for (let i = 0; i < 50; i++) {
    renameSync(`${folder}/set/a`, i % 2 === 0 ? `${folder}/out` : `${folder}/set/x`);
    if (i % 3 === 0) readAll(made);
    renameSync(i % 2 === 0 ? `${folder}/out` : `${folder}/set/x`, `${folder}/set/a`);
    if (i % 5 === 0) readAll(made);
  }
  readAll(made);
  expect(made.watches).toBe(before);
});
