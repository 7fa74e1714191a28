import { expect, test } from 'vitest';
import { HandleTree, type FolderPlace, type Hanging } from '../../../../src-main/engine/capture/handle-tree.ts';
import { STAGE_FOLDER } from '../../../../src-main/engine/model/index.ts';

/** A tree over a fake disk: folder → where it hangs. Root 0 is `r`. */
function onFakeDisk(disk: Record<string, Hanging>) {
  const asked: string[] = [];
  const tree = new HandleTree((key) => {
    asked.push(key);
    return disk[key] ?? null;
  });
  tree.anchor('r', { kind: 'folder', root: 0, path: '' });
  const placesOf = (key: string): readonly FolderPlace[] | null => {
    const node = tree.find(key);
    return node === null ? null : tree.places(node);
  };
  return { tree, disk, asked, placesOf };
}

const at = (path: string) => [{ kind: 'folder', root: 0, path }];

test('a folder is looked up once, with the folders above it', () => {
  const { asked, placesOf } = onFakeDisk({
    r: { parent: 'top', name: 'set' },
    top: { parent: null, name: '' },
    a: { parent: 'r', name: 'a' },
    b: { parent: 'a', name: 'b' },
    out: { parent: 'top', name: 'out' },
  });
  expect(placesOf('b')).toEqual(at('a/b'));
  expect(placesOf('a')).toEqual(at('a'));
  expect(placesOf('out')).toEqual([]);
  expect(placesOf('gone')).toBeNull();
  expect(asked.toSorted()).toEqual(['a', 'b', 'gone', 'out', 'r', 'top']);
});

test('a move changes where everything below is, also out of the set and back', () => {
  const { tree, placesOf } = onFakeDisk({
    r: { parent: 'top', name: 'set' },
    top: { parent: null, name: '' },
    a: { parent: 'r', name: 'a' },
    b: { parent: 'a', name: 'b' },
  });
  expect(placesOf('b')).toEqual(at('a/b'));
  const [a, top, r] = [tree.find('a'), tree.find('top'), tree.find('r')];
  if (a === null || top === null || r === null) throw new Error('not found');
  tree.move(a, top, 'x');
  expect(placesOf('b')).toEqual([]);
  tree.move(a, r, 'y');
  expect(placesOf('b')).toEqual(at('y/b'));
  expect(tree.move(r, a, 'inside itself')).toBe(false);
});

test('a folder of the set that is mounted at a second place is at both; our own stage folder is nowhere', () => {
  const { tree, placesOf } = onFakeDisk({
    r: { parent: null, name: 'set' },
    a: { parent: 'r', name: 'a' },
    below: { parent: 'a', name: 'below' },
    stage: { parent: 'r', name: STAGE_FOLDER },
    work: { parent: 'stage', name: '1' },
  });
  tree.anchor('a', { kind: 'folder', root: 0, path: 'mounted' });
  expect(placesOf('below')).toEqual([...at('mounted/below'), ...at('a/below')]);
  tree.unanchor((anchor) => anchor.kind === 'folder' && anchor.path === 'mounted');
  expect(placesOf('below')).toEqual(at('a/below'));
  expect(placesOf('work')).toEqual([]);
});
