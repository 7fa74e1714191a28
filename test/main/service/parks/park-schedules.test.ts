import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  initialConnectionSettings,
  type BackupWindow,
  type ConnectionSnapshot,
  type RotationSnapshot,
} from '../../../../src-main/api/index.ts';
import { ReplicationError, silentLog } from '../../../../src-main/base/index.ts';
import { openSettings } from '../../../../src-main/config/index.ts';
import { checkParkTimes, ParkSchedules, parksShape } from '../../../../src-main/service/parks/index.ts';
import { FakeSlots, slotIds } from '../../../support/fake-slots.ts';
import { HandClock } from '../../../support/hand-clock.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [id = '', another = ''] = slotIds;

/** A connection that is parked from ten in the evening to six, with a service that is killed and started again as one would be. */
class Scene {
  readonly clock = new HandClock(Date.parse('2026-11-27T20:00:00Z'));
  readonly slots = new FakeSlots(() => this.clock.now());
  readonly told: string[] = [];
  windows: Pick<BackupWindow, 'connectionId' | 'owner'>[] = [];
  rotations: Pick<RotationSnapshot, 'name' | 'slots'>[] = [];
  zone = 'UTC';
  readonly file = join(tempFolder(), 'parks.json');
  #schedules: ParkSchedules | null = null;

  static async start(park: Partial<ConnectionSnapshot['settings']['park']> = {}): Promise<Scene> {
    const scene = new Scene();
    scene.slots.add(id, { replication: 'replicating', park: null });
    scene.set({ at: '0 22 * * *', reconnectAt: '0 6 * * *', ...park });
    await scene.startService();
    return scene;
  }

  set(park: Partial<ConnectionSnapshot['settings']['park']>): void {
    const { settings } = this.connection;
    const before = settings.park;
    this.slots.change(id, { settings: { ...initialConnectionSettings, park: { ...before, ...park } } });
  }

  get connection(): ConnectionSnapshot {
    return this.slots.get(id);
  }

  get shown() {
    return this.#schedules?.shown(this.connection);
  }

  async startService(): Promise<void> {
    this.#schedules = new ParkSchedules({
      file: openSettings(this.file, parksShape),
      clock: this.clock,
      timeZone: () => this.zone,
      connections: this.slots.list,
      windows: () => this.windows as BackupWindow[],
      rotations: () => this.rotations as RotationSnapshot[],
      park: (connectionId, order) => this.slots.command(connectionId, { kind: 'park', ...order }),
      reconnect: (connectionId, mirror) => {
        const window = this.windows.find((one) => one.connectionId === connectionId);
        if (window === undefined) return this.slots.command(connectionId, { kind: 'reconnect', mirror });
        const open = { user: window.owner, text: '', since: '', name: '“files”' };
        return Promise.reject(new ReplicationError('window-open', open));
      },
      tell: (severity, text) => void this.told.push(`${severity}: ${text}`),
      onChange: () => undefined,
      log: silentLog,
    });
    this.#schedules.start();
    await this.#schedules.look();
  }

  stopService(): Promise<void> | undefined {
    return this.#schedules?.close();
  }

  /** The clock goes on while the service is off. */
  async offFor(ms: number): Promise<void> {
    await this.stopService();
    this.clock.turn(ms);
    await this.startService();
    await this.look(0);
  }

  async look(ms: number): Promise<void> {
    this.clock.turn(ms);
    await this.#schedules?.look();
    this.slots.settle();
  }

  /** Looks each minute until then. */
  async until(time: string): Promise<void> {
    for (;;) {
      const leftMs = Date.parse(time) - this.clock.now();
      if (leftMs <= 0) return;
      await this.look(Math.min(leftMs, MINUTE));
    }
  }
}

test('a connection is parked at its time and reconnected at its time, each night, and it is shown what comes next', async () => {
  const scene = await Scene.start();
  expect(scene.shown).toEqual({
    nextParkAt: '2026-11-27T22:00:00.000Z',
    nextReconnectAt: '2026-11-28T06:00:00.000Z',
    waits: '',
    last: null,
  });
  await scene.until('2026-11-27T21:59:50Z');
  expect(scene.slots.orders).toEqual([]);
  await scene.until('2026-11-27T22:00:00Z');
  expect(scene.connection.park).toMatchObject({ kind: 'parked', owner: 'the schedule', reason: 'due 2026-11-27 22:00' });
  expect(scene.shown?.last).toMatchObject({ what: 'park', dueAt: '2026-11-27T22:00:00.000Z', outcome: 'ordered', why: '' });
  await scene.until('2026-11-28T05:59:50Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  await scene.until('2026-11-28T06:00:00Z');
  expect(scene.connection.park).toBeNull();
  expect(scene.shown?.last).toMatchObject({ what: 'reconnect', outcome: 'ordered', why: '' });
  await scene.until('2026-11-28T22:00:10Z');
  expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1', 'park 1']);
  expect(scene.told).toEqual([
    'info: “files” to beta is parked by the schedule, as was due 2026-11-27 22:00.',
    'info: “files” to beta is reconnected by the schedule, as was due 2026-11-28 06:00.',
    'info: “files” to beta is parked by the schedule, as was due 2026-11-28 22:00.',
  ]);
});

test('times are those of the zone of the service, through the change of clocks', async () => {
  const scene = await Scene.start({ at: '30 2 * * *', reconnectAt: null });
  scene.zone = 'Europe/Berlin';
  scene.clock.turn(Date.parse('2027-03-27T23:00:00Z') - scene.clock.now());
  await scene.offFor(0);
  await scene.look(0);
  // Half past two does not exist on that morning: its first moment is three in summer time.
  expect(scene.shown?.nextParkAt).toBe('2027-03-28T01:00:00.000Z');
});

describe('what was missed', () => {
  test('a parking is not made up for, and told; the next one takes place', async () => {
    const scene = await Scene.start();
    await scene.offFor(3 * HOUR);
    expect(scene.slots.orders).toEqual([]);
    expect(scene.shown?.last).toMatchObject({ what: 'park', dueAt: '2026-11-27T22:00:00.000Z', outcome: 'missed' });
    expect(scene.told).toEqual([
      expect.stringMatching(/^warning: “files” to beta was not parked, which was due 2026-11-27 22:00/),
    ]);
    await scene.until('2026-11-28T22:00:10Z');
    expect(scene.slots.orders).toEqual(['park 1']);
  });

  test('one that is late by less than a minute takes place', async () => {
    const scene = await Scene.start();
    await scene.offFor(2 * HOUR + MINUTE / 2);
    expect(scene.slots.orders).toEqual(['park 1']);
  });

  test('a reconnection is made up for, with how late it is', async () => {
    const scene = await Scene.start();
    await scene.until('2026-11-27T22:01:00Z');
    await scene.offFor(12 * HOUR);
    expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1']);
    expect(scene.told.at(-1)).toContain('due 2026-11-28 06:00. It was 4 h 1 min late.');
  });

  test('a reconnection goes before a parking that came after it', async () => {
    const scene = await Scene.start();
    await scene.until('2026-11-27T22:01:00Z');
    await scene.offFor(25 * HOUR);
    for (let i = 0; i < 5; i++) await scene.look(1_000);
    expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1']);
    expect(scene.shown?.last).toMatchObject({ what: 'park', dueAt: '2026-11-28T22:00:00.000Z', outcome: 'missed' });
  });
});

test('a restart repeats nothing: who was reconnected by hand right after the time is not parked again', async () => {
  const scene = await Scene.start();
  await scene.until('2026-11-27T22:00:00Z');
  await scene.slots.command(id, { kind: 'reconnect', mirror: { kind: 'checksum' } });
  scene.slots.settle();
  await scene.offFor(10_000);
  await scene.until('2026-11-28T06:01:00Z');
  expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1']);
});

test('an order that a kill kept from being noted is noted, and not repeated', async () => {
  const scene = await Scene.start();
  await scene.stopService();
  scene.clock.turn(2 * HOUR);
  await scene.slots.command(id, { kind: 'park', owner: 'the schedule', reason: 'due 2026-11-27 22:00' });
  scene.slots.settle();
  await scene.startService();
  await scene.look(HOUR);
  expect(scene.slots.orders).toEqual(['park 1']);
  expect(scene.shown?.last).toMatchObject({ what: 'park', outcome: 'ordered' });
});

test('nor does it reconnect at once, for an earlier time at which there was nothing to reconnect', async () => {
  const scene = await Scene.start();
  scene.windows = [{ connectionId: id, owner: 'eva' }];
  await scene.until('2026-11-28T12:00:00Z');
  scene.windows = [];
  await scene.stopService();
  scene.clock.turn(10 * HOUR);
  await scene.slots.command(id, { kind: 'park', owner: 'the schedule', reason: 'due 2026-11-28 22:00' });
  scene.slots.settle();
  await scene.startService();
  await scene.until('2026-11-29T05:59:00Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  expect(scene.shown?.last).toMatchObject({ what: 'park', dueAt: '2026-11-28T22:00:00.000Z', outcome: 'ordered' });
  await scene.until('2026-11-29T06:00:10Z');
  expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1']);
});

describe('it is not parked while', () => {
  const begin = { ...initialConnectionSettings, park: { ...initialConnectionSettings.park, at: '0 22 * * *' } };
  test.each<[string, (scene: Scene) => void, string]>([
    [
      'a backup window is open',
      (scene) => scene.windows.push({ connectionId: id, owner: 'eva' }),
      'A backup window of eva is open.',
    ],
    [
      'a mirror runs',
      (scene) => scene.slots.change(id, { mirror: { kind: 'mirroring' } as ConnectionSnapshot['mirror'] }),
      'A mirror is not complete.',
    ],
    [
      'it is parked by somebody else',
      (scene) =>
        scene.slots.change(id, { park: { kind: 'leaving', owner: 'eva', reason: '', since: '2026-11-27T20:00:00.000Z' } }),
      'It was parked by eva.',
    ],
    [
      'it does not follow its source',
      (scene) => scene.slots.change(id, { replication: 'pending' }),
      'It does not follow its source.',
    ],
    [
      'it is a slot of a rotation',
      (scene) => scene.rotations.push({ name: 'noon', slots: [{ connectionId: id }] as unknown as RotationSnapshot['slots'] }),
      'It is a slot of the rotation “noon”, which parks it at its own times.',
    ],
  ])('%s, which is told', async (_what, prepare, why) => {
    const scene = await Scene.start(begin.park);
    scene.slots.stuck.add(id);
    prepare(scene);
    await scene.until('2026-11-27T22:05:00Z');
    expect(scene.slots.orders).toEqual([]);
    expect(scene.told).toEqual([
      `warning: “files” to beta was not parked, which was due 2026-11-27 22:00, and is not before the next time. ${why}`,
    ]);
    expect(scene.shown?.last).toMatchObject({ outcome: 'missed', why });
  });

  test('a window that ends within a minute does not keep it from being parked', async () => {
    const scene = await Scene.start();
    scene.windows = [{ connectionId: id, owner: 'eva' }];
    await scene.until('2026-11-27T22:00:30Z');
    scene.windows = [];
    await scene.until('2026-11-27T22:01:00Z');
    expect(scene.slots.orders).toEqual(['park 1']);
  });
});

test('a reconnection waits for the end of a backup window, which is told once', async () => {
  const scene = await Scene.start();
  await scene.until('2026-11-27T22:01:00Z');
  scene.windows = [{ connectionId: id, owner: 'eva' }];
  await scene.until('2026-11-28T06:10:00Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  expect(scene.told.filter((text) => text.includes('and waits'))).toHaveLength(1);
  expect(scene.shown?.waits).toContain('eva');
  await scene.offFor(HOUR);
  scene.windows = [];
  await scene.look(1_000);
  expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1']);
  expect(scene.shown?.waits).toBe('');
});

test('a reconnection that waits is not forgotten over a change of the time to park, but goes by a new time to reconnect', async () => {
  const scene = await Scene.start();
  await scene.until('2026-11-28T05:00:00Z');
  scene.windows = [{ connectionId: id, owner: 'restic' }];
  await scene.until('2026-11-28T06:10:00Z');
  scene.set({ at: '30 22 * * *' });
  await scene.look(1_000);
  scene.windows = [];
  await scene.look(1_000);
  expect(scene.connection.replication).toBe('replicating');
  expect(scene.shown).toMatchObject({
    nextParkAt: '2026-11-28T22:30:00.000Z',
    waits: '',
    last: { what: 'reconnect', outcome: 'ordered' },
  });
  await scene.until('2026-11-29T05:00:00Z');
  scene.windows = [{ connectionId: id, owner: 'restic' }];
  await scene.until('2026-11-29T06:10:00Z');
  scene.set({ reconnectAt: '0 8 * * *' });
  scene.windows = [];
  await scene.until('2026-11-29T07:59:00Z');
  expect(scene.connection.park).not.toBeNull();
  await scene.until('2026-11-29T08:00:00Z');
  expect(scene.connection.replication).toBe('replicating');
});

test('what a person has reconnected, for which the schedule waited, waits no longer and is no reason for what comes later', async () => {
  const scene = await Scene.start();
  await scene.until('2026-11-27T22:01:00Z');
  scene.windows = [{ connectionId: id, owner: 'eva' }];
  await scene.until('2026-11-28T06:10:00Z');
  expect(scene.shown?.waits).toContain('eva');
  scene.windows = [];
  await scene.slots.command(id, { kind: 'reconnect', mirror: { kind: 'checksum' } });
  scene.slots.settle();
  await scene.look(1_000);
  expect(scene.shown?.waits).toBe('');
  await scene.until('2026-11-28T21:00:00Z');
  scene.slots.change(id, { mirror: { kind: 'mirroring' } as ConnectionSnapshot['mirror'] });
  scene.slots.stuck.add(id);
  await scene.until('2026-11-28T22:05:00Z');
  expect(scene.shown?.last).toMatchObject({ outcome: 'missed', why: 'A mirror is not complete.' });
});

test('what somebody else parked is not reconnected', async () => {
  const scene = await Scene.start();
  await scene.slots.command(id, { kind: 'park', owner: 'eva', reason: 'for a move' });
  await scene.until('2026-11-28T06:10:00Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  expect(scene.connection.park?.owner).toBe('eva');
});

test('a parking that is refused is tried again for a minute, and then missed for that reason', async () => {
  const scene = await Scene.start();
  scene.slots.refuses.add('park 1');
  await scene.until('2026-11-27T22:02:00Z');
  expect(scene.told).toHaveLength(2);
  expect(scene.shown?.last).toMatchObject({ outcome: 'missed' });
  expect(scene.shown?.waits).toBe('');
});

test('new times, and a clock that is set back by days, count from the moment at which they are seen', async () => {
  const scene = await Scene.start();
  scene.set({ at: '0 19 * * *' });
  await scene.until('2026-11-27T20:10:00Z');
  expect(scene.slots.orders).toEqual([]);
  expect(scene.told).toEqual([]);
  await scene.until('2026-11-28T19:00:00Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  scene.clock.turn(-72 * HOUR);
  await scene.look(0);
  expect(scene.told.at(-1)).toMatch(/the clock was set back/i);
  await scene.until('2026-11-26T06:00:10Z');
  expect(scene.slots.orders).toEqual(['park 1', 'reconnect 1']);
});

test('another time zone makes other times: what was due in it before is neither missed nor made up for', async () => {
  const scene = await Scene.start();
  await scene.until('2026-11-27T21:30:00Z');
  scene.zone = 'Europe/Berlin'; // half past ten there
  await scene.look(1_000);
  await scene.look(1_000);
  expect(scene.told).toEqual([]);
  expect(scene.slots.orders).toEqual([]);
  expect(scene.shown).toMatchObject({ nextParkAt: '2026-11-28T21:00:00.000Z', last: null });
});

test('a connection without times is left alone; without them any more it still shows what came of the last', async () => {
  const scene = await Scene.start();
  scene.slots.add(another, { replication: 'replicating' });
  await scene.until('2026-11-27T22:01:00Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  scene.set({ at: null, reconnectAt: null });
  await scene.until('2026-11-28T06:01:00Z');
  expect(scene.slots.orders).toEqual(['park 1']);
  expect(scene.shown).toMatchObject({ nextParkAt: null, nextReconnectAt: null, last: { what: 'park' } });
});

test('what was decided for a connection that has ended is forgotten', async () => {
  const scene = await Scene.start();
  await scene.until('2026-11-27T22:01:00Z');
  scene.slots.add(another, { settings: scene.connection.settings });
  scene.slots.connections.delete(id);
  await scene.look(1_000);
  const { parks } = openSettings(scene.file, parksShape).value;
  expect(parks.map(({ connectionId }) => connectionId)).toEqual([another]);
});

test('what is no time is refused', () => {
  expect(() => checkParkTimes({ park: { at: '99 2 * * *' } })).toThrow(expect.objectContaining({ code: 'bad-input' }) as Error);
  expect(() => checkParkTimes({ park: { reconnectAt: '0 0 40 * *' } })).toThrow();
  expect(() => checkParkTimes({ park: { at: '0 0 31 2 *' } })).toThrow('it never comes');
  checkParkTimes({ park: { at: '0 0 29 2 *' } });
  checkParkTimes({ park: { at: '0 22 * * 1-5', reconnectAt: null } });
  checkParkTimes({});
});
