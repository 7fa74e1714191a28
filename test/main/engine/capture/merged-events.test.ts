import { expect, test } from 'vitest';
import { FAN_CREATE, FAN_DELETE } from '../../../../src-main/engine/capture/fanotify-events.ts';
import { HandleTree } from '../../../../src-main/engine/capture/handle-tree.ts';
import { MergedEvents, type End } from '../../../../src-main/engine/capture/merged-events.ts';

const tree = new HandleTree(() => ({ parent: null, name: 'top' }));
const folder = tree.find('folder');
const end = (name: string): End => {
  if (folder === null) throw new Error('no folder');
  return { folder, name };
};

test('an object that comes back to a name it had may have left it again unseen', () => {
  const merged = new MergedEvents();
  merged.renamed('object', true, end('a'), end('b'));
  merged.renamed('other', true, end('c'), end('d'));
  merged.renamed('object', true, end('b'), end('a'));
  expect(merged.take()).toEqual([{ object: 'object', isFolder: true, ends: [end('a'), end('b')], isGoneTold: false }]);
  expect(merged.take()).toEqual([]);
});

test('a rename that goes on and on is clear', () => {
  const merged = new MergedEvents();
  merged.renamed('object', false, end('a'), end('b'));
  merged.renamed('object', false, end('b'), end('c'));
  expect(merged.take()).toEqual([]);
});

test('a deletion that was merged may be told too early; one of its own is not', () => {
  const merged = new MergedEvents();
  merged.deleted(end('plain'), FAN_DELETE);
  merged.deleted(end('made'), FAN_CREATE | FAN_DELETE);
  merged.deleted(end('hit'), FAN_CREATE | FAN_DELETE);
  merged.renamed('object', false, end('x'), end('hit'));
  expect(merged.take()).toEqual([
    { object: null, isFolder: false, ends: [end('made')], isGoneTold: true },
    { object: null, isFolder: false, ends: [end('hit')], isGoneTold: false },
  ]);
});
