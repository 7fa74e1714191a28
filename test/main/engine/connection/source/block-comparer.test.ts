import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BlockComparer, differences } from '../../../../../src-main/engine/connection/source/block-comparer.ts';
import { createBlockHasher } from '../../../../../src-main/engine/fs/index.ts';
import { BLOCK_BYTES } from '../../../../../src-main/engine/wire/index.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const comparer = new BlockComparer(await createBlockHasher());

/** Everything that a generator of steps gives, and how often it rested. */
function finish<T>(
  steps: Generator<void, T>,
  between: () => void = () => undefined,
): { readonly value: T; readonly rests: number } {
  for (let rests = 0; ; rests++) {
    const step = steps.next();
    if (step.done === true) return { value: step.value, rests };
    between();
  }
}

function hashed(content: Buffer, between?: () => void, path = join(tempFolder(), 'f')) {
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return finish(comparer.hashes(fd, content.length), between);
}

const content = (blocks: number) => Buffer.from(Array.from({ length: blocks * BLOCK_BYTES }, (_, i) => (i * 31) % 251));

test.each([
  ['the same', (theirs: Buffer) => theirs, []],
  ['empty', () => Buffer.alloc(0), []],
  ['longer, in the middle of a block', (theirs: Buffer) => Buffer.concat([theirs, Buffer.from('x')]), [[40 * BLOCK_BYTES, 1]]],
  ['longer by blocks', (theirs: Buffer) => Buffer.concat([theirs, content(2)]), [[40 * BLOCK_BYTES, 2 * BLOCK_BYTES]]],
  [
    'shorter, in the middle of a block',
    (theirs: Buffer) => theirs.subarray(0, 3 * BLOCK_BYTES - 7),
    [[2 * BLOCK_BYTES, BLOCK_BYTES - 7]],
  ],
  ['shorter by blocks', (theirs: Buffer) => theirs.subarray(0, 2 * BLOCK_BYTES), []],
])('what must be sent of a file that is %s', (_, change, expected) => {
  const theirs = content(40);
  const { value: signature } = hashed(theirs);
  const { value: own } = hashed(change(theirs));
  const ranges = differences(own, { size: theirs.length, hashes: signature.hashes });
  expect(ranges.map(({ offset, length }) => [offset, length])).toEqual(expected);
});

test('changed blocks are told with their neighbours as one', () => {
  const theirs = content(40);
  const { value: signature } = hashed(theirs);
  const ours = Buffer.from(theirs);
  for (const block of [3, 4, 20]) ours.writeUInt8(ours.readUInt8(block * BLOCK_BYTES) ^ 1, block * BLOCK_BYTES);
  const { value: own, rests } = hashed(ours);
  expect(rests).toBe(3); // a MiB at a time
  expect(differences(own, { size: theirs.length, hashes: signature.hashes })).toEqual([
    { offset: 3 * BLOCK_BYTES, length: 2 * BLOCK_BYTES },
    { offset: 20 * BLOCK_BYTES, length: BLOCK_BYTES },
  ]);
});

test('of a file that shrinks meanwhile only what was read is compared', () => {
  const path = join(tempFolder(), 'f');
  const { value: own } = hashed(content(40), () => truncateSync(path, 20 * BLOCK_BYTES), path);
  expect(own.size).toBe(20 * BLOCK_BYTES);
  expect(differences(own, { size: 0, hashes: Buffer.alloc(0) })).toEqual([{ offset: 0, length: 20 * BLOCK_BYTES }]);
});
