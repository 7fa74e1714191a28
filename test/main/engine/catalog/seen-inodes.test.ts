import { expect, test } from 'vitest';
import { SeenInodes } from '../../../../src-main/engine/catalog/seen-inodes.ts';

const far = 2n ** 63n + 12_345n;

test('of an empty catalog it knows from the start what no row has', () => {
  const inodes = new SeenInodes(() => [], true);
  expect(inodes.mayHave(7n)).toBe(false);
  for (const ino of [7n, far]) inodes.add(ino);
  expect([7n, far, 8n, far + 1n].map((ino) => inodes.mayHave(ino))).toEqual([true, true, false, false]);
});

test('of a catalog with rows it knows nothing before it has read them, and reads them when that is of use', () => {
  let reads = 0;
  // As SQLite gives a large inode number.
  const inodes = new SeenInodes(() => (reads++, [7n, BigInt.asIntN(64, far)]), false);
  for (let i = 0; i < 999; i++) inodes.wasInVain();
  expect([reads, inodes.mayHave(8n)]).toEqual([0, true]);
  for (let i = 0; i < 1_000; i++) inodes.wasInVain();
  expect(reads).toBe(1);
  expect([7n, far, 8n].map((ino) => inodes.mayHave(ino))).toEqual([true, true, false]);
});

test('of a catalog with too many rows it never knows anything, and asks for them once', () => {
  let reads = 0;
  const inodes = new SeenInodes(() => (reads++, null), false);
  for (let i = 0; i < 5_000; i++) inodes.wasInVain();
  expect([reads, inodes.mayHave(8n)]).toEqual([1, true]);
});
