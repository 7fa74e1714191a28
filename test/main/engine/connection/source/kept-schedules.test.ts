import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialLineSettings } from '../../../../../src-main/api/index.ts';
import { KeptSchedules, type KeptSchedule } from '../../../../../src-main/engine/connection/source/kept-schedules.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-schedules-'));
  file = join(folder, 'schedules.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const schedule = { ...initialLineSettings.schedule, startAt: '2026-11-22T22:00:00', stopAfterBytes: 5000 };
const sending: KeptSchedule = {
  schedule,
  state: { kind: 'sending', sinceMs: 1_795_381_200_000, by: 'time', leftBytes: 1234 },
  queuedBytes: 0,
  queuePercent: 0,
};
const waiting: KeptSchedule = {
  schedule,
  state: { kind: 'waiting', sinceMs: 1_795_381_200_000, why: 'stop-bytes', isMarkArmed: false },
  queuedBytes: 70_000,
  queuePercent: 12.5,
};

test('each line has its own, kept over restarts until it is forgotten', async () => {
  const kept = new KeptSchedules(file);
  await Promise.all([kept.keep('one', sending), kept.keep('two', waiting)]);
  const again = new KeptSchedules(file);
  expect([again.of('one'), again.of('two'), again.of('three')]).toEqual([sending, waiting, null]);
  await again.keep('one', null);
  const third = new KeptSchedules(file);
  expect([third.of('one'), third.of('two')]).toEqual([null, waiting]);
});

test('the file of version 1 is read, with rules that came later at their defaults', () => {
  // Bytes of the first version that had this file; not to be changed.
  writeFileSync(
    file,
    `{"version":1,"lines":[{"targetFingerprint":"AB:CD","schedule":{"startAt":"2026-11-22T22:00:00","stopAfterBytes":5000},` +
      `"state":{"kind":"sending","sinceMs":1795381200000,"by":"time","leftBytes":1234},"queuedBytes":0,"queuePercent":0},` +
      `{"targetFingerprint":"EF:01","schedule":{"startAt":"2026-11-22T22:00:00","stopAfterBytes":5000},` +
      `"state":{"kind":"waiting","sinceMs":1795381200000,"why":"stop-bytes","isMarkArmed":false},"queuedBytes":70000,"queuePercent":12.5}]}`,
  );
  const kept = new KeptSchedules(file);
  expect([kept.of('AB:CD'), kept.of('EF:01')]).toEqual([sending, waiting]);
});

test('a damaged file is refused, like every other of the service', () => {
  writeFileSync(file, '{"version":1,"lines":[{"targetFingerprint":"AB:CD"}]}');
  expect(() => new KeptSchedules(file)).toThrow(expect.objectContaining({ code: 'damaged-data' }));
});
