import { describe, expect, test } from 'vitest';
import type { CallName, RotationSnapshot } from '../../../../src-main/api/index.ts';
import { RotationDraft } from '../../../../src-renderer/features/rotations/rotation-draft.svelte.ts';
import { setsToRotate } from '../../../../src-renderer/features/rotations/sets-to-rotate.ts';
import { rotation, slot, snapshot } from '../../fake-link.ts';

const connections = [
  snapshot('1', { number: 1 }),
  snapshot('2', { number: 2 }),
  snapshot('3', { number: 3, park: { kind: 'leaving', owner: '', reason: '', since: '' } }),
  snapshot('4', { number: 4, setName: 'Mail' }),
];

function begin(known: RotationSnapshot | null = null, others: readonly RotationSnapshot[] = []): RotationDraft {
  const draft = new RotationDraft(known);
  draft.chooseSet('Documents', connections, [...others, ...(known === null ? [] : [known])]);
  return draft;
}

function nth<One>(list: readonly One[], at: number): One {
  const one = list[at];
  if (one === undefined) throw new Error(`there is no ${at}`);
  return one;
}

/** A service that answers each order of a form; `fail` names the call that is refused once. */
function service(fail: CallName | null = null) {
  const orders: string[] = [];
  let now = rotation('r');
  let refused = fail;
  const call = ((name: CallName, input: { slot?: string; connectionId?: string; settings?: object }) => {
    orders.push(`${name.replace('rotation.', '')} ${input.slot ?? ''}`.trim());
    if (name === refused) {
      refused = null;
      return Promise.reject(new Error('refused'));
    }
    if (name === 'rotation.add-slot')
      now = { ...now, slots: [...now.slots, slot(input.slot ?? '', { connectionId: input.connectionId ?? '' })] };
    if (name === 'rotation.configure') now = { ...now, ...input.settings };
    return Promise.resolve(now);
  }) as Parameters<RotationDraft['save']>[0];
  return { orders, call };
}

describe('a new rotation', () => {
  test('begins with the first two connections of the set, and asks for what is missing', () => {
    const draft = begin();
    expect(draft.slots.map(({ name, isChosen }) => `${name} ${isChosen}`)).toEqual(['A true', 'B true', 'C false']);
    expect(draft.slotsProblem([])).toBe('Name the rotation.');
    draft.name = 'noon';
    expect(draft.slotsProblem(['Noon'])).toBe('There is a rotation noon already.');
    expect(draft.slotsProblem([])).toBeNull();
    nth(draft.slots, 1).name = 'a';
    expect(draft.slotsProblem([])).toBe('Give each slot a name of its own.');
    nth(draft.slots, 1).isChosen = false;
    expect(draft.slotsProblem([])).toBe('Choose at least two connections.');
  });

  test('does not offer what is a slot elsewhere', () => {
    const other = rotation('other', { slots: [slot('X', { connectionId: '1' }), slot('Y', { connectionId: '2' })] });
    expect(begin(null, [other]).slots.map(({ connection }) => connection.number)).toEqual([3]);
    expect(setsToRotate(connections, [])).toEqual(['Documents']);
    expect(setsToRotate(connections, [other])).toEqual([]);
  });

  test('reckons with the first slot that is not parked as the live one', () => {
    const draft = begin();
    nth(draft.slots, 0).isChosen = false;
    nth(draft.slots, 2).isChosen = true;
    expect(draft.planned).toMatchObject({ slots: ['B', 'C'], live: 'B', order: 'safe' });
  });

  test('is made once, also when a step fails and the form is sent again', async () => {
    const draft = begin();
    const { orders, call } = service('rotation.configure');
    await expect(draft.save(call)).rejects.toThrow('refused');
    await draft.save(call);
    expect(orders).toEqual(['create', 'add-slot A', 'add-slot B', 'configure', 'configure']);
  });
});

describe('its times', () => {
  test.each([
    [{ kind: 'clock', at: '9:05' }, null],
    [{ kind: 'clock', at: '24:00' }, 'Type each time as hours and minutes, as 12:00.'],
    [{ kind: 'date', at: '12:00', date: '2026-13-01' }, 'Type each date as year, month and day, as 2026-12-24.'],
    [{ kind: 'date', at: '12:00', date: '2026-12-24' }, null],
    [{ kind: 'cron', cron: ' ' }, 'Type a cron expression, as 0 12 * * mon-fri.'],
    [{ kind: 'clock', slot: 'Z' }, 'There is no slot Z any more: choose another one for its time.'],
  ] as const)('%j is judged', (typed, problem) => {
    const draft = begin();
    Object.assign(nth(draft.times, 0), typed);
    expect(draft.timesProblem).toBe(problem);
  });

  test('a late start may run within a part of an hour, and not for ever', () => {
    const draft = begin();
    draft.withinHours = '0.5';
    expect([draft.orderProblem, draft.planned.missed]).toEqual([null, { policy: 'run-late', withinMinutes: 30 }]);
    for (const wrong of ['', 'soon', '0', '9000']) {
      draft.withinHours = wrong;
      expect(draft.orderProblem).toContain('Type within how many hours');
    }
    draft.policy = 'skip';
    expect(draft.orderProblem).toBeNull();
  });
});

describe('a rotation that is there', () => {
  const known = rotation('r', {
    slots: [slot('A', { connectionId: '1', state: 'at-rest' }), slot('B', { connectionId: '2' })],
    schedule: [{ slot: 'A', timeZone: 'UTC', time: { kind: 'clock', at: '12:00', days: ['mon'] } }],
    mirror: { kind: 'checksum', orphans: true },
    isEnabled: false,
  });

  test('is shown as it is, and left so by a form that nobody changed', async () => {
    const draft = begin(known);
    expect(draft.planned).toMatchObject({ slots: ['A', 'B'], live: 'B', schedule: known.schedule });
    const { orders, call } = service();
    expect(await draft.save(call)).toMatchObject({ schedule: known.schedule, mirror: known.mirror, isEnabled: false });
    expect(orders).toEqual(['configure']);
  });

  test('takes a slot in before its times name it, and lets one go after they no longer do', async () => {
    const draft = begin(known);
    nth(draft.slots, 0).isChosen = false;
    nth(draft.slots, 2).isChosen = true;
    expect(draft.timesProblem).toContain('There is no slot A any more');
    nth(draft.times, 0).slot = 'C';
    expect([draft.timesProblem, draft.slotNames]).toEqual([null, ['B', 'C']]);
    const { orders, call } = service();
    await draft.save(call);
    expect(orders).toEqual(['add-slot C', 'configure']);
    expect(draft.script.join(' ')).toContain('rotation clear r;');
  });
});
