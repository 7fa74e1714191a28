import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ReplicaPaths } from '../../../../src-main/engine/apply/index.ts';
import { foldersInside } from '../../../../src-main/engine/model/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const coded = (code: string) => expect.objectContaining({ code }) as Error;

test.each([
  ['/a/b/c', 0, []],
  ['/a/b/c', 1, []],
  ['/a/b/c', 2, ['/a/b']],
  ['/a/b/c', 3, ['/a', '/a/b']],
  ['/a/b/c', 9, ['/a', '/a/b']],
  ['/', 3, []],
])('on the way to %s the last %i names hold the folders %o', (path, names, folders) => {
  expect(foldersInside(path, names)).toEqual(folders);
});

test('a folder above a root that becomes a link is not followed when it lies inside the place that was named', () => {
  const base = tempFolder();
  mkdirSync(join(base, 'named/sub'), { recursive: true });
  mkdirSync(join(base, 'outside/root'), { recursive: true });
  const roots = [join(base, 'named/sub/root')];
  mkdirSync(join(base, 'named/sub/root'));
  const paths = new ReplicaPaths(roots, [2]);
  const anywhere = new ReplicaPaths(roots);
  paths.checkParent(0, '');
  paths.checkParent(0, 'file');
  renameSync(join(base, 'named/sub'), join(base, 'named/was'));
  symlinkSync(join(base, 'outside'), join(base, 'named/sub'));
  paths.forget();
  for (const path of ['', 'file']) {
    expect(() => paths.checkParent(0, path)).toThrow(coded('outside-root'));
    expect(() => anywhere.checkParent(0, path)).not.toThrow();
  }
});
