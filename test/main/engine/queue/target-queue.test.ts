import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TargetQueue, type QueueRecord, type TargetQueueOptions } from '../../../../src-main/engine/queue/index.ts';

let base: string;
beforeEach(() => (base = mkdtempSync(join(tmpdir(), 'understudy-queue-'))));
afterEach(() => rmSync(base, { recursive: true, force: true }));

const boot: TargetQueueOptions = { bootId: 'first-boot' };

function records(from: number, to: number): QueueRecord[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ sequence: from + i, bytes: Buffer.from(`op ${from + i}`) }));
}

function textsAfter(queue: TargetQueue, sequence: number): string[] {
  const texts: string[] = [];
  for (let at = sequence; ;) {
    const read = queue.readAfter(at);
    if (read.length === 0) return texts;
    texts.push(...read.map(({ bytes }) => bytes.toString()));
    at = read.at(-1)?.sequence ?? at;
  }
}

const segmentsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.seg'))
    .sort();

test('what was appended is there after a reopen, in order', async () => {
  const queue = TargetQueue.open(base, boot);
  queue.append(records(1, 3));
  queue.append(records(4, 4));
  await queue.sync();
  await queue.close();
  const again = TargetQueue.open(base, boot);
  expect(again.receivedSequence).toBe(4);
  expect(again.appliedSequence).toBe(0);
  expect(again.uncertainSequence).toBe(0);
  expect(textsAfter(again, 0)).toEqual(['op 1', 'op 2', 'op 3', 'op 4']);
  expect(textsAfter(again, 2)).toEqual(['op 3', 'op 4']);
  again.append(records(5, 5));
  expect(textsAfter(again, 4)).toEqual(['op 5']);
  await again.close();
});

test('a tail torn at any byte is cut at the last whole op, and the queue goes on from there', () => {
  const queue = TargetQueue.open(join(base, 'whole'), boot);
  const ends = [statSync(join(base, 'whole', segmentsIn(join(base, 'whole'))[0] ?? '')).size];
  const [name = ''] = segmentsIn(join(base, 'whole'));
  for (let i = 1; i <= 4; i++) {
    queue.append(records(i, i));
    ends.push(statSync(join(base, 'whole', name)).size);
  }
  const full = ends.at(-1) ?? 0;
  for (let size = ends[0] ?? 0; size <= full; size++) {
    const folder = join(base, `torn-${size}`);
    cpSync(join(base, 'whole'), folder, { recursive: true });
    truncateSync(join(folder, name), size);
    const torn = TargetQueue.open(folder, boot);
    const whole = ends.filter((end) => end <= size).length - 1;
    expect(torn.receivedSequence).toBe(whole);
    torn.append(records(whole + 1, 6));
    expect(textsAfter(torn, 0)).toHaveLength(6);
    torn.delete();
  }
  queue.delete();
});

test('a damaged byte anywhere in the records never gives a wrong op, only fewer', () => {
  const folder = join(base, 'whole');
  const queue = TargetQueue.open(folder, boot);
  queue.append(records(1, 5));
  const [name = ''] = segmentsIn(folder);
  const bytes = readFileSync(join(folder, name));
  for (let at = 32; at < bytes.length; at++) {
    const copy = join(base, `flipped-${at}`);
    cpSync(folder, copy, { recursive: true });
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
    writeFileSync(join(copy, name), flipped);
    const opened = TargetQueue.open(copy, boot);
    expect(['op 1', 'op 2', 'op 3', 'op 4', 'op 5'].slice(0, opened.receivedSequence)).toEqual(textsAfter(opened, 0));
    opened.delete();
  }
  queue.delete();
});

test('a segment cut short at its header is a file that was being begun', async () => {
  const queue = TargetQueue.open(base, { ...boot, segmentBytes: 64 });
  for (let i = 1; i <= 6; i++) queue.append(records(i, i));
  await queue.sync();
  await queue.close();
  const last = segmentsIn(base).at(-1) ?? '';
  const before = Number(last.slice(0, 16)) - 1;
  truncateSync(join(base, last), 10);
  const again = TargetQueue.open(base, boot);
  expect(again.receivedSequence).toBe(before);
  expect(again.damage).toBeNull();
  await again.close();
});

test('damage between segments is told, and what follows it is asked for again', async () => {
  const queue = TargetQueue.open(base, { ...boot, segmentBytes: 64 });
  for (let i = 1; i <= 9; i++) queue.append(records(i, i));
  await queue.close();
  const [first = '', second = '', third = ''] = segmentsIn(base);
  writeFileSync(join(base, second), readFileSync(join(base, second)).fill(0, 40, 44));
  const again = TargetQueue.open(base, boot);
  expect(again.receivedSequence).toBe(Number(second.slice(0, 16)) - 1);
  expect(again.damage).toContain(third);
  expect(segmentsIn(base)).toEqual([first, second]);
  await again.close();
});

test('the counter of applied ops survives a kill exactly; one op is uncertain', () => {
  const queue = TargetQueue.open(base, boot);
  queue.append(records(1, 10));
  queue.markApplied(7);
  // no close: the process was killed
  const again = TargetQueue.open(base, boot);
  expect(again.appliedSequence).toBe(7);
  expect(again.uncertainSequence).toBe(8);
});

test('after a restart of the machine everything since the last flushed mark is uncertain', async () => {
  const queue = TargetQueue.open(base, boot);
  queue.append(records(1, 10));
  queue.markApplied(4);
  queue.markFlushed(3);
  queue.append(records(11, 12));
  await queue.sync();
  queue.markApplied(9);
  const again = TargetQueue.open(base, { bootId: 'second-boot' });
  expect(again.appliedSequence).toBe(3);
  expect(again.uncertainSequence).toBe(12);
  expect(again.receivedSequence).toBe(12);
});

test('after a clean stop a restart of the machine leaves nothing uncertain', async () => {
  const queue = TargetQueue.open(base, boot);
  queue.append(records(1, 10));
  queue.markApplied(10);
  queue.markFlushed(10);
  await queue.close();
  const again = TargetQueue.open(base, { bootId: 'second-boot' });
  expect(again.appliedSequence).toBe(10);
  expect(again.uncertainSequence).toBe(10);
});

test('segments whose ops are all applied and flushed go, and the sequence is still known', async () => {
  const queue = TargetQueue.open(base, { ...boot, segmentBytes: 100 });
  for (let i = 1; i <= 50; i++) queue.append(records(i, i));
  expect(segmentsIn(base).length).toBeGreaterThan(5);
  queue.markApplied(50);
  queue.markFlushed(50);
  expect(segmentsIn(base)).toHaveLength(1);
  await queue.close();
  const again = TargetQueue.open(base, { bootId: 'second-boot' });
  expect(again.receivedSequence).toBe(50);
  expect(again.appliedSequence).toBe(50);
  await again.close();
});

test('a lost counter does not lose the order: the marks in the segments take its place', async () => {
  const queue = TargetQueue.open(base, { ...boot, segmentBytes: 100 });
  for (let i = 1; i <= 20; i++) queue.append(records(i, i));
  queue.markApplied(20);
  queue.markFlushed(20);
  await queue.close();
  rmSync(join(base, 'applied'));
  const again = TargetQueue.open(base, boot);
  expect(again.receivedSequence).toBe(20);
  expect(again.appliedSequence).toBe(20);
  await again.close();
});

test('a queue with the files of an older place is not confused by a foreign file', async () => {
  const queue = TargetQueue.open(base, boot);
  queue.append(records(1, 2));
  await queue.close();
  copyFileSync(join(base, segmentsIn(base)[0] ?? ''), join(base, 'notes.txt'));
  const again = TargetQueue.open(base, boot);
  expect(textsAfter(again, 0)).toEqual(['op 1', 'op 2']);
  await again.close();
});

test('a released queue leaves nothing behind', () => {
  const folder = join(base, 'queue');
  const queue = TargetQueue.open(folder, boot);
  queue.append(records(1, 2));
  queue.delete();
  expect(readdirSync(base)).toEqual([]);
});
