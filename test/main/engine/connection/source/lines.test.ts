import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { initialLineSettings } from '../../../../../src-main/api/index.ts';
import { KeptSchedules } from '../../../../../src-main/engine/connection/source/kept-schedules.ts';
import { Lines } from '../../../../../src-main/engine/connection/source/lines.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-lines-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(): Lines {
  return new Lines({
    timeZone: 'UTC',
    nowMs: () => Date.parse('2026-11-22T22:00:00Z'),
    kept: new KeptSchedules(join(folder, 'schedules.json')),
    onChange: () => undefined,
    onNotKept: (_, error) => expect.unreachable(String(error)),
  });
}

test('a target has one schedule for all that is connected to it; another target has its own, also over restarts', async () => {
  const schedule = { ...initialLineSettings.schedule, startAt: '2026-11-22T23:00:00' };
  const lines = open();
  expect(lines.of('one')).toBe(lines.of('one'));
  lines.configure('one', { ...initialLineSettings, schedule });
  lines.configure('two', { ...initialLineSettings, schedule: { ...schedule, isStartEnabled: false } });
  expect([lines.of('one').isGateOpen, lines.of('two').isGateOpen]).toEqual([false, true]);
  lines.stop();
  await lines.close();
  const again = open();
  const one = again.configure('one', { ...initialLineSettings, schedule });
  const two = again.configure('two', initialLineSettings);
  expect([one.schedule.kind, two.schedule.kind]).toEqual(['waiting', 'unscheduled']);
  again.stop();
  await again.close();
});
