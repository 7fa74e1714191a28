import { beforeEach, expect, test } from 'vitest';
import { initialConnectionSettings, type ConnectionSnapshot } from '../../../../src-main/api/index.ts';
import { silentLog } from '../../../../src-main/base/index.ts';
import { pauseAlarm, PauseWatch } from '../../../../src-main/service/pauses/index.ts';
import { FakeSlots, slotIds } from '../../../support/fake-slots.ts';
import { HandClock } from '../../../support/hand-clock.ts';

const MINUTE = 60_000;
const [id = ''] = slotIds;
let clock: HandClock;
let slots: FakeSlots;
let told: string[];

beforeEach(() => {
  clock = new HandClock(Date.parse('2026-11-27T02:00:00Z'));
  slots = new FakeSlots(() => clock.now());
  told = [];
  slots.add(id);
});

function pause(change: Partial<ConnectionSnapshot['settings']['pause']>, queue: Partial<ConnectionSnapshot['queue']> = {}): void {
  const since = new Date(clock.now()).toISOString();
  const { settings, queue: old } = slots.get(id);
  slots.change(id, {
    settings: { ...settings, pause: { ...initialConnectionSettings.pause, ...change } },
    queue: { ...old, ...queue },
    holds: [{ by: 'operator', kind: 'pause', owner: 'eva', reason: 'tape', since }],
  });
}

function watch(): PauseWatch {
  return new PauseWatch({
    clock,
    connections: slots.list,
    resume: slots.command.bind(null, id, { kind: 'resume-transmission' }),
    tell: (severity, text) => void told.push(`${severity} ${text}`),
    onChange: () => undefined,
    log: silentLog,
  });
}

test('a pause is told once when it has lasted long, once when it has lasted as long as it may, and goes on', () => {
  pause({ warnMinutes: 60, maxMinutes: 90 }, { fullInMs: 130 * MINUTE });
  watch();
  clock.turn(59 * MINUTE);
  expect(told).toEqual([]);
  clock.turn(MINUTE);
  clock.turn(MINUTE);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^warning Transmission is paused by eva for 1 h 0 min: tape\. .*the queue is full in 2 h 10 min/);
  clock.turn(29 * MINUTE);
  clock.turn(MINUTE);
  expect(told).toHaveLength(2);
  expect(told[1]).toMatch(/^error .*The most that it should last is 1 h 30 min\./);
  expect(slots.orders).toEqual([]);
});

test('with atMax = resume it is lifted at its maximum, and not before', async () => {
  pause({ warnMinutes: null, maxMinutes: 30, atMax: 'resume' });
  watch();
  clock.turn(29 * MINUTE);
  expect([told, slots.orders]).toEqual([[], []]);
  clock.turn(MINUTE);
  await Promise.resolve();
  expect(told).toEqual([expect.stringMatching(/^error .*It is resumed by itself now/)]);
  expect(slots.orders).toEqual(['resume-transmission 1']);
});

test('the next pause is told anew, also by a service that has just started', () => {
  pause({ warnMinutes: 10 });
  const first = watch();
  clock.turn(10 * MINUTE);
  slots.change(id, { holds: [] });
  clock.turn(MINUTE);
  pause({ warnMinutes: 10 });
  clock.turn(9 * MINUTE);
  expect(told).toHaveLength(1);
  first.close();
  watch();
  clock.turn(MINUTE);
  expect(told).toHaveLength(2);
});

test('the problem names cause, since, effect and next step; a pause for want of room or at a stop is none', () => {
  pause({ warnMinutes: 1 });
  const { holds } = slots.get(id);
  const now = clock.now() + MINUTE;
  expect(pauseAlarm(slots.get(id), now)?.problem).toEqual({
    code: 'paused-long',
    path: null,
    since: '2026-11-27T02:00:00.000Z',
    cause: 'Transmission is paused by eva for 1 min 0 s: tape.',
    effect: expect.stringContaining('Nothing changes now, so the queue does not fill.') as string,
    nextStep: expect.stringContaining('transmission resume') as string,
  });
  slots.change(id, { holds: holds.map((hold) => ({ ...hold, by: 'target-full' })) });
  expect(pauseAlarm(slots.get(id), now)).toBeNull();
  slots.change(id, { holds: holds.map((hold) => ({ ...hold, kind: 'stop' })) });
  expect(pauseAlarm(slots.get(id), now)).toBeNull();
});
