import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkRoots } from '../../../../../src-main/engine/connection/target/check-roots.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import { mountSmallDisk } from '../../../../support/without-root.ts';

const base = () => realpathSync(tempFolder());
const root = (to: string) => ({ from: '/source', to });
const coded = (code: string) => expect.objectContaining({ code }) as Error;

test('a root below missing folders is taken as it is; volumes are resolved', () => {
  const folder = base();
  expect(checkRoots([root(join(folder, 'a/b/c'))], [], [])).toEqual([root(join(folder, 'a/b/c'))]);
  expect(checkRoots([root('c:\\noon\\data')], [{ name: 'C', folder }], [])).toEqual([root(join(folder, 'noon/data'))]);
});

test('a root in another replica, around one, on one, or in one by way of a link is refused', () => {
  const folder = base();
  mkdirSync(join(folder, 'taken/sub'), { recursive: true });
  symlinkSync(join(folder, 'taken'), join(folder, 'way'));
  const others = [{ setName: 'other', roots: [root(join(folder, 'taken'))] }];
  for (const to of ['taken', 'taken/deeper', '', 'way/x']) {
    expect(() => checkRoots([root(join(folder, to))], [], others)).toThrow(coded('map-loop'));
  }
  expect(checkRoots([root(join(folder, 'taken2'))], [], others)).toHaveLength(1);
});

test('two roots that lie in each other are refused', () => {
  const folder = base();
  expect(() => checkRoots([root(join(folder, 'a')), root(join(folder, 'a/b'))], [], [])).toThrow(coded('map-invalid'));
});

test('a file where a folder is needed is named', () => {
  const folder = base();
  writeFileSync(join(folder, 'file'), '');
  expect(() => checkRoots([root(join(folder, 'file/replica'))], [], [])).toThrow(coded('not-a-folder'));
  expect(checkRoots([root(join(folder, 'file'))], [], [])).toHaveLength(1);
});

test('a root that is a link to a folder means that folder', () => {
  const folder = base();
  mkdirSync(join(folder, 'real'));
  symlinkSync('real', join(folder, 'link'));
  expect(checkRoots([root(join(folder, 'link'))], [], [])).toEqual([root(join(folder, 'real'))]);
});

test('inside the place that was named no link is followed, nor is one at the root itself; above it they are', () => {
  const folder = base();
  mkdirSync(join(folder, 'real/sub'), { recursive: true });
  symlinkSync('real', join(folder, 'named'));
  symlinkSync('sub', join(folder, 'real/out'));
  expect(checkRoots([root(join(folder, 'named/sub/x'))], [], [], [2])).toEqual([root(join(folder, 'real/sub/x'))]);
  expect(checkRoots([root(join(folder, 'named/out'))], [], [], [1])).toEqual([root(join(folder, 'real/out'))]);
  const behind = [root(join(folder, 'named/out/x'))];
  expect(() => checkRoots(behind, [], [], [2])).toThrow(coded('outside-root'));
  expect(checkRoots(behind, [], [], [1]), 'the link is not inside').toHaveLength(1);
});

test('a letter that this server does not have is refused', () => {
  expect(() => checkRoots([root('x:\\data')], [], [])).toThrow(coded('volume-unknown'));
});

test('a disk that is mounted read-only is refused', ({ skip }) => {
  const folder = base();
  const disk = mountSmallDisk(join(folder, 'disk'), 1);
  if (disk === null) {
    console.warn('SKIPPED: only root can mount the small disk of this test');
    skip();
    return;
  }
  try {
    spawnSync('mount', ['-o', 'remount,ro', disk.folder]);
    expect(() => checkRoots([root(join(disk.folder, 'replica'))], [], [])).toThrow(coded('read-only'));
  } finally {
    disk.unmount();
  }
});
