import { expect, test } from 'vitest';
import { connectionSettings } from '../../../../../src-main/api/index.ts';
import { ChangedRanges, LEAST_RECORDED_BYTES } from '../../../../../src-main/engine/connection/source/changed-ranges.ts';
import type { ByteRange, EntryStat } from '../../../../../src-main/engine/model/index.ts';

const file = { dev: 1n, ino: 2n, size: LEAST_RECORDED_BYTES } as EntryStat;
const told = (...ranges: [number, number][]) => [
  { dev: 1n, ino: 2n, ranges: ranges.map(([offset, length]) => ({ offset, length })) },
];
const anywhere = [{ dev: 1n, ino: 2n, ranges: null }];

/** What is known of the file, as whoever is about to send it is told. */
const look = (changed: ChangedRanges): readonly ByteRange[] | null => changed.where(changed.begin(file));

const send = (changed: ChangedRanges): void => changed.sent(changed.begin(file));

test('what was told is joined until it is sent', () => {
  const changed = new ChangedRanges();
  changed.add(told([0, 10]));
  changed.add(told([5, 10], [100, 1]));
  const all = [
    { offset: 0, length: 15 },
    { offset: 100, length: 1 },
  ];
  expect(look(changed)).toEqual(all);
  expect(look(changed)).toEqual(all);
  send(changed);
  changed.add(told([20, 1]));
  expect(look(changed)).toEqual([{ offset: 20, length: 1 }]);
});

test('a file of which nothing was told may have changed anywhere', () => {
  const changed = new ChangedRanges();
  expect(look(changed)).toBeNull();
  send(changed);
  expect(look(changed)).toBeNull();
});

test('what is told while a file is read is kept when it is sent, whatever it is', () => {
  const changed = new ChangedRanges();
  changed.add(anywhere);
  const first = changed.begin(file);
  changed.add(told([20, 10]));
  changed.sent(first);
  expect(look(changed)).toEqual([{ offset: 20, length: 10 }]);
  const second = changed.begin(file);
  changed.add(told([30, 10]));
  changed.add(anywhere);
  changed.sent(second);
  expect(look(changed)).toBeNull();
});

test('a file that may have changed anywhere stays so until it is sent', () => {
  const changed = new ChangedRanges();
  changed.add(anywhere);
  changed.add(told([0, 10]));
  expect(look(changed)).toBeNull();
  changed.add(told([0, 10]));
  expect(look(changed)).toBeNull();
  send(changed);
  changed.add(told([0, 10]));
  expect(look(changed)).toHaveLength(1);
  changed.clear();
  changed.add(told([20, 10]));
  expect(look(changed)).toBeNull();
});

test('changes that went unseen while a file was read are not forgotten when it is sent', () => {
  const changed = new ChangedRanges();
  changed.add(told([0, 10]));
  const reading = changed.begin(file);
  changed.clear();
  changed.add(told([0, 10]));
  changed.sent(reading);
  expect(look(changed)).toBeNull();
});

test('nothing was told of a file, and its reading came to nothing: what is told then is not all', () => {
  const changed = new ChangedRanges();
  changed.begin(file);
  changed.add(told([0, 10]));
  expect(look(changed)).toBeNull();
});

test.each([true, false])('of two readings the older one is sent last: nothing is known then (told meanwhile: %s)', (isTold) => {
  const changed = new ChangedRanges();
  changed.add(told([0, 10]));
  const older = changed.begin(file);
  const newer = changed.begin(file);
  if (isTold) changed.add(told([20, 10]));
  expect(changed.where(older)).toBeNull();
  changed.sent(newer);
  changed.sent(older);
  changed.add(told([30, 10]));
  expect(look(changed)).toBeNull();
});

test('no setting makes a capture tell of files that are thought to be too small for that', () => {
  const rangesFromBytes = LEAST_RECORDED_BYTES - 1;
  expect(connectionSettings.safeParse({ capture: { rangesFromBytes } }).success).toBe(false);
  expect(connectionSettings.safeParse({ capture: { rangesFromBytes: LEAST_RECORDED_BYTES } }).success).toBe(true);
});
