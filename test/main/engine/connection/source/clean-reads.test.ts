import { appendFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CleanReads } from '../../../../../src-main/engine/connection/source/clean-reads.ts';
import { Roots } from '../../../../../src-main/engine/connection/source/roots.ts';
import { hasFineTimes, statEntry } from '../../../../../src-main/engine/fs/index.ts';
import { mountFresh, whyNoVolume } from '../../../../support/loop-volume.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

function bench(isFineGrained = true, wallMs = () => Date.now(), folder = tempFolder()) {
  const reads = new CleanReads(new Roots([folder], []), isFineGrained, wallMs);
  const at = (path: string) => ({ root: 0, path });
  const look = (path: string) => {
    const stat = statEntry(`${folder}/${path}`);
    if (stat === null) throw new Error(`${path} is not there`);
    return stat;
  };
  return { folder, reads, at, look };
}

test('a file with the stamp from before its read was read clean; one that was written since, or is gone, was not', () => {
  const { folder, reads, at, look } = bench();
  for (const name of ['same', 'written', 'gone']) {
    writeFileSync(`${folder}/${name}`, 'x');
    reads.read(at(name), look(name));
  }
  appendFileSync(`${folder}/written`, 'y');
  unlinkSync(`${folder}/gone`);
  expect(reads.check(10)).toBe(false);
  expect(reads.takeAll()).toEqual([at('written'), at('gone')]);
  expect(reads.check(10)).toBe(true);
});

test('a look right after the read spares the one later, and only where it finds the stamp from before', () => {
  const { folder, reads, at, look } = bench();
  for (const name of ['same', 'written']) {
    writeFileSync(`${folder}/${name}`, 'x');
    reads.read(at(name), look(name));
  }
  appendFileSync(`${folder}/written`, 'y');
  for (const name of ['same', 'written']) reads.seen(at(name), look(name));
  expect(reads.takeAll()).toEqual([at('written')]);
  reads.seen(at('same'), look('same'));
  expect(reads.size).toBe(0);
});

test('a read that is in doubt stays so until it is read again or forgotten', () => {
  const { folder, reads, at, look } = bench();
  writeFileSync(`${folder}/a`, 'x');
  reads.doubt(at('a'));
  expect(reads.check(10)).toBe(false);
  reads.read(at('a'), look('a'));
  expect(reads.check(10)).toBe(true);
  reads.doubt(at('a'));
  reads.forget(at('a'));
  expect(reads.size).toBe(0);
});

test('reads move with their tree', () => {
  const { folder, reads, at, look } = bench();
  writeFileSync(`${folder}/old`, 'x');
  reads.read(at('tree/f'), look('old'));
  reads.read(at('treehouse'), look('old'));
  renameSync(`${folder}/old`, `${folder}/new`);
  reads.moved(at('tree/f'), at('new'));
  expect(reads.check(10)).toBe(false);
  expect(reads.takeAll()).toEqual([at('treehouse')]);
});

test('no more files are looked at than may be', () => {
  const { folder, reads, at, look } = bench();
  for (const name of ['a', 'b', 'c']) {
    writeFileSync(`${folder}/${name}`, 'x');
    reads.read(at(name), look(name));
  }
  expect(reads.check(2)).toBe(false);
  expect(reads.size).toBe(1);
});

test('where stamps are coarse, a file that was written just before its read cannot be proven clean', () => {
  let wallMs = 0;
  const { folder, reads, at, look } = bench(false, () => wallMs);
  writeFileSync(`${folder}/a`, 'x');
  const writtenMs = Number(look('a').mtimeNs / 1_000_000n);
  wallMs = writtenMs + 1;
  reads.read(at('a'), look('a'));
  expect(reads.check(10)).toBe(false);
  wallMs = writtenMs + 30;
  reads.read(at('a'), look('a'));
  expect(reads.check(10)).toBe(true);
});

test.skipIf(whyNoVolume('ext2') !== null)('where whole seconds are kept a read in the second of a change is not clean', () => {
  const volume = `${tempFolder()}/volume`;
  mountFresh('ext2', volume);
  expect(hasFineTimes(volume)).toBe(false);
  let wallMs = Date.now();
  const { folder, reads, at, look } = bench(true, () => wallMs, volume);
  writeFileSync(`${folder}/a`, 'x');
  wallMs = Number(look('a').mtimeNs / 1_000_000n) + 999;
  reads.read(at('a'), look('a'));
  expect(reads.check(10)).toBe(false);
  wallMs += 2_000;
  reads.read(at('a'), look('a'));
  expect(reads.check(10)).toBe(true);
});
