import { expect, test } from 'vitest';
import { DisturbedFolders } from '../../../../../src-main/engine/connection/source/disturbed-folders.ts';

const folder = (path: string) => ({ root: 0, path });

test('a folder is due a moment after it was disturbed first, and only once', () => {
  let now = 1_000;
  const folders = new DisturbedFolders(() => now);
  expect(folders.nextDueInMs()).toBeNull();
  expect(folders.note(folder('a'))).toBe(true);
  now += 200;
  expect(folders.note(folder('a'))).toBe(true);
  expect(folders.note(folder('b'))).toBe(true);
  expect(folders.nextDueInMs()).toBe(50);
  expect(folders.takeDue()).toEqual([]);
  now += 50;
  expect(folders.takeDue()).toEqual([folder('a')]);
  expect(folders.size).toBe(1);
  expect(folders.nextDueInMs()).toBe(200);
  expect(folders.takeAll()).toEqual([folder('b')]);
  expect(folders.nextDueInMs()).toBeNull();
});

test('no more than a thousand wait', () => {
  const folders = new DisturbedFolders(() => 0);
  const noted = Array.from({ length: 1_001 }, (_, i) => folders.note(folder(`${i}`)));
  expect(noted.filter((isNoted) => !isNoted)).toHaveLength(1);
  expect(folders.note(folder('5'))).toBe(true);
});
