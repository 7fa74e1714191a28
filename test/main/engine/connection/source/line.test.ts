import { describe, expect, test } from 'vitest';
import { initialLineSettings, type ConnectionStatistics, type LineSettings } from '../../../../../src-main/api/index.ts';
import type { KeptSchedule } from '../../../../../src-main/engine/connection/source/kept-schedules.ts';
import { Line, type LineMember } from '../../../../../src-main/engine/connection/source/line.ts';
import { Zone } from '../../../../../src-main/engine/schedule/index.ts';
import { emptyQueue, quietStatistics } from '../../../../support/quiet-statistics.ts';

const since = '2026-11-22T20:00:00.000Z';

class FakeMember implements LineMember {
  readonly gates: boolean[] = [];
  statistics: ConnectionStatistics = quietStatistics;
  staysApart = false;
  transmission: LineMember['state']['transmission'] = { kind: 'active', since };

  get state(): LineMember['state'] {
    const { statistics, transmission } = this;
    return {
      transmission,
      statistics,
      queue: emptyQueue,
      mirror: { kind: 'idle', lastCompletedAt: null },
      replication: 'replicating',
    };
  }

  setGate(isOpen: boolean): void {
    this.gates.push(isOpen);
  }
}

/** The file of the schedules: takes what it is given, unless it is said to refuse or to wait. */
class FakeDisk {
  kept: KeptSchedule | null = null;
  writes = 0;
  isFull = false;
  #isHeld = false;
  #release: () => void = () => undefined;

  async keep(kept: KeptSchedule | null): Promise<void> {
    if (this.#isHeld) await new Promise<void>((done) => (this.#release = done));
    if (this.isFull) throw new Error('no space');
    this.kept = kept;
    this.writes++;
  }

  hold(): void {
    this.#isHeld = true;
  }

  async release(): Promise<void> {
    this.#isHeld = false;
    this.#release();
    await settled();
  }
}

/** Whatever was begun and needs no disk is done. */
const settled = () => new Promise((done) => setImmediate(done));

/** A line with two connections, at 22:00 in UTC. */
function bench(disk = new FakeDisk(), clock = { ms: Date.parse('2026-11-22T22:00:00Z') }) {
  const texts: string[] = [];
  const failures: unknown[] = [];
  const zone = new Zone('UTC');
  const line = new Line({
    targetFingerprint: 'F',
    nowMs: () => clock.ms,
    zone: () => zone,
    kept: disk.kept,
    keep: (kept) => disk.keep(kept),
    onChange: (text) => texts.push(text),
    onFailed: (error) => failures.push(error),
  });
  const members = [new FakeMember(), new FakeMember()] as const;
  for (const member of members) line.join(member);
  const schedule = async (rules: Partial<LineSettings['schedule']>) => {
    line.configure({ ...initialLineSettings, schedule: { ...initialLineSettings.schedule, ...rules } });
    await settled();
  };
  const pass = async (seconds: number) => {
    for (; seconds > 0; seconds--) {
      clock.ms += 1000;
      line.tick();
      await settled();
    }
  };
  /** The service ends without warning, and is started again so many seconds later. */
  const nextLife = (seconds: number) => bench(disk, { ms: clock.ms + seconds * 1000 });
  return { line, members, texts, failures, schedule, pass, disk, nextLife };
}

test('one schedule holds back and lets go all connections of its line, and says so', async () => {
  const { line, members, texts, schedule, pass } = bench();
  await schedule({ startAt: '2026-11-22T22:01:00' });
  expect(members.map(({ gates }) => gates)).toEqual([[false], [false]]);
  expect(line.snapshot().schedule).toMatchObject({ kind: 'waiting', startsAt: '2026-11-22T22:01:00.000Z' });
  members[1].statistics = { ...quietStatistics, queuedOps: 5 };
  await pass(90);
  expect(line.snapshot().schedule).toMatchObject({ kind: 'sending', startedBy: 'time' });
  members[1].statistics = quietStatistics;
  await pass(1);
  expect(members.map(({ gates }) => gates)).toEqual([
    [false, true, false],
    [false, true, false],
  ]);
  expect(texts).toEqual([
    'The schedule holds back what is to be sent: no start was due yet.',
    'The schedule lets changes go: its time has come.',
    'The schedule holds back what is to be sent: everything that waited was sent.',
  ]);
});

test('a connection that a person holds keeps no session open', async () => {
  const { line, members, schedule, pass } = bench();
  members[0].transmission = { kind: 'stopped', since, owner: 'eva', reason: '' };
  members[0].statistics = { ...quietStatistics, queuedOps: 5 };
  await schedule({ startAt: '2026-11-22T22:00:10' });
  await pass(12);
  expect(line.snapshot().schedule.kind).toBe('waiting');
});

test('a byte limit stops at its byte for all connections together', async () => {
  const { line, members, schedule, pass } = bench();
  members[0].statistics = { ...quietStatistics, queuedOps: 5 };
  line.meter.charge(1_000_000);
  await schedule({ startAt: '2026-11-22T22:00:01', stopAfterBytes: 5000 });
  await pass(2);
  expect(line.meter.waitMs()).toBe(0);
  line.meter.charge(5000);
  expect(line.meter.waitMs()).toBeGreaterThan(0);
  await pass(1);
  expect(line.snapshot().schedule).toMatchObject({ kind: 'waiting', reason: 'its bytes are used up' });
});

test('a person starts by hand, but not outside the window', async () => {
  const { line, schedule } = bench();
  await schedule({ windowOpen: '23:00', windowClose: '06:00' });
  expect(() => line.start()).toThrow(expect.objectContaining({ code: 'outside-window' }));
  await schedule({ windowOpen: '22:00', windowClose: '06:00' });
  expect(line.snapshot().schedule.kind).toBe('waiting');
  line.start();
  expect(line.snapshot().schedule).toMatchObject({ kind: 'sending', startedBy: 'person' });
});

test('a schedule that is cleared lets everything go; a new stop rule counts for the session that runs', async () => {
  const { line, members, schedule, pass } = bench();
  members[0].statistics = { ...quietStatistics, queuedOps: 5 };
  await schedule({ startAt: '2026-11-22T21:00:00' });
  await schedule({ startAt: '2026-11-22T21:00:00', stopAfterBytes: 1000 });
  expect(line.snapshot().schedule.kind).toBe('sending');
  line.meter.charge(1000);
  await pass(1);
  expect(line.isGateOpen).toBe(false);
  await schedule({});
  expect(line.isGateOpen).toBe(true);
  expect(line.meter.waitMs()).toBe(0);
});

test('a limit is set and lifted without touching the schedule', () => {
  const { line, texts } = bench();
  line.configure({ ...initialLineSettings, limits: { ...initialLineSettings.limits, bytesPerSec: 1024 } });
  line.meter.charge(10_240);
  expect(line.meter.waitMs()).toBeGreaterThan(9_000);
  line.configure(initialLineSettings);
  expect(line.meter.waitMs()).toBe(0);
  expect(texts).toEqual([]);
});

describe('a session and its budget', () => {
  const busy = { ...quietStatistics, queuedOps: 5, queuedBytes: 400_000 };
  const rules = { startAt: '2026-11-22T22:00:01', stopAfterBytes: 5000, stopAfterSeconds: 600 };

  test('are on disk before anything goes; holding back waits for nothing', async () => {
    const { line, members, schedule, pass, disk } = bench();
    members[0].statistics = busy;
    disk.hold();
    await schedule(rules);
    expect(members[0].gates).toEqual([false]);
    await disk.release();
    disk.hold();
    await pass(2);
    expect(line.snapshot().schedule.kind).toBe('sending');
    expect(line.isGateOpen).toBe(false);
    await disk.release();
    expect(disk.kept?.state).toMatchObject({ kind: 'sending', leftBytes: 5000 });
    expect(members[0].gates).toEqual([false, true]);
    disk.hold();
    line.meter.charge(5000);
    await pass(1);
    expect(members[0].gates).toEqual([false, true, false]);
  });

  test('go on after a kill, without those bytes that the last look knew of', async () => {
    const { line, members, schedule, pass, disk, nextLife } = bench();
    members[0].statistics = busy;
    await schedule(rules);
    await pass(1);
    line.meter.charge(2000);
    await pass(1);
    expect(disk.kept?.state).toMatchObject({ kind: 'sending', leftBytes: 3000 });
    const next = nextLife(60);
    next.members[0].statistics = busy;
    await next.schedule(rules);
    expect(next.line.isGateOpen).toBe(true);
    expect(next.line.snapshot().schedule).toMatchObject({ kind: 'sending', since: '2026-11-22T22:00:01.000Z' });
    expect(next.texts).toEqual([]);
    next.line.meter.charge(2999);
    await next.pass(1);
    expect(next.line.isGateOpen).toBe(true);
    next.line.meter.charge(1);
    await next.pass(1);
    expect(next.line.snapshot().schedule).toMatchObject({ kind: 'waiting', reason: 'its bytes are used up' });
  });

  test('are kept to the last byte at a clean end', async () => {
    const { line, members, schedule, pass, disk } = bench();
    members[0].statistics = busy;
    await schedule(rules);
    await pass(1);
    line.meter.charge(1234);
    await line.close();
    expect(disk.kept?.state).toMatchObject({ kind: 'sending', leftBytes: 5000 - 1234 });
  });

  test('that ended while the service was away let nothing go when it is back', async () => {
    const { members, schedule, pass, nextLife } = bench();
    members[0].statistics = busy;
    await schedule(rules);
    await pass(1);
    const next = nextLife(600);
    await next.schedule(rules);
    expect(next.members[0].gates).toEqual([false]);
    expect(next.line.snapshot().schedule).toMatchObject({ kind: 'waiting', since: '2026-11-22T22:10:01.000Z' });
  });

  test('are new where the rules were changed and the service ended before it was kept', async () => {
    const { line, members, schedule, pass, nextLife } = bench();
    members[0].statistics = busy;
    await schedule(rules);
    await pass(1);
    line.meter.charge(4000);
    await pass(1);
    const next = nextLife(1);
    await next.schedule({ ...rules, stopAfterBytes: 8000 });
    next.members[0].statistics = busy;
    next.line.meter.charge(7999);
    await next.pass(1);
    expect(next.line.isGateOpen).toBe(true);
  });

  test('do not begin while the disk takes nothing, which is told once', async () => {
    const { line, members, schedule, pass, disk, failures } = bench();
    members[0].statistics = busy;
    await schedule(rules);
    disk.isFull = true;
    await pass(5);
    expect(line.isGateOpen).toBe(false);
    expect(failures).toHaveLength(1);
    disk.isFull = false;
    await pass(1);
    expect(line.isGateOpen).toBe(true);
  });

  test('cost no write while nothing is sent', async () => {
    const { members, schedule, pass, disk } = bench();
    members[0].statistics = busy;
    await schedule(rules);
    await pass(1);
    const { writes } = disk;
    await pass(30);
    expect(disk.writes).toBe(writes);
  });
});

test('what waited when the service ended counts towards the mark of the queue', async () => {
  const rules = { startQueueBytes: 5_000_000 };
  const waits = (queuedBytes: number) => ({ ...quietStatistics, queuedOps: 1, queuedBytes });
  const { line, members, schedule, pass, nextLife } = bench();
  await schedule(rules);
  members[0].statistics = waits(3_000_000);
  await pass(1);
  const next = nextLife(60);
  await next.schedule(rules);
  next.members[0].statistics = waits(1_999_999);
  await next.pass(1);
  expect(next.line.isGateOpen).toBe(false);
  next.members[0].statistics = waits(2_000_000);
  await next.pass(1);
  expect(next.line.snapshot().schedule).toMatchObject({ kind: 'sending', startedBy: 'queue' });
  expect(line.isGateOpen).toBe(false);
});

test('a queue that hardly moves costs no write, and rules without a mark none for any queue', async () => {
  const { members, schedule, pass, disk } = bench();
  await schedule({ startQueueBytes: 5_000_000 });
  for (let step = 1; step <= 20; step++) {
    members[0].statistics = { ...quietStatistics, queuedBytes: step * 100_000 };
    await pass(1);
  }
  expect(disk.writes).toBe(2);
  await schedule({ startAt: '2030-01-01T00:00:00' });
  members[0].statistics = { ...quietStatistics, queuedBytes: 1e9 };
  await pass(1);
  expect(disk.writes).toBe(3);
});
