import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CutFile } from '../../../../src-main/engine/queue/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const none = {
  cutSequence: 0,
  cutAtMs: 0,
  isPointInTime: false,
  openSequence: 0,
  isHeld: false,
  isPause: false,
  isPauseNext: false,
};
const record = {
  cutSequence: 2 ** 40,
  cutAtMs: 1_795_000_000_123,
  isPointInTime: true,
  openSequence: 7,
  isHeld: true,
  isPause: true,
  isPauseNext: true,
};

/** `record` as the version before pauses were marked wrote it. */
const OLD_RECORD = '000000000000704200b0e765e51e7a420000000000001c4001010000000000000000000033000aed';

test('the last record is read back, and a new file holds none', () => {
  const path = `${tempFolder()}/cut`;
  const first = CutFile.open(path);
  expect(first.record).toEqual(none);
  first.set({ ...record, cutSequence: 1 });
  first.set(record);
  first.close();
  const second = CutFile.open(path);
  expect(second.record).toEqual(record);
  second.close();
});

test('a record of a version that knew nothing of pauses is read', () => {
  const path = `${tempFolder()}/cut`;
  writeFileSync(path, Buffer.from(OLD_RECORD, 'hex'));
  const file = CutFile.open(path);
  expect(file.record).toEqual({ ...record, isPause: false, isPauseNext: false });
  file.close();
});

test('a record that a stop of the machine tore counts as none, so that the lower label holds', () => {
  const path = `${tempFolder()}/cut`;
  const file = CutFile.open(path);
  file.set(record);
  file.close();
  const bytes = readFileSync(path);
  for (const at of [0, 16, 24, 36]) {
    const torn = Buffer.from(bytes);
    torn[at] = (torn[at] ?? 0) ^ 1;
    writeFileSync(path, torn);
    const again = CutFile.open(path);
    expect(again.record).toEqual(none);
    again.close();
  }
  truncateSync(path, 20);
  const short = CutFile.open(path);
  expect(short.record).toEqual(none);
  short.close();
});

test('a file that cannot be made is a coded failure of the disk', () => {
  expect(() => CutFile.open(`${tempFolder()}/none/cut`)).toThrow(expect.objectContaining({ code: 'not-found' }) as Error);
});
