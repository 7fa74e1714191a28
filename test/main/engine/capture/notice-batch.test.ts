import { expect, test } from 'vitest';
import { NoticeBatch } from '../../../../src-main/engine/capture/notice-batch.ts';

const place = (path: string) => ({ root: 0, path });

test('touches of one place become one, with content if any of them had it', () => {
  const batch = new NoticeBatch();
  batch.touched(place('a'), false);
  batch.touched(place('b'), false);
  batch.touched(place('a'), true);
  batch.touched(place('a'), false);
  expect(batch.take()).toEqual([
    { kind: 'touched', place: place('a'), content: true },
    { kind: 'touched', place: place('b'), content: false },
  ]);
  expect(batch.take()).toEqual([]);
});

test('touches on the two sides of a rename stay apart: the path is another file by then', () => {
  const batch = new NoticeBatch();
  batch.touched(place('a'), true);
  batch.add({ kind: 'renamed', from: place('a'), to: place('b'), isFolder: false });
  batch.touched(place('a'), true);
  expect(batch.take().map((notice) => notice.kind)).toEqual(['touched', 'renamed', 'touched']);
});

test('the same path in two roots is two places', () => {
  const batch = new NoticeBatch();
  batch.touched({ root: 1, path: 'a' }, true);
  batch.touched({ root: 11, path: 'a' }, true);
  expect(batch.take()).toHaveLength(2);
});
