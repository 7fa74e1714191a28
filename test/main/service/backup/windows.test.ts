import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { BackupName, BackupView, Cut, ReplicaSnapshot } from '../../../../src-main/api/index.ts';
import { ReplicationError, silentLog, toReplicationError } from '../../../../src-main/base/index.ts';
import { openSettings } from '../../../../src-main/config/index.ts';
import { BackupWindows, windowsShape } from '../../../../src-main/service/backup/index.ts';
import { rotationsInMemory } from '../../../support/fake-rotations.ts';
import { FakeSlots, slotIds } from '../../../support/fake-slots.ts';
import { HandClock } from '../../../support/hand-clock.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const [first = '', second = ''] = slotIds;
const files: BackupName = { side: 'source', name: 'files', target: null };

/** Windows over connections that do what they are told; started again as a service would be. */
class Scene {
  readonly clock = new HandClock(Date.parse('2026-11-27T02:00:00Z'));
  readonly slots = new FakeSlots(() => this.clock.now());
  readonly turns = rotationsInMemory(this.slots.list, this.slots.command);
  readonly told: string[] = [];
  /** The list at each change. */
  readonly published: (readonly string[])[] = [];
  failsResume = false;
  /** The replica is stored, whether or not it is open. */
  isAdmitted = true;
  replica: Pick<ReplicaSnapshot, 'connectionId' | 'hold' | 'cut' | 'problem' | 'setName' | 'sourceName' | 'roots'> | null = null;
  readonly #file = join(tempFolder(), 'windows.json');
  windows = this.#open();

  #open(): BackupWindows {
    const windows = new BackupWindows({
      file: openSettings(this.#file, windowsShape),
      clock: this.clock,
      connections: {
        list: this.slots.list,
        command: async (id, command) => {
          if (this.failsResume && command.kind === 'resume-transmission') throw new ReplicationError('io-error');
          await this.slots.command(id, command);
          const since = new Date(this.clock.now()).toISOString();
          if (command.kind === 'pause-transmission')
            this.slots.change(id, { holds: [{ by: 'operator', kind: 'pause', owner: command.owner, reason: '', since }] });
          if (command.kind === 'resume-transmission') this.slots.change(id, { holds: [] });
        },
        keptCut: (id) => cutOf(this.slots, id),
        has: (id) => this.slots.connections.has(id),
      },
      replicas: {
        list: () => (this.replica === null ? [] : [this.replica as ReplicaSnapshot]),
        has: () => this.isAdmitted,
        hold: (_id, hold) => {
          if (this.replica !== null) this.replica = { ...this.replica, hold: hold && { ...hold, isEffective: false } };
          return Promise.resolve();
        },
      },
      rotations: this.turns.rotations,
      self: () => ({ name: 'beta', fingerprint: 'BB' }),
      tell: (severity, text) => void this.told.push(`${severity} ${text}`),
      onChange: () =>
        void this.published.push(this.windows.list().map(({ state, isOverdue }) => `${state}${isOverdue ? ', overdue' : ''}`)),
      log: silentLog,
    });
    return windows;
  }

  constructor() {
    this.windows.start();
  }

  async restart(): Promise<void> {
    await this.windows.close();
    this.windows = this.#open();
    // Replicas of the last life tell of themselves one by one while they are admitted; this one comes later than another.
    const { replica } = this;
    this.replica = null;
    this.windows.changed();
    await this.windows.settled();
    this.replica = replica;
    this.windows.start();
    await this.windows.settled();
  }

  /** What was ordered takes effect, and is looked at. */
  async settle(ms = 1_000): Promise<void> {
    this.slots.settle();
    this.clock.turn(ms);
    await this.windows.settled();
  }

  begin(name = files, owner = 'nightly', maxMinutes = 60): Promise<BackupView> {
    return this.windows.begin({ ...name, owner, reason: 'tape', maxMinutes });
  }
}

function cutOf(slots: FakeSlots, id: string): Cut | null {
  const { transmission } = slots.get(id);
  return transmission.kind === 'paused' ? transmission.cut : null;
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
  scene.slots.add(first);
});

describe('a window on a live connection', () => {
  test('closes at a cut, is open there, is the same for the same owner, and is given back once', async () => {
    expect(await scene.begin()).toMatchObject({ verdict: { kind: 'wait' }, window: { state: 'closing', method: 'pause' } });
    await scene.settle();
    const open = await scene.begin();
    expect(open).toMatchObject({ verdict: { kind: 'go' }, window: { state: 'open', cut: { sequence: 1 } } });
    scene.slots.change(first, { targetData: 'mirror-required', replication: 'disconnected' });
    expect(await scene.begin()).toMatchObject({ window: open.window, copy: { ageMs: 1_000, label: 'point-in-time' } });
    scene.slots.change(first, { targetData: 'good', replication: 'replicating' });
    const ended = await scene.windows.end({ ...files, owner: 'nightly' });
    expect(ended).toMatchObject({ ended: { state: 'open' }, view: { window: null, verdict: { kind: 'go' } } });
    expect(await scene.windows.end({ ...files, owner: 'nightly' })).toMatchObject({ ended: null });
    expect(scene.slots.orders).toEqual(['pause-transmission 1', 'resume-transmission 1']);
  });

  test('is refused to another owner with the name of the first, also its end', async () => {
    await scene.begin();
    const code = async (work: Promise<unknown>) => toReplicationError(await work.catch((error: unknown) => error)).details.user;
    expect(await code(scene.begin(files, 'weekly'))).toBe('nightly');
    expect(await code(scene.windows.end({ ...files, owner: 'weekly' }))).toBe('nightly');
    expect(() => scene.windows.refuseOpen('source', first)).toThrow('window-open');
    expect(() => scene.windows.refuseOpen('target', first)).not.toThrow();
  });

  test('survives a restart, and goes on with what was ordered', async () => {
    await scene.begin();
    await scene.restart();
    await scene.settle();
    expect(scene.windows.look(files).window).toMatchObject({ state: 'open', owner: 'nightly' });
    await scene.restart();
    expect(scene.windows.look(files).window).toMatchObject({ state: 'open', cut: { sequence: 1 } });
    expect(scene.slots.orders).toEqual(['pause-transmission 1']);
  });

  test('is broken when the replica goes on, stays so over a restart, and says so at its end', async () => {
    await scene.begin();
    await scene.settle();
    scene.slots.change(first, { holds: [], transmission: { kind: 'active', since: '' } });
    await scene.settle();
    expect(scene.told.at(-1)).toMatch(/^error .*changed while it was read: transmission was resumed/);
    await scene.restart();
    expect(scene.windows.look(files)).toMatchObject({ verdict: { kind: 'no' }, window: { state: 'broken' } });
    expect((await scene.windows.end({ ...files, owner: 'nightly' })).ended).toMatchObject({ state: 'broken' });
    expect(scene.slots.orders).toEqual(['pause-transmission 1']);
  });

  test('whose end fails is ended by a later look, also after a restart', async () => {
    await scene.begin();
    await scene.settle();
    scene.failsResume = true;
    await expect(scene.windows.end({ ...files, owner: 'nightly' })).rejects.toThrow('io-error');
    await scene.restart();
    expect(scene.windows.list()).toHaveLength(1);
    scene.failsResume = false;
    await scene.settle();
    expect(scene.windows.list()).toEqual([]);
    expect(scene.slots.get(first).transmission.kind).toBe('active');
  });

  test('that nobody ends is told once after its maximum, as a problem of the connection', async () => {
    await scene.begin(files, 'nightly', 30);
    await scene.settle(29 * 60_000);
    expect(scene.windows.problemOf(first)).toBeNull();
    await scene.settle(60_000);
    await scene.settle(60_000);
    expect(scene.told.filter((text) => text.startsWith('error'))).toEqual([
      expect.stringMatching(/The backup window of nightly \(tape\) has lasted for 30 min/),
    ]);
    expect(scene.windows.problemOf(first)).toMatchObject({ code: 'window-overdue', since: '2026-11-27T02:00:00.000Z' });
    expect(scene.windows.list()).toMatchObject([{ isOverdue: true, state: 'open' }]);
    expect(scene.published).toEqual([['closing'], ['open'], ['open, overdue']]);
    await scene.windows.end({ ...files, owner: 'nightly' });
    expect(scene.published.at(-1)).toEqual([]);
  });

  test.each([
    ['wait', 'a mirror runs', { mirror: { kind: 'mirroring' }, targetData: 'mirroring' }],
    ['wait', 'the link is down', { link: { kind: 'down', cause: 'no route', since: '', retryInMs: 1 } }],
    ['no', 'a mirror is required', { targetData: 'mirror-required' }],
    ['no', 'a question waits', { halt: { cause: 'Gone.', nextStep: 'Look.' } }],
    ['no', 'somebody else pauses', { holds: [{ by: 'operator', kind: 'pause', owner: 'eva', reason: 'x', since: '' }] }],
  ])('is not begun, but %s, while %s', async (kind, _what, change) => {
    scene.slots.change(first, change as Parameters<FakeSlots['change']>[1]);
    const view = await scene.begin();
    expect(view).toMatchObject({ verdict: { kind }, window: null });
    expect(view.verdict.nextStep).not.toBe('');
    expect([scene.slots.orders, scene.windows.list()]).toEqual([[], []]);
  });
});

describe('a window on a slot', () => {
  const noon: BackupName = { side: 'source', name: 'noon', target: null };
  beforeEach(async () => {
    scene.slots.add(second);
    const { rotations } = scene.turns;
    await rotations.create('noon');
    await rotations.addSlot({ rotation: 'noon', slot: 'A', connectionId: first });
    await rotations.addSlot({ rotation: 'noon', slot: 'B', connectionId: second });
    scene.turns.clock.turn(1_000);
    await rotations.settled();
    scene.slots.settle();
  });

  test('marks the newest complete one at rest as in use, and releases it', async () => {
    const view = await scene.begin(noon);
    expect(view).toMatchObject({ name: 'noon/B', verdict: { kind: 'go' }, window: { method: 'rest', state: 'open' } });
    const used = () => scene.turns.rotations.list()[0]?.slots[1]?.use?.owner;
    expect(used()).toBe('backup window of nightly');
    expect(() => scene.windows.refuseSlot('NOON', 'b')).toThrow('window-open');
    await scene.windows.end({ ...noon, owner: 'nightly' });
    expect(used()).toBeUndefined();
  });

  test('waits for the one that follows the source, and is refused while somebody else uses the one at rest', async () => {
    expect(await scene.begin({ ...noon, name: 'noon/a' })).toMatchObject({ name: 'noon/A', verdict: { kind: 'wait' } });
    await scene.turns.rotations.use({ rotation: 'noon', slot: 'B', reason: 'tape' }, 'eva');
    expect((await scene.begin(noon)).verdict).toMatchObject({ kind: 'no', why: expect.stringContaining('eva') as string });
    expect(() => scene.windows.look({ ...noon, name: 'noon/C' })).toThrow('unknown-slot');
  });

  test('a set with two targets needs one named, and the other is told to be live', () => {
    expect(() => scene.windows.look(files)).toThrow('several places');
    expect(scene.windows.look({ ...files, name: '2' }).others).toEqual(['connection 1 to beta']);
    expect(scene.windows.views()).toEqual(['1', '2'].map((name) => scene.windows.look({ ...files, name })));
  });
});

describe('a window whose replica is given up', () => {
  const name: BackupName = { side: 'target', name: first, target: null };
  const cut = { sequence: 4, at: '2026-11-27T02:00:00.000Z', label: 'point-in-time' as const };

  test('is told to be broken and then forgotten, and nobody can take it for one that was well', async () => {
    const facts = { connectionId: first, problem: null, setName: 'files', sourceName: 'alpha', roots: [] };
    scene.replica = { ...facts, hold: null, cut };
    await scene.begin(name);
    const { hold } = scene.replica;
    if (hold !== null) scene.replica = { ...scene.replica, hold: { ...hold, isEffective: true } };
    await scene.settle();
    scene.replica = null;
    await scene.settle();
    expect(scene.windows.list(), 'it may only not be open yet').toMatchObject([{ state: 'broken' }]);
    await scene.settle();
    expect(scene.windows.list()).toHaveLength(1);
    scene.isAdmitted = false;
    await scene.settle();
    expect(scene.windows.list()).toEqual([]);
    expect(scene.told.filter((text) => text.includes('the target released the replica'))).toHaveLength(1);
    await expect(scene.windows.end({ ...name, owner: 'nightly' })).rejects.toThrow('unknown-connection');
  });

  test('is forgotten too if it had not stood yet, and on the source', async () => {
    await scene.begin();
    scene.slots.connections.delete(first);
    await scene.settle();
    expect(scene.windows.list()).toEqual([]);
  });
});

test('a window of a target holds its replica, is open when that is in force, and ends the hold that it made', async () => {
  scene.replica = { connectionId: first, hold: null, cut: null, problem: null, setName: 'files', sourceName: 'alpha', roots: [] };
  const name: BackupName = { side: 'target', name: first, target: null };
  expect(await scene.begin(name)).toMatchObject({ verdict: { kind: 'wait' }, targetFingerprint: 'BB' });
  const cut = { sequence: 4, at: '2026-11-27T02:00:00.000Z', label: 'point-in-time' as const };
  const { hold } = scene.replica;
  if (hold !== null) scene.replica = { ...scene.replica, cut, hold: { ...hold, isEffective: true } };
  await scene.settle();
  expect(scene.windows.look(name)).toMatchObject({ verdict: { kind: 'go' }, window: { method: 'hold', cut } });
  expect(scene.windows.views().at(-1)).toEqual(scene.windows.look(name));
  await scene.restart();
  expect(scene.windows.look(name), 'it is not broken').toMatchObject({ window: { state: 'open', cut } });
  expect(() => scene.windows.refuseOpen('target', first)).toThrow('window-open');
  await scene.windows.end({ ...name, owner: 'nightly' });
  expect(scene.replica.hold).toBeNull();
});
