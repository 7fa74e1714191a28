import { describe, expect, test } from 'vitest';
import { initialLineSettings } from '../../../../src-main/api/index.ts';
import {
  decide,
  fromKept,
  nextStartMs,
  startByHand,
  toKept,
  Zone,
  type KeptState,
  type ScheduleRules,
  type ScheduleState,
} from '../../../../src-main/engine/schedule/index.ts';

const berlin = new Zone('Europe/Berlin');
const none = initialLineSettings.schedule;
/** Winter time of Berlin. */
const at = (text: string) => Date.parse(`2026-11-${text}:00+01:00`);

/** A line on a virtual clock: it is asked once a second, and sends so many bytes in each second in which it may. */
class VirtualLine {
  nowMs: number;
  queuedBytes = 0;
  /** Waits too, but for a person. */
  heldBytes = 0;
  wireBytes = 0;
  bytesPerSec = 1000;
  state: ScheduleState = { kind: 'unscheduled' };
  readonly changes: string[] = [];
  rules: ScheduleRules;

  constructor(start: string, rules: Partial<ScheduleRules>) {
    this.nowMs = at(start);
    this.rules = { ...none, ...rules };
    this.#decide();
  }

  get facts() {
    const { nowMs, wireBytes } = this;
    const queuedBytes = this.queuedBytes + this.heldBytes;
    return { nowMs, queuedBytes, wireBytes, isEmpty: this.queuedBytes === 0, queuePercent: queuedBytes / 1000 };
  }

  runUntil(end: string): this {
    while (this.nowMs < at(end)) {
      this.nowMs += 1000;
      if (this.state.kind === 'sending') {
        const bytes = Math.min(this.bytesPerSec, this.queuedBytes);
        this.queuedBytes -= bytes;
        this.wireBytes += bytes;
      }
      this.#decide();
    }
    return this;
  }

  byHand(): this {
    this.#take(startByHand(this.rules, this.state, this.facts, berlin));
    return this;
  }

  /** The service ends, and is started again at that time: its counter begins anew, and only what was kept is left. */
  restart(clock: string): this {
    const text = JSON.stringify(toKept(this.state, this.wireBytes));
    const kept = JSON.parse(text) as KeptState | null;
    this.wireBytes = 0;
    this.state = kept === null ? { kind: 'unscheduled' } : fromKept(kept, 0);
    return this.wake(clock);
  }

  /** Nobody looked until the clock shows that time: the machine slept, or somebody set the clock. */
  wake(clock: string): this {
    this.nowMs = at(clock);
    this.#decide();
    return this;
  }

  #decide(): void {
    this.#take(decide(this.rules, this.state, this.facts, berlin));
  }

  #take(next: ScheduleState): void {
    const word = (state: ScheduleState) =>
      state.kind === 'waiting' ? state.why : state.kind === 'sending' ? `sending by ${state.by}` : state.kind;
    if (word(next) !== word(this.state)) {
      const clock = new Date(this.nowMs + 3_600_000).toISOString().slice(8, 19);
      this.changes.push(`${clock} ${word(next)}`);
    }
    this.state = next;
  }
}

test('without a rule nothing is scheduled', () => {
  expect(new VirtualLine('22T12:00', {}).state).toEqual({ kind: 'unscheduled' });
});

describe('a start at a time', () => {
  test('waits for it, then sends until nothing waits', () => {
    const line = new VirtualLine('22T21:59', { startAt: '2026-11-22T22:00:00' });
    line.queuedBytes = 60_000;
    line.runUntil('22T23:00');
    expect(line.changes).toEqual(['22T21:59:00 not-started', '22T22:00:00 sending by time', '22T22:01:00 emptied']);
  });

  test('every 30 minutes: empty at 22:20, the next look is at 22:30', () => {
    const line = new VirtualLine('22T21:59', { startAt: '2026-11-22T22:00:00', startEvery: 30 });
    line.queuedBytes = 20 * 60_000;
    line.runUntil('22T22:25');
    line.queuedBytes = 60_000;
    line.runUntil('22T22:40');
    expect(line.changes.slice(1)).toEqual([
      '22T22:00:00 sending by time',
      '22T22:20:00 emptied',
      '22T22:30:00 sending by time',
      '22T22:31:00 emptied',
    ]);
  });

  test('whose session runs over its next time counts again at the one after it', () => {
    const line = new VirtualLine('22T21:59', { startAt: '2026-11-22T22:00:00', startEvery: 1, startUnit: 'hours' });
    line.queuedBytes = 70 * 60_000;
    line.runUntil('22T23:30');
    line.queuedBytes = 1000;
    line.runUntil('23T00:30');
    expect(line.changes.slice(1)).toEqual([
      '22T22:00:00 sending by time',
      '22T23:10:00 emptied',
      '23T00:00:00 sending by time',
      '23T00:00:01 emptied',
    ]);
  });

  test('begins a new session at the moment at which a stop rule ends the one before', () => {
    const line = new VirtualLine('22T21:59', {
      startAt: '2026-11-22T22:00:00',
      startEvery: 1,
      startUnit: 'hours',
      stopAfterSeconds: 3600,
      stopAfterBytes: 4_000_000,
    });
    line.queuedBytes = 1e9;
    line.runUntil('23T01:00');
    expect(line.changes).toEqual(['22T21:59:00 not-started', '22T22:00:00 sending by time']);
    expect(line.state).toMatchObject({ sinceMs: at('23T01:00'), stopAtBytes: line.wireBytes + 4_000_000 });
  });
});

describe('a start by the queue', () => {
  test.each([{ startQueueBytes: 50_000 }, { startQueuePercent: 50 }])('%j waits for the mark', (rules) => {
    const line = new VirtualLine('22T12:00', rules);
    line.queuedBytes = 49_999;
    line.runUntil('22T12:01');
    expect(line.state.kind).toBe('waiting');
    line.queuedBytes = 50_000;
    line.runUntil('22T12:05');
    expect(line.changes.slice(1)).toEqual(['22T12:01:01 sending by queue', '22T12:01:51 emptied']);
  });

  test('after a byte limit counts again once the queue was below the mark, not at once', () => {
    const line = new VirtualLine('22T12:00', { startQueueBytes: 50_000, stopAfterBytes: 10_000 });
    line.queuedBytes = 90_000;
    line.runUntil('22T12:10');
    expect(line.changes).toEqual(['22T12:00:00 not-started', '22T12:00:01 sending by queue', '22T12:00:11 stop-bytes']);
    line.queuedBytes = 0;
    line.runUntil('22T12:11');
    line.queuedBytes = 50_000;
    line.runUntil('22T12:12');
    expect(line.changes.slice(3)).toEqual(['22T12:11:01 sending by queue', '22T12:11:11 stop-bytes']);
  });

  test('counts again in the next window after the last one closed over it', () => {
    const line = new VirtualLine('22T21:59', { startQueueBytes: 50_000, windowOpen: '22:00', windowClose: '06:00' });
    line.queuedBytes = 1e9;
    line.runUntil('22T22:01').wake('23T05:59').runUntil('23T06:01').wake('23T21:59').runUntil('23T22:01');
    expect(line.changes.slice(1)).toEqual([
      '22T22:00:00 sending by queue',
      '23T06:00:00 window-closed',
      '23T22:00:00 sending by queue',
    ]);
  });

  test('does not start again and again for what a person holds', () => {
    const line = new VirtualLine('22T12:00', { startQueueBytes: 50_000 });
    line.heldBytes = 90_000;
    line.runUntil('22T12:10');
    expect(line.changes).toEqual(['22T12:00:00 not-started', '22T12:00:01 sending by queue', '22T12:00:02 emptied']);
  });

  test('after a byte limit counts again in the next window', () => {
    const window = { windowOpen: '22:00', windowClose: '06:00' };
    const line = new VirtualLine('22T21:59', { startQueueBytes: 50_000, stopAfterBytes: 10_000, ...window });
    line.queuedBytes = 1e9;
    line.runUntil('23T23:00');
    expect(line.changes).toEqual([
      '22T21:59:00 not-started',
      '22T22:00:00 sending by queue',
      '22T22:00:10 stop-bytes',
      '23T22:00:00 sending by queue',
      '23T22:00:10 stop-bytes',
    ]);
  });
});

describe('a stop', () => {
  test.each([
    [{ stopAt: '2026-11-22T22:30:00' }, '22T22:30:00 stop-time'],
    [{ stopAfterSeconds: 600 }, '22T22:10:00 stop-duration'],
    [{ stopAfterBytes: 30_000 }, '22T22:00:30 stop-bytes'],
  ])('%j ends a session', (stop, expected) => {
    const line = new VirtualLine('22T21:59', { startAt: '2026-11-22T22:00:00', ...stop });
    line.queuedBytes = 1e9;
    line.runUntil('22T23:00');
    expect(line.changes.slice(1)).toEqual(['22T22:00:00 sending by time', expected]);
  });

  test('alone lets go on what was being sent, until it is met; a person starts it again', () => {
    const line = new VirtualLine('22T12:00', { stopAfterSeconds: 60 });
    line.queuedBytes = 1e9;
    line.runUntil('22T12:05').byHand().runUntil('22T12:10');
    expect(line.changes).toEqual([
      '22T12:00:00 sending by person',
      '22T12:01:00 stop-duration',
      '22T12:05:00 sending by person',
      '22T12:06:00 stop-duration',
    ]);
  });
});

describe('a window', () => {
  const night = { windowOpen: '22:00', windowClose: '06:00' };

  test('alone starts nothing', () => {
    const line = new VirtualLine('22T21:00', night);
    line.queuedBytes = 1e9;
    line.runUntil('23T07:00');
    expect(line.changes).toEqual(['22T21:00:00 not-started']);
  });

  test('overrides a start that falls outside it, also when it opens later', () => {
    const line = new VirtualLine('22T20:00', { ...night, startAt: '2026-11-22T21:00:00' });
    line.queuedBytes = 1e9;
    line.runUntil('23T07:00');
    expect(line.changes).toEqual(['22T20:00:00 not-started']);
  });

  test('ends a session at its close, and a repeated start begins again inside the next', () => {
    const line = new VirtualLine('22T21:59', { ...night, startAt: '2026-11-22T22:15:00', startEvery: 1, startUnit: 'days' });
    line.queuedBytes = 1e9;
    line.runUntil('24T00:00');
    expect(line.changes.slice(1)).toEqual([
      '22T22:15:00 sending by time',
      '23T06:00:00 window-closed',
      '23T22:15:00 sending by time',
    ]);
  });

  test('forbids a start by hand outside it, and allows one inside, which its close ends', () => {
    const line = new VirtualLine('22T12:00', night);
    line.queuedBytes = 1e9;
    expect(line.byHand().state.kind).toBe('waiting');
    line.runUntil('22T23:00').byHand().runUntil('23T07:00');
    expect(line.changes.slice(1)).toEqual(['22T23:00:00 sending by person', '23T06:00:00 window-closed']);
  });
});

describe('a restart of the service', () => {
  const hourly = { startAt: '2026-11-22T22:00:00', startEvery: 1, startUnit: 'hours' } as const;
  const night = { windowOpen: '22:00', windowClose: '06:00' };

  test.each<[string, Partial<ScheduleRules>]>([
    ['a start', { startAt: '2026-11-22T22:00:00' }],
    ['a repeated start', hourly],
    ['a duration', { ...hourly, stopAfterSeconds: 1500 }],
    ['a stop time', { ...hourly, stopAt: '2026-11-22T22:25:00' }],
    ['a byte budget', { ...hourly, stopAfterBytes: 900_000 }],
    ['a mark', { startQueueBytes: 500_000 }],
    ['a mark and a byte budget', { startQueueBytes: 500_000, stopAfterBytes: 900_000 }],
    ['a window', { ...hourly, ...night }],
    ['a stop rule alone', { stopAfterSeconds: 1500 }],
    ['a byte budget alone', { stopAfterBytes: 900_000 }],
  ])('changes nothing of %s, whenever it comes', (_, rules) => {
    const run = (restarts: readonly string[]) => {
      const line = new VirtualLine('22T21:59', rules);
      line.queuedBytes = 2_000_000;
      for (const clock of restarts) line.runUntil(clock).restart(clock);
      return line.runUntil('22T23:05').changes;
    };
    expect(run(['22T22:00', '22T22:07', '22T22:14', '22T22:15', '22T22:25', '22T22:30', '22T22:59', '22T23:01'])).toEqual(
      run([]),
    );
  });

  test('does not begin a one-time start once more that has sent everything', () => {
    const line = new VirtualLine('22T21:59', { startAt: '2026-11-22T22:00:00' });
    line.queuedBytes = 60_000;
    line.runUntil('22T22:10');
    line.queuedBytes = 60_000;
    expect(line.restart('22T22:20').runUntil('22T23:00').state).toMatchObject({ kind: 'waiting', why: 'emptied' });
  });

  test('counts the time without the service towards a duration, and what was sent before towards a budget', () => {
    const rules = { startAt: '2026-11-22T22:00:00', stopAfterSeconds: 3600, stopAfterBytes: 2_000_000 };
    const line = new VirtualLine('22T21:59', rules);
    line.queuedBytes = 1e9;
    line.runUntil('22T22:10').restart('22T22:40');
    expect(line.state).toMatchObject({ kind: 'sending', sinceMs: at('22T22:00'), stopAtBytes: 2_000_000 - 600_000 });
    line.runUntil('22T23:30');
    expect(line.changes.at(-1)).toBe('22T23:00:00 stop-duration');
    expect(line.restart('22T23:40').state).toMatchObject({ kind: 'waiting', why: 'stop-duration', sinceMs: at('22T23:00') });
  });

  test.each<[string, Partial<ScheduleRules>, string, Partial<ScheduleState>]>([
    ['begins late', { startAt: '2026-11-22T22:00:00' }, '23T09:00', { kind: 'sending', sinceMs: at('22T22:00') }],
    ['begins once for many of them', hourly, '23T09:30', { kind: 'sending', sinceMs: at('23T09:00') }],
    ['is over when its duration is', { ...hourly, stopAfterSeconds: 600 }, '23T09:30', { kind: 'waiting', why: 'not-started' }],
    ['is within its duration', { ...hourly, stopAfterSeconds: 600 }, '23T09:05', { kind: 'sending', sinceMs: at('23T09:00') }],
    ['is over at its stop time', { ...hourly, stopAt: '2026-11-23T09:10:00' }, '23T09:30', { kind: 'waiting' }],
    ['is over when its window closed', { ...hourly, ...night }, '23T09:30', { kind: 'waiting' }],
    ['is not one of an earlier window', { startAt: '2026-11-22T22:00:00', ...night }, '23T22:30', { kind: 'waiting' }],
  ])('with a start that was missed meanwhile: it %s', (_, rules, clock, expected) => {
    expect(new VirtualLine('22T21:59', rules).restart(clock).state).toMatchObject(expected);
  });

  test('after days without the service, the session from before is over and the one of today has begun', () => {
    const rules = { startAt: '2026-11-22T22:00:00', startEvery: 1, startUnit: 'days', stopAfterSeconds: 3600 } as const;
    const line = new VirtualLine('22T21:59', rules);
    line.queuedBytes = 1e9;
    line.runUntil('22T22:30').restart('25T22:15');
    expect(line.state).toMatchObject({ kind: 'sending', by: 'time', sinceMs: at('25T22:00') });
  });

  test('in the next window does not go on with the session of the last one', () => {
    const line = new VirtualLine('22T21:59', { ...night, startAt: '2026-11-22T22:15:00' });
    line.queuedBytes = 1e9;
    line.runUntil('23T03:00').restart('23T23:00');
    expect(line.state).toMatchObject({ kind: 'waiting', why: 'window-closed', sinceMs: at('23T06:00') });
  });
});

describe('a clock that is set', () => {
  const daily = { startAt: '2026-11-22T22:00:00', startEvery: 1, startUnit: 'days' } as const;

  test('forward is as if nobody had looked meanwhile', () => {
    const line = new VirtualLine('22T21:00', { ...daily, stopAfterSeconds: 7200 });
    line.queuedBytes = 1e9;
    expect(line.wake('22T23:00').state).toMatchObject({ kind: 'sending', sinceMs: at('22T22:00') });
    expect(line.wake('24T23:59').state).toMatchObject({ kind: 'sending', sinceMs: at('24T22:00') });
    expect(line.wake('25T12:00').state).toMatchObject({ kind: 'waiting', why: 'stop-duration' });
  });

  test('back by minutes starts nothing once more', () => {
    const line = new VirtualLine('22T21:59', { ...daily, stopAfterBytes: 10_000 });
    line.queuedBytes = 1e9;
    line.runUntil('22T22:05').wake('22T21:50').runUntil('22T22:01').wake('23T21:59');
    expect(line.changes.at(-1)).toBe('22T22:00:10 stop-bytes');
    line.runUntil('23T22:01');
    expect(line.changes.slice(-2)).toEqual(['23T22:00:00 sending by time', '23T22:00:10 stop-bytes']);
  });

  test('back by years is believed: starts count again at their next times', () => {
    const line = new VirtualLine('22T21:59', daily);
    line.state = { kind: 'waiting', sinceMs: Date.parse('2040-01-01'), why: 'emptied', isMarkArmed: true };
    line.queuedBytes = 1e9;
    expect(line.wake('22T21:58').runUntil('22T22:01').state).toMatchObject({ kind: 'sending', sinceMs: at('22T22:00') });
  });

  test('back by hours gives a session no more than its duration from then', () => {
    const line = new VirtualLine('22T21:59', { ...daily, stopAfterSeconds: 600 });
    line.queuedBytes = 1e9;
    line.runUntil('22T22:05').wake('22T18:00').runUntil('22T19:00');
    expect(line.changes.at(-1)).toBe('22T18:10:00 stop-duration');
  });
});

test('what is switched off does not count', () => {
  const all = { startAt: '2026-11-23T22:00:00', stopAt: '2026-11-22T11:00:00', windowOpen: '22:00', windowClose: '06:00' };
  const state = (rules: Partial<ScheduleRules>) => new VirtualLine('22T12:00', { ...all, ...rules }).state.kind;
  const off = { isStartEnabled: false, isStopEnabled: false, isWindowEnabled: false };
  expect(state({})).toBe('waiting');
  expect(state(off)).toBe('unscheduled');
  expect(state({ ...off, isStartEnabled: true })).toBe('waiting');
  expect(state({ ...off, isWindowEnabled: true })).toBe('waiting');
});

test.each([
  [{ startAt: '2026-11-22T22:00:00' }, '22T22:00'],
  [{ startAt: '2026-11-20T21:00:00', startEvery: 1, startUnit: 'days' }, '22T21:00'],
  [{ startAt: '2026-11-20T21:00:00', startEvery: 2, startUnit: 'hours', windowOpen: '22:00', windowClose: '06:00' }, '22T23:00'],
  [{ startAt: '2026-11-20T21:00:00', startEvery: 1, startUnit: 'days', windowOpen: '22:00', windowClose: '06:00' }, null],
  [{ startQueueBytes: 5 }, null],
] as const)('the next start of %j is %s', (rules, expected) => {
  expect(nextStartMs({ ...none, ...rules }, at('22T12:00'), berlin)).toBe(expected === null ? null : at(expected));
});
