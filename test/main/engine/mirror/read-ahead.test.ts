import { expect, test } from 'vitest';
import { ReadAhead, type WalkPosition } from '../../../../src-main/engine/mirror/index.ts';
import type { NamedKind } from '../../../../src-main/engine/fs/index.ts';
import { childPath, type Place } from '../../../../src-main/engine/model/index.ts';

const number = (i: number) => String(i).padStart(4, '0');
const files = (count: number, prefix = 'f'): NamedKind[] =>
  Array.from({ length: count }, (_, i) => ({ name: `${prefix}${number(i)}`, kind: 'file' }));

/** A tree in memory, a walk over it in order, and what the disk was asked for before the walk came there. */
function scene(tree: Readonly<Record<string, readonly NamedKind[]>>, selects: (path: string) => boolean = () => true) {
  const expected: string[] = [];
  const listed: string[] = [];
  const ahead = new ReadAhead({
    names: ({ path }) => {
      listed.push(path);
      return tree[path] ?? [];
    },
    selects: ({ path }) => selects(path),
    expect: (places) => void expected.push(...places.map(({ path }) => path)),
  });
  const late: string[] = [];
  const walk = (folder: Place, isRead: (path: string) => boolean, above: WalkPosition = []) => {
    ahead.entering(folder);
    for (const { name, kind } of tree[folder.path] ?? []) {
      const path = childPath(folder.path, name);
      const position = [...above, { folder, after: name }];
      if (kind === 'file' && !expected.includes(path)) late.push(path);
      ahead.passed(kind === 'file' ? isRead(path) : null, () => position);
      if (kind === 'folder') walk({ root: 0, path }, isRead, position);
    }
  };
  return { ahead, expected, late, listed, walk: (isRead: (path: string) => boolean) => walk({ root: 0, path: '' }, isRead) };
}

test('while files are read, those that come next are asked for before the walk is there, in folders to come too', () => {
  const folders = Array.from({ length: 60 }, (_, i) => `d${number(i)}`);
  const tree: Record<string, readonly NamedKind[]> = { '': folders.map((name) => ({ name, kind: 'folder' })) };
  for (const name of folders) tree[name] = files(7);
  const { late, expected, walk } = scene(tree);
  walk(() => true);
  expect(late).toHaveLength(8);
  expect(expected).toHaveLength(60 * 7 - 8);
});

test('it is never further ahead than it needs to be', () => {
  const { ahead, expected } = scene({ '': files(2_000) });
  for (let i = 0; i < 100; i++) ahead.passed(true, () => [{ folder: { root: 0, path: '' }, after: `f${number(i)}` }]);
  expect(expected.length).toBeGreaterThan(100);
  expect(expected.length).toBeLessThan(100 + 256);
});

test('a walk that finds files equal has nothing read and no folder listed twice', () => {
  const { expected, listed, walk } = scene({ '': files(1_000) });
  walk(() => false);
  expect(expected).toEqual([]);
  expect(listed).toEqual([]);
});

test('it ends when the walk reads no more', () => {
  const { expected, walk } = scene({ '': files(5_000) });
  walk((path) => path < 'f0100');
  expect(expected.at(-1)).toMatch(/^f0[34]/);
});

test('what the set leaves out is not read', () => {
  const { expected, walk } = scene(
    { '': [{ name: 'd', kind: 'folder' }, ...files(100)], d: files(50) },
    (path) => !path.startsWith('d'),
  );
  walk((path) => path.startsWith('f'));
  expect(expected.filter((path) => path.startsWith('d'))).toEqual([]);
  expect(expected.length).toBeGreaterThan(80);
});

test('after a change of the tree it finds the walk again at the next folder', () => {
  const tree: Record<string, readonly NamedKind[]> = {
    '': ['a', 'b', 'c'].map((name) => ({ name, kind: 'folder' })),
    a: files(300),
    b: files(300),
    c: files(300),
  };
  const { ahead, expected } = scene(tree);
  const at = (path: string, name: string): WalkPosition => [
    { folder: { root: 0, path: '' }, after: path },
    { folder: { root: 0, path }, after: name },
  ];
  ahead.entering({ root: 0, path: 'a' });
  // Half of the folder was deleted after it had been listed here.
  for (let i = 0; i < 150; i++) ahead.passed(true, () => at('a', `f${number(i)}`));
  ahead.passed(null, () => []);
  ahead.entering({ root: 0, path: 'b' });
  for (let i = 0; i < 100; i++) ahead.passed(true, () => at('b', `f${number(i)}`));
  expect(expected).toContain('b/f0200');
});
