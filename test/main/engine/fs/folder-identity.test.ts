import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isSameFolder, folderIdentity, type FolderIdentity } from '../../../../src-main/engine/fs/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const known: FolderIdentity = { dev: '1', ino: '2', birth: '100', volume: 'ab' };

test.each<[string, Partial<FolderIdentity>, boolean]>([
  ['itself', {}, true],
  ['another inode', { ino: '3' }, false],
  ['an inode that was used again', { birth: '200' }, false],
  ['another volume under the same device number', { volume: 'cd' }, false],
  ['the same volume under another device number', { dev: '9' }, true],
  ['another volume under another device number', { dev: '9', volume: 'cd' }, false],
  ['another device number where the volume cannot be told', { dev: '9', volume: '' }, false],
  ['another device number where the birth cannot be told', { dev: '9', birth: '' }, false],
  ['the same device where nothing else can be told', { birth: '', volume: '' }, true],
])('%s', (_what, change, isSame) => {
  expect(isSameFolder(known, { ...known, ...change })).toBe(isSame);
});

test('what was stored before births and volumes were looked at is compared by device and inode', () => {
  expect(isSameFolder({ dev: '1', ino: '2' }, known)).toBe(true);
  expect(isSameFolder({ dev: '5', ino: '2' }, known)).toBe(false);
});

test('a folder that was deleted and made again is another one, even if its inode is used again; a file may be replaced', () => {
  const path = `${tempFolder()}/root`;
  mkdirSync(path);
  const before = folderIdentity(path, { volume: true });
  expect(before).not.toBeNull();
  expect(before).toEqual(folderIdentity(path, { volume: true }));
  rmSync(path, { recursive: true });
  expect(folderIdentity(path, { volume: true })).toBeNull();
  mkdirSync(path);
  const after = folderIdentity(path, { volume: true });
  expect(before !== null && after !== null && isSameFolder(before, after)).toBe(false);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'one');
  const file = folderIdentity(path, { volume: true });
  rmSync(path);
  writeFileSync(path, 'two');
  expect(folderIdentity(path, { volume: true })).toEqual(file);
});
