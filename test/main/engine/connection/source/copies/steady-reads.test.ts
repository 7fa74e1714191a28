import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../../../src-main/base/index.ts';
import { SteadyReads } from '../../../../../../src-main/engine/connection/source/copies/steady-reads.ts';
import { statEntry } from '../../../../../../src-main/engine/fs/index.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const place = { root: 0, path: 'file' };

function scene() {
  const file = `${tempFolder()}/file`;
  writeFileSync(file, 'x');
  const facts = { mayClone: true, fails: false, clones: 0 };
  const reads = new SteadyReads({
    mayClone: () => facts.mayClone,
    cloneFlushed: () => {
      if (facts.fails) return Promise.reject(new ReplicationError('disk-full'));
      facts.clones++;
      return Promise.resolve({ fd: 99, close: () => undefined });
    },
  });
  const stat = () => statEntry(file) ?? expect.fail('a file');
  return { file, facts, reads, stat };
}

test('a file is read from a copy only after it changed while it was read, and until it rests', async () => {
  const { file, facts, reads, stat } = scene();
  expect(await reads.copy(place, 1, stat())).toBeNull();
  expect(reads.torn(stat())).toBe(true);
  expect((await reads.copy(place, 1, stat()))?.fd).toBe(99);
  writeFileSync(file, 'y');
  expect((await reads.copy(place, 1, stat()))?.fd).toBe(99);
  // It was not written since the last copy.
  expect(await reads.copy(place, 1, stat())).toBeNull();
  expect(facts.clones).toBe(2);
});

test('where no copy can be made a torn read is no reason to read it once more', async () => {
  const { facts, reads, stat } = scene();
  facts.fails = true;
  expect(reads.torn(stat())).toBe(true);
  expect(await reads.copy(place, 1, stat())).toBeNull();
  expect(reads.torn(stat())).toBe(false);
  facts.mayClone = false;
  expect(await reads.copy(place, 1, stat())).toBeNull();
  expect(reads.torn(stat())).toBe(false);
});
