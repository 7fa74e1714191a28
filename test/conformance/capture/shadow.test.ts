import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../../support/temp-folder.ts';
import { Shadow } from './shadow.ts';

test('a folder that moves while it is read is read again at its new place', () => {
  const root = tempFolder();
  let onSelect: (path: string) => void = () => undefined;
  const selection = {
    selects: (path: string) => {
      onSelect(path);
      return true;
    },
    descends: () => true,
    selectsAllBelow: () => true,
  };
  const shadow = new Shadow([root], selection, false);
  mkdirSync(join(root, 'd/b/c'), { recursive: true });
  writeFileSync(join(root, 'd/b/c/f'), 'x');
  onSelect = (path) => {
    if (path !== join(root, 'd/b')) return;
    onSelect = () => undefined;
    renameSync(join(root, 'd'), join(root, 'between'));
  };
  shadow.apply([{ kind: 'appeared', place: { root: 0, path: 'd' } }]);
  shadow.apply([{ kind: 'renamed', from: { root: 0, path: 'd' }, to: { root: 0, path: 'between' }, isFolder: true }]);
  expect(shadow.differences()).toEqual([]);
});
