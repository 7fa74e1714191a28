import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CallInput, RotationChange, RotationSnapshot } from '../../../../src-main/api/index.ts';
import { silentLog, toReplicationError } from '../../../../src-main/base/index.ts';
import { openSettings, type SettingsFile } from '../../../../src-main/config/index.ts';
import { Rotations } from '../../../../src-main/service/rotations/index.ts';
import { rotationsShape, type StoredRotations } from '../../../../src-main/service/rotations/stored.ts';
import { FakeSlots, slotIds } from '../../../support/fake-slots.ts';
import { HandClock } from '../../../support/hand-clock.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [first = '', second = '', third = ''] = slotIds;

/** A rotation of connections that do what they are told; killed and started again as a service would be. */
class Scene {
  readonly clock = new HandClock(Date.parse('2026-11-27T06:00:00Z'));
  readonly slots = new FakeSlots(() => this.clock.now());
  readonly messages: string[] = [];
  readonly #file = join(tempFolder(), 'rotations.json');
  rotations = this.#open(null);

  #open(diesAfter: number | null): Rotations {
    const file = openSettings(this.#file, rotationsShape);
    const rotations = new Rotations({
      file: diesAfter === null ? file : dying(file, diesAfter),
      clock: this.clock,
      timeZone: () => 'UTC',
      connections: this.slots,
      tell: (_severity, text) => void this.messages.push(text),
      onChange: () => undefined,
      log: silentLog,
    });
    rotations.start();
    return rotations;
  }

  /** As after a kill; `diesAfter`: so many writes from now it is killed again. */
  async restart(diesAfter: number | null = null): Promise<void> {
    await this.rotations.close();
    this.rotations = this.#open(diesAfter);
    await this.rotations.settled();
  }

  /** Turns the clock, then lets what was ordered take effect until nothing moves any more. */
  async turn(ms: number): Promise<RotationSnapshot> {
    this.clock.turn(ms);
    for (let i = 0; i < 8; i++) {
      await this.rotations.settled();
      this.slots.settle();
      this.clock.turn(10);
    }
    await this.rotations.settled();
    return this.shown;
  }

  async look(ms = 1_000): Promise<RotationSnapshot> {
    this.clock.turn(ms);
    await this.rotations.settled();
    return this.shown;
  }

  get shown(): RotationSnapshot {
    const [rotation] = this.rotations.list();
    if (rotation === undefined) throw new Error('there is no rotation');
    return rotation;
  }

  get states(): string {
    return this.shown.slots.map(({ name, state }) => `${name} ${state}`).join(', ');
  }

  configure(settings: RotationChange) {
    return this.rotations.configure({ rotation: 'noon', settings });
  }
}

/** A file whose process is killed after so many writes: nothing more reaches it. */
function dying(file: SettingsFile<StoredRotations>, writes: number): SettingsFile<StoredRotations> {
  let left = writes;
  return {
    get value() {
      return file.value;
    },
    update: (change) => (left-- > 0 ? file.update(change) : Promise.reject(new Error('killed'))),
    settled: () => file.settled(),
  };
}

const twice = { schedule: [{ slot: null, timeZone: null, time: { kind: 'cron', cron: '0 0,12 * * *' } }] } as const;

async function scene(settings: RotationChange = {}): Promise<Scene> {
  const made = new Scene();
  made.slots.add(first);
  made.slots.add(second);
  await made.rotations.create('noon');
  await made.rotations.addSlot({ rotation: 'noon', slot: 'A', connectionId: first });
  await made.rotations.addSlot({ rotation: 'NOON', slot: 'B', connectionId: second });
  await made.configure({ ...twice, order: 'quick', ...settings });
  await made.turn(1_000);
  return made;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: unknown) => toReplicationError(error).code,
  );
}

test('a slot that is added beside one that is live goes to rest, with a complete copy', async () => {
  const { states, shown } = await scene();
  expect(states).toBe('A live, B at-rest');
  expect(shown.slots[1]?.copy).toMatchObject({ label: 'point-in-time', cut: { sequence: expect.any(Number) as number } });
  expect(shown.newest).toMatchObject({ slot: 'A', ageMs: 0, cut: null });
});

describe.each(['quick', 'safe'] as const)('in the %s order', (order) => {
  test('two days switch four times, and nothing else', async () => {
    const made = await scene({ order });
    made.slots.mostLive = 0;
    const seen: string[] = [];
    for (let hour = 0; hour < 48; hour++) {
      await made.turn(HOUR);
      const { runs } = made.shown;
      if (runs.length > seen.length) seen.push(`${new Date(made.clock.now()).getUTCHours()} ${made.states}`);
    }
    expect(seen).toEqual(['12 A at-rest, B live', '0 A live, B at-rest', '12 A at-rest, B live', '0 A live, B at-rest']);
    expect(made.shown.runs.map(({ outcome, sentBytes, isComplete }) => [outcome, sentBytes, isComplete])).toEqual(
      Array.from({ length: 4 }, () => ['done', 10, true]),
    );
    expect(made.slots.mostLive).toBe(order === 'quick' ? 1 : 2);
  });

  // Each write is one decision or step; killed after it, the order that it announces has not been given, or has been and is given again.
  test.each([0, 1, 2, 3, 4, 5, 6])('a service that is killed after %d writes of a switch goes on from there', async (writes) => {
    const made = await scene({ order });
    await made.restart(writes);
    await made.turn(6 * HOUR);
    await made.restart();
    await made.turn(1_000);
    expect(made.states).toBe('A at-rest, B live');
    expect(made.shown.runs).toMatchObject([{ outcome: 'done', from: 'A', to: 'B', dueAt: '2026-11-27T12:00:00.000Z' }]);
    expect(made.shown.runs).toHaveLength(1);
    for (const id of [first, second]) expect(made.slots.get(id).transmission.kind).toBe('active');
  });

  test('an old one that reaches no cut in time stays, and nothing is switched', async () => {
    const made = await scene({ order });
    made.slots.stuck.add(first);
    await made.turn(6 * HOUR);
    made.slots.change(first, { link: { kind: 'down', since: '', cause: 'The target is away.', retryInMs: 1 } });
    for (let i = 0; i < 700; i++) await made.look();
    await made.turn(1_000);
    expect(made.states).toBe('A live, B at-rest');
    expect(made.shown.runs[0]).toMatchObject({
      outcome: 'failed',
      why: expect.stringContaining('The target is away.') as string,
    });
    expect(made.slots.get(first).park).toBeNull();
    expect(made.slots.get(second).transmission.kind).toBe('active');
  });

  test('a new one that asks a question ends the switch', async () => {
    const made = await scene({ order });
    const halt = {
      code: 'source-vanished',
      path: null,
      cause: 'It vanished.',
      since: '',
      effect: '',
      nextStep: 'Answer.',
      answers: [],
    };
    made.slots.change(second, { halt });
    await made.turn(6 * HOUR);
    expect(made.shown.runs[0]).toMatchObject({ outcome: 'failed', why: expect.stringContaining('It vanished.') as string });
    expect(made.shown.slots[0]?.state).toBe(order === 'quick' ? 'at-rest' : 'live');
    expect(made.messages.at(-1)).toContain('the switch to “B” failed');
  });
});

test.each(['quick', 'safe'] as const)(
  'an old one that looks for what changed while the service was off leaves when it has found it (%s)',
  async (order) => {
    const made = await scene({ order });
    made.slots.change(first, { replication: 'starting', link: { kind: 'up', since: '' } });
    await made.turn(6 * HOUR);
    for (let i = 0; i < 700; i++) await made.look();
    expect(made.slots.get(first).park).toBeNull();
    made.slots.change(first, { replication: 'replicating' });
    await made.turn(1_000);
    expect(made.states).toBe('A at-rest, B live');
    expect(made.shown.runs[0]).toMatchObject({ outcome: 'done', isComplete: true });
  },
);

test('in the safe order the old one leaves only when the new one is level, at a cut that is that of both', async () => {
  const made = await scene({ order: 'safe' });
  made.slots.stuck.add(second);
  await made.turn(6 * HOUR);
  expect(made.states).toBe('A live, B coming');
  expect(made.shown.newest).toMatchObject({ slot: 'A' });
  made.slots.stuck.clear();
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.slots.orders.slice(-6)).toEqual([
    'reconnect 2',
    'pause-transmission 1',
    'pause-transmission 2',
    'park 1',
    'resume-transmission 2',
    'resume-transmission 1',
  ]);
  const [run] = made.shown.runs;
  expect(run).toMatchObject({ cut: { label: 'point-in-time' }, levelCut: { label: 'point-in-time' }, isSameCut: true });
  expect(run?.why).toBe(`Both hold the same state of the source, that of ${run?.cut?.at ?? ''}.`);
});

test('where no common cut is found in the safe order, how far both lie apart is told, and why', async () => {
  const made = await scene({ order: 'safe' });
  made.slots.isRestless = true;
  await made.turn(6 * HOUR);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.shown.runs[0]).toMatchObject({
    isSameCut: false,
    why: expect.stringMatching(/cuts of both lie \d+ ms apart: the source changed between both cuts\.$/) as string,
  });
});

test('a service that is killed while both seek their cut has them seek it together once more', async () => {
  const made = await scene({ order: 'safe' });
  made.slots.stuck.add(first);
  await made.turn(6 * HOUR);
  expect(made.shown.running?.step).toBe('cutting');
  made.slots.restarted();
  await made.restart();
  made.slots.stuck.clear();
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.shown.runs[0]?.isSameCut).toBe(true);
  expect(made.slots.orders.filter((order) => order.startsWith('pause'))).toHaveLength(4);
});

test('a service that is killed between the two orders to pause gives both anew', async () => {
  const made = await scene({ order: 'safe' });
  made.slots.refuses.add('pause-transmission 2');
  await made.turn(6 * HOUR);
  expect(made.shown.running?.step).toBe('cutting');
  made.slots.restarted();
  await made.restart();
  made.slots.refuses.clear();
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.shown.runs[0]?.isSameCut).toBe(true);
});

test('a pause of somebody else stays his, and the old one leaves at its cut', async () => {
  const made = await scene({ order: 'safe' });
  await made.slots.command(first, { kind: 'pause-transmission', owner: 'eva', reason: 'tape' });
  made.slots.settle();
  await made.turn(6 * HOUR);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.shown.runs[0]).toMatchObject({ outcome: 'done', isSameCut: false });
  expect(made.slots.get(first).transmission).toMatchObject({ kind: 'paused', owner: 'eva' });
});

test('a full disk of the new slot holds the switch up, is told once, and it goes on when there is room', async () => {
  const made = await scene({ order: 'safe' });
  made.slots.stuck.add(second);
  const full = { code: 'disk-full', path: null, cause: 'The disk is full.', since: '', effect: '', nextStep: 'Free space.' };
  made.slots.change(second, { problems: [full], problemCount: 1 });
  await made.turn(6 * HOUR);
  expect(made.shown.slots[1]).toMatchObject({ state: 'failed', why: 'The disk is full. Free space.' });
  expect(made.shown.running).toMatchObject({ step: 'bringing', problem: 'The disk is full. Free space.' });
  expect(made.messages.filter((text) => text.includes('held up'))).toHaveLength(1);
  made.slots.stuck.clear();
  made.slots.change(second, { problems: [], problemCount: 0 });
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
});

/** A safe switch whose new slot is mirrored, and has so many changes to take before it is level. */
async function catchingUp(targetQueueOps: number) {
  const made = await scene({ order: 'safe' });
  const behind = (ops: number) =>
    made.slots.change(second, { statistics: { ...made.slots.get(second).statistics, targetQueueOps: ops } });
  behind(targetQueueOps);
  await made.turn(6 * HOUR);
  expect(made.shown.running?.step).toBe('bringing');
  return { made, behind };
}

test('a new slot that comes nearer and nearer is waited for in the safe order, however long that takes', async () => {
  const { made, behind } = await catchingUp(100_000);
  for (let ops = 99_999; ops > 99_990; ops--) {
    behind(ops);
    for (let second = 0; second < 9; second++) expect((await made.look()).running?.step).toBe('bringing');
  }
  behind(1_000);
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.messages.filter((text) => text.includes('no nearer'))).toEqual([]);
});

test('a new slot that falls back further and further, as its source changes faster than it takes that, is switched to all the same', async () => {
  const { made, behind } = await catchingUp(5_000);
  behind(4_000);
  await made.look();
  for (let second = 1; second < 10; second++) {
    behind(4_000 + second);
    expect((await made.look()).running?.step).toBe('bringing');
  }
  behind(6_000);
  expect((await made.look()).running?.step).toBe('cutting');
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.messages.filter((text) => text.includes('comes no nearer to the source'))).toEqual([
    expect.stringContaining('6000 changes are on their way'),
  ]);
});

test.each([
  [
    'somebody holds',
    { transmission: { kind: 'paused', since: '', owner: 'eva', reason: '', cut: { sequence: 1, at: '', label: 'file-level' } } },
    'Transmission is held by eva.',
  ],
  [
    'the schedule holds back',
    { transmission: { kind: 'scheduled', since: '', reason: 'the window is closed', startsAt: null } },
    'The schedule holds back what is to be sent: the window is closed.',
  ],
  ['has no link', { link: { kind: 'down', since: '', cause: 'The network is down.', retryInMs: 1 } }, 'The network is down.'],
] as const)('a new slot that is not level and %s is waited for, and why is told', async (_what, change, problem) => {
  const { made } = await catchingUp(5_000);
  made.slots.change(second, change);
  for (let second = 0; second < 30; second++) await made.look();
  expect(made.shown.running).toMatchObject({ step: 'bringing', problem });
});

test('a service that was off runs the newest start late, or counts it as missed', async () => {
  const made = await scene({ missed: { policy: 'run-late', withinMinutes: 120 } });
  await made.turn(31 * HOUR); // 13:00 of the next day
  expect(made.shown.runs).toMatchObject([{ outcome: 'done', dueAt: '2026-11-28T12:00:00.000Z' }]);
  await made.turn(14 * HOUR); // 03:00
  expect(made.shown.runs[0]).toMatchObject({ outcome: 'missed', dueAt: '2026-11-29T00:00:00.000Z' });
  expect(made.states).toBe('A at-rest, B live');
});

test('a clock that is set back runs nothing twice; set back by days it counts from the present, and that is told', async () => {
  const made = await scene();
  await made.turn(6 * HOUR);
  await made.turn(-10 * MINUTE);
  await made.turn(20 * MINUTE);
  expect(made.shown.runs).toHaveLength(1);
  await made.turn(-72 * HOUR);
  expect(made.messages.at(-1)).toContain('the clock was set back');
  await made.turn(12 * HOUR);
  expect(made.shown.runs).toHaveLength(2);
});

test('a slot in use is not switched in; released, its run begins', async () => {
  const made = await scene();
  await made.rotations.use({ rotation: 'noon', slot: 'b', reason: 'tape' }, 'eva');
  await made.turn(6 * HOUR);
  expect(made.states).toBe('A live, B in-use');
  expect(made.messages.filter((text) => text.includes('waits. “B” is in use by eva: tape.'))).toHaveLength(1);
  expect(await codeOf(made.rotations.runNow({ rotation: 'noon', slot: 'B' }))).toBe('slot-in-use');
  const order = () => Promise.resolve('ordered');
  expect(await codeOf(made.rotations.unlessInUse(second, order))).toBe('slot-in-use');
  expect(await made.rotations.unlessInUse(first, order)).toBe('ordered');
  await made.restart();
  await made.rotations.release({ rotation: 'noon', slot: 'B' });
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
});

test('of two in the same moment only one gets a slot at rest: who wants to read it, or who brings it back', async () => {
  const made = await scene();
  const use = (): Promise<string> => codeOf(made.rotations.use({ rotation: 'noon', slot: 'B', reason: '' }, 'eva'));
  const reconnect = (): Promise<string> =>
    codeOf(
      made.rotations.unlessInUse(second, async () => {
        await new Promise(setImmediate); // the order is stored first
        await made.slots.command(second, { kind: 'reconnect', mirror: null });
      }),
    );
  const back = reconnect();
  expect([await use(), await back]).toEqual(['slot-live', 'done']);
  await made.turn(1_000);
  expect(made.states).toBe('A live, B at-rest');
  const used = use();
  for (let turns = 0; turns < 3; turns++) await Promise.resolve(); // it has been decided, and is not on disk
  expect([await reconnect(), await used]).toEqual(['slot-in-use', 'done']);
});

test('a run is tried now, also while the rotation is disabled; to what is live it is refused', async () => {
  const made = await scene({ isEnabled: false });
  await made.turn(24 * HOUR);
  expect(made.shown.runs).toEqual([]);
  await made.rotations.runNow({ rotation: 'noon', slot: null });
  expect(await codeOf(made.rotations.runNow({ rotation: 'noon', slot: null }))).toBe('rotation-running');
  expect(await codeOf(made.rotations.delete('noon'))).toBe('rotation-running');
  await made.turn(1_000);
  expect(made.states).toBe('A at-rest, B live');
  expect(made.shown.runs).toMatchObject([{ outcome: 'done', dueAt: null }]);
  expect(await codeOf(made.rotations.runNow({ rotation: 'noon', slot: 'B' }))).toBe('slot-live');
  expect(await codeOf(made.rotations.use({ rotation: 'noon', slot: 'B', reason: '' }, 'eva'))).toBe('slot-live');
});

test('the next run is skipped on demand, and only that', async () => {
  const made = await scene();
  await made.rotations.skipNext('noon');
  expect(made.shown.next).toMatchObject({ action: 'skip', at: '2026-11-27T12:00:00.000Z' });
  await made.turn(6 * HOUR);
  expect(made.shown.runs).toMatchObject([{ outcome: 'skipped' }]);
  await made.turn(12 * HOUR);
  expect(made.shown.runs[0]).toMatchObject({ outcome: 'done', to: 'B' });
});

test('the rotation is shown in thought, from slot to slot', async () => {
  const made = await scene();
  const planned = made.rotations.preview({ rotation: 'noon', count: 3 });
  expect(planned.map(({ local, from, to, action }) => [local, from, to, action])).toEqual([
    ['2026-11-27 12:00', 'A', 'B', 'switch'],
    ['2026-11-28 00:00', 'B', 'A', 'switch'],
    ['2026-11-28 12:00', 'A', 'B', 'switch'],
  ]);
  expect(made.slots.orders).toEqual(['park 2']);
});

test('a slot that somebody reconnects by hand goes to rest again when it is level', async () => {
  const made = await scene();
  await made.slots.command(second, { kind: 'reconnect', mirror: null });
  await made.turn(1_000);
  expect(made.states).toBe('A live, B at-rest');
});

test('a slot whose connection has ended says so, and a switch to it fails', async () => {
  const made = await scene();
  made.slots.connections.delete(second);
  await made.turn(6 * HOUR);
  expect(made.shown.slots[1]).toMatchObject({
    state: 'failed',
    number: null,
    why: expect.stringContaining('has ended') as string,
  });
  expect(made.shown.runs[0]).toMatchObject({ outcome: 'failed' });
  expect(made.shown.slots[0]?.state).toBe('live');
});

test.each(['quick', 'safe'] as const)(
  'when the connection of the new slot ends while the old one leaves (%s), the old one goes on following',
  async (order) => {
    const made = await scene({ order });
    made.slots.stuck.add(first);
    await made.turn(6 * HOUR);
    const { park, transmission } = made.slots.get(first);
    expect(order === 'quick' ? park?.kind : transmission.kind).toBe(order === 'quick' ? 'leaving' : 'pausing');
    made.slots.connections.delete(second);
    made.slots.stuck.clear();
    await made.turn(1_000);
    expect(made.shown.runs[0]).toMatchObject({
      outcome: 'failed',
      why: 'The connection of “B” has ended. “A” goes on following the source.',
    });
    expect(made.shown.slots[0]?.state).toBe('live');
    expect(made.slots.get(first).transmission.kind).toBe('active');
  },
);

describe('what cannot be a slot', () => {
  const add = async (change: (made: Scene) => void, input: Partial<CallInput<'rotation.add-slot'>> = {}) => {
    const made = await scene();
    made.slots.add(third);
    change(made);
    const given = { rotation: 'noon', slot: 'C', connectionId: third, ...input };
    return made.rotations.addSlot(given).then(
      () => 'done',
      (error: unknown) => toReplicationError(error).message,
    );
  };

  test.each<[string, RegExp, (made: Scene) => void]>([
    ['another set', /sends “other”/, ({ slots }) => slots.change(third, { setName: 'other' })],
    ['other rules', /different rules/, ({ slots }) => void slots.rules.set(third, [])],
    [
      'a folder inside another slot',
      /share \/replicas\/1\/in/,
      ({ slots }) => slots.change(third, { roots: [{ from: '/srv', to: '/replicas/1/in' }] }),
    ],
    [
      'the folder of another slot',
      /share \/replicas\/2/,
      ({ slots }) => slots.change(third, { roots: [{ from: '/srv', to: '/replicas/2' }] }),
    ],
  ])('%s', async (_what, message, change) => {
    expect(await add(change)).toMatch(message);
  });

  test('a name or a connection that is a slot already, or no connection', async () => {
    expect(await add(() => undefined, { slot: 'a' })).toMatch(/a slot of that name/);
    expect(await add(() => undefined, { connectionId: first })).toMatch(/is a slot of “noon” already/);
    expect(await add(() => undefined, { connectionId: '00000000-0000-4000-8000-000000000009' })).toMatch(/unknown-connection/);
    expect(await add(() => undefined)).toBe('done');
    const sameFolderElsewhere = { roots: [{ from: '/srv', to: '/replicas/1' }], targetFingerprint: 'BB' };
    expect(await add(({ slots }) => slots.change(third, sameFolderElsewhere))).toBe('done');
  });
});

test('a schedule for a slot that there is not, and rotations of one name, are refused', async () => {
  const made = await scene();
  const entry = { slot: 'Z', timeZone: null, time: { kind: 'clock', at: '12:00', days: [] } } as const;
  expect(await codeOf(made.configure({ schedule: [entry] }))).toBe('unknown-slot');
  expect(await codeOf(made.rotations.create('Noon'))).toBe('rotation-exists');
  expect(() => made.rotations.preview({ rotation: 'none', count: 1 })).toThrow('unknown-rotation');
  await made.configure({ schedule: [{ ...entry, slot: 'b' }] });
  expect(made.shown.schedule[0]?.slot).toBe('B');
  expect(await codeOf(made.rotations.removeSlot({ rotation: 'noon', slot: 'B' }))).toBe('slot-refused');
});
