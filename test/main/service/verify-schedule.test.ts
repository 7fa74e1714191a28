import { expect, test } from 'vitest';
import type { ConnectionSnapshot, VerifyOptions } from '../../../src-main/api/index.ts';
import { silentLog } from '../../../src-main/base/index.ts';
import { nextVerifyAt } from '../../../src-main/engine/verify/index.ts';
import type { ScheduleClock } from '../../../src-main/service/schedule-clock.ts';
import { VerifySchedule } from '../../../src-main/service/verify-schedule.ts';
import { FakeService } from '../../support/fake-calls.ts';

/** A clock that is turned by hand. */
class HandClock implements ScheduleClock {
  #now = Date.UTC(2026, 10, 22, 12);
  #tick: (() => void) | null = null;
  now(): number {
    return this.#now;
  }
  every(_ms: number, tick: () => void) {
    this.#tick = tick;
    return () => (this.#tick = null);
  }
  async turn(minutes: number): Promise<void> {
    this.#now += minutes * 60_000;
    this.#tick?.();
    await Promise.resolve();
  }
}

function scheduled(everyMinutes: number) {
  const clock = new HandClock();
  const service = new FakeService('alpha');
  const made = service.addConnection({ setName: 'files', targetName: 'beta', map: { kind: 'exact' } });
  const settings = { ...made.settings, verify: { ...made.settings.verify, everyMinutes, bytes: true } };
  let lastStartedAt: string | null = null;
  const show = (change: Partial<ConnectionSnapshot>) => {
    const nextAt = nextVerifyAt(everyMinutes, lastStartedAt, new Date(Date.UTC(2026, 10, 22, 12)).toISOString());
    service.change(made.id, { settings, verify: { run: null, last: null, nextAt }, ...change });
  };
  const started: VerifyOptions[] = [];
  const schedule = new VerifySchedule({
    clock,
    connections: () => service.connections,
    start: (_id, options) => {
      started.push(options);
      lastStartedAt = new Date(clock.now()).toISOString();
      show({});
      return Promise.resolve();
    },
    log: silentLog,
  });
  show({});
  return { clock, started, show, schedule };
}

test('a verification starts each time the interval has passed, with the options of the schedule', async () => {
  const { clock, started } = scheduled(60);
  await clock.turn(59);
  expect(started).toHaveLength(0);
  await clock.turn(1);
  expect(started).toEqual([{ bytes: true, repair: 'none', orphans: false }]);
  await clock.turn(59);
  expect(started).toHaveLength(1);
  await clock.turn(1);
  expect(started).toHaveLength(2);
});

test('what became due while nobody looked starts once', async () => {
  const { clock, started } = scheduled(60);
  await clock.turn(60 * 24 * 3);
  await clock.turn(1);
  expect(started).toHaveLength(1);
});

test.each<[string, Partial<ConnectionSnapshot>]>([
  ['a mirror runs', { mirror: { kind: 'paused' } as ConnectionSnapshot['mirror'] }],
  ['the link is down', { link: { kind: 'down', since: '', cause: '', retryInMs: 1 } }],
  ['the connection starts', { replication: 'starting' }],
])('while %s it stays due, and starts afterwards', async (_what, change) => {
  const { clock, started, show } = scheduled(60);
  show(change);
  await clock.turn(90);
  expect(started).toHaveLength(0);
  show({ mirror: { kind: 'idle', lastCompletedAt: null }, link: { kind: 'up', since: '' }, replication: 'replicating' });
  await clock.turn(0);
  expect(started).toHaveLength(1);
});

test('after it was closed it starts nothing', async () => {
  const { clock, started, schedule } = scheduled(60);
  schedule.close();
  await clock.turn(600);
  expect(started).toHaveLength(0);
});
