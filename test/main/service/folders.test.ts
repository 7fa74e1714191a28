import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listFolder } from '../../../src-main/service/folders.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function tree(): string {
  const folder = tempFolder();
  mkdirSync(join(folder, 'b/inner'), { recursive: true });
  mkdirSync(join(folder, 'Empty'));
  mkdirSync(join(folder, 'files-only'));
  writeFileSync(join(folder, 'files-only/x'), '');
  writeFileSync(join(folder, 'a.txt'), 'hello');
  symlinkSync('b', join(folder, 'link'));
  return folder;
}

describe('listFolder', () => {
  test('gives folders for a tree, with what can be opened', async () => {
    const folder = tree();
    const entries = await listFolder(folder, false, []);
    expect(entries.map(({ name, kind, path, hasChildren }) => [name, kind, path, hasChildren])).toEqual([
      ['Empty', 'folder', `${folder}/Empty`, false],
      ['b', 'folder', `${folder}/b`, true],
      ['files-only', 'folder', `${folder}/files-only`, false],
    ]);
  });

  test('with files gives all, folders first, with sizes', async () => {
    const entries = await listFolder(tree(), true, []);
    expect(entries.map(({ name, kind, size, hasChildren }) => [name, kind, size, hasChildren])).toEqual([
      ['Empty', 'folder', 0, false],
      ['b', 'folder', 0, true],
      ['files-only', 'folder', 0, true],
      ['a.txt', 'file', 5, false],
      ['link', 'symlink', 0, false],
    ]);
  });

  test('below a volume gives paths in the form of its letter', async () => {
    const volumes = [{ name: 'C', folder: tree() }];
    const entries = await listFolder('c:\\', false, volumes);
    expect(entries.map(({ path }) => path)).toEqual(['c:\\Empty', 'c:\\b', 'c:\\files-only']);
    await expect(listFolder('C:\\b', false, volumes)).resolves.toMatchObject([{ path: 'C:\\b\\inner' }]);
    await expect(listFolder(null, false, volumes)).resolves.toMatchObject([
      { path: 'c:\\', kind: 'volume' },
      { path: '/', kind: 'volume' },
    ]);
  });

  test('shows names that are not text without failing', async () => {
    const folder = tempFolder();
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.from([0xe9])]));
    mkdirSync(join(folder, 'new\nline'));
    await expect(listFolder(folder, false, [])).resolves.toMatchObject([{ name: 'caf\\xe9' }, { name: 'new\\nline' }]);
  });

  test('says why a folder cannot be listed', async () => {
    const folder = tree();
    const code = (path: string) => listFolder(path, false, []).catch((error: unknown) => (error as { code: string }).code);
    expect(await code(join(folder, 'none'))).toBe('not-found');
    expect(await code(join(folder, 'a.txt'))).toBe('not-a-folder');
    expect(await code('relative')).toBe('bad-path');
    expect(await code('d:\\x')).toBe('volume-unknown');
    chmodSync(join(folder, 'b'), 0);
    if (process.getuid?.() !== 0) expect(await code(join(folder, 'b'))).toBe('permission-denied');
    chmodSync(join(folder, 'b'), 0o755);
  });
});
