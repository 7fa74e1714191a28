import { describe, expect, test } from 'vitest';
import { absolutePath, locate, WatchTree } from '../../../../src-main/engine/capture/watch-tree.ts';

function sample() {
  const tree = new WatchTree();
  const top = tree.addTop({ kind: 'folder', path: '/srv', root: 3 });
  const a = tree.addChild(top, 'a');
  const b = tree.addChild(a, 'b');
  tree.setWatch(top, 1);
  tree.setWatch(a, 2);
  tree.setWatch(b, 3);
  return { tree, top, a, b };
}

describe('places', () => {
  test('a watched folder and the entries in it know where they are, on the disk and in the root', () => {
    const { top, b } = sample();
    expect(absolutePath(b)).toBe('/srv/a/b');
    expect(locate(b, 'f')).toEqual({ absolute: '/srv/a/b/f', place: { root: 3, path: 'a/b/f' } });
    expect(locate(top, '')).toEqual({ absolute: '/srv', place: { root: 3, path: '' } });
  });

  test('the whole file system can be a root', () => {
    const tree = new WatchTree();
    const top = tree.addTop({ kind: 'folder', path: '/', root: 0 });
    expect(absolutePath(tree.addChild(top, 'etc'))).toBe('/etc');
    expect(locate(top, 'f')?.absolute).toBe('/f');
  });

  test('of a folder that holds roots which are files, only those files are places', () => {
    const tree = new WatchTree();
    const top = tree.addTop({ kind: 'files', path: '/etc', roots: new Map([['hosts', 5]]) });
    expect(locate(top, 'hosts')).toEqual({ absolute: '/etc/hosts', place: { root: 5, path: '' } });
    expect(locate(top, 'passwd')).toBeNull();
  });
});

describe('changes', () => {
  test('renaming a folder moves all below it by changing one node', () => {
    const { tree, top, a, b } = sample();
    const other = tree.addChild(top, 'other');
    tree.move(a, other, 'moved');
    expect(absolutePath(b)).toBe('/srv/other/moved/b');
    expect(top.children?.has('a')).toBe(false);
  });

  test('a dropped folder gives up all its watches and has no place any more', () => {
    const { tree, a, b } = sample();
    expect(tree.drop(a).sort()).toEqual([2, 3]);
    expect(locate(b, 'f')).toBeNull();
    expect(absolutePath(b)).toBeNull();
    expect(tree.byWatch(3)).toBeUndefined();
    expect(tree.watches).toBe(1);
  });

  test('a watch that two places share stays until both are dropped', () => {
    const { tree, top, a } = sample();
    const twin = tree.addChild(top, 'mounted');
    tree.setWatch(twin, 2);
    expect(tree.byWatch(2)).toBe(twin);
    expect(tree.byWatch(2)?.twin).toBe(a);
    expect(tree.drop(a)).toEqual([3]);
    expect(tree.byWatch(2)).toBe(twin);
    expect(tree.drop(twin)).toEqual([2]);
  });

  test('a watch that the kernel ended is forgotten at every place', () => {
    const { tree, top, a } = sample();
    const twin = tree.addChild(top, 'mounted');
    tree.setWatch(twin, 2);
    tree.forgetWatch(2);
    expect([a.wd, twin.wd]).toEqual([-1, -1]);
    expect(tree.drop(twin)).toEqual([]);
  });

  test('what is not watched below is known at every folder above, and where such a folder moves to', () => {
    const { tree, top, a, b } = sample();
    tree.markPartial(b);
    expect([b, a, top].map((node) => node.isPartial)).toEqual([true, true, true]);
    const second = tree.addTop({ kind: 'folder', path: '/data', root: 4 });
    tree.move(b, second, 'b');
    expect(second.isPartial).toBe(true);
  });

  test('two folders of one name in one place are our own bug', () => {
    const { tree, top } = sample();
    expect(() => tree.addChild(top, 'a')).toThrow('invariant');
  });
});
