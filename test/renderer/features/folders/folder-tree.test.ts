import { describe, expect, test } from 'vitest';
import type { FolderEntry } from '../../../../src-main/api/index.ts';
import { CallFailure } from '../../../../src-renderer/api/index.ts';
import { FolderTree } from '../../../../src-renderer/features/folders/folder-tree.svelte.ts';
import { pathNames } from '../../../../src-renderer/features/folders/paths.ts';

const folder = (path: string, hasChildren = true): FolderEntry => ({
  name: path.slice(path.lastIndexOf('/') + 1) || '/',
  path,
  kind: 'folder',
  size: 0,
  hasChildren,
});
const disk: Readonly<Record<string, readonly FolderEntry[]>> = {
  top: [folder('/')],
  '/': [folder('/etc'), folder('/srv')],
  '/srv': [folder('/srv/data'), folder('/srv/web', false)],
  '/srv/data': [],
};

function open() {
  const asked: (string | null)[] = [];
  const tree = new FolderTree((path) => {
    asked.push(path);
    const entries = disk[path ?? 'top'];
    if (entries === undefined)
      return Promise.reject(new CallFailure({ code: 'permission-denied', text: 'Not allowed.', details: {} }));
    return Promise.resolve(entries);
  }, false);
  const shown = () =>
    tree.lines.map((line) => `${' '.repeat(line.level)}${line.kind === 'entry' ? line.entry.name : `(${line.text})`}`);
  return { tree, asked, shown };
}

describe('a folder tree', () => {
  test('opens a single top at once and asks for each folder when it is opened first', async () => {
    const { tree, asked, shown } = open();
    await tree.start();
    expect(shown()).toEqual([' /', '  etc', '  srv']);
    await tree.expand('/srv');
    tree.collapse('/srv');
    await tree.expand('/srv');
    expect(shown()).toEqual([' /', '  etc', '  srv', '   data', '   web']);
    expect(asked).toEqual([null, '/', '/srv']);
  });

  test('says in its place what cannot be listed, and that a folder is empty', async () => {
    const { tree, shown } = open();
    await tree.start();
    await tree.expand('/etc');
    await tree.expand('/srv');
    await tree.expand('/srv/data');
    expect(shown()).toEqual([' /', '  etc', '   (Not allowed.)', '  srv', '   data', '    (Nothing to show here)', '   web']);
  });

  test('opens the way to a path, as far as it exists', async () => {
    const { tree, shown } = open();
    await tree.start();
    await tree.reveal(pathNames('/srv/data/not/there'), pathNames);
    expect(shown()).toContain('   data');
    expect(shown()).toContain('    (Nothing to show here)');
  });

  test('lines know their parent, so that the left key can go there', async () => {
    const { tree } = open();
    await tree.start();
    await tree.expand('/srv');
    expect(tree.lines.map(({ parentIndex }) => parentIndex)).toEqual([-1, 0, 0, 2, 2]);
  });
});
