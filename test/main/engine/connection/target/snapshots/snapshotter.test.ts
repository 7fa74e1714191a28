import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Completeness } from '../../../../../../src-main/engine/connection/target/completeness.ts';
import { NO_FIGURES } from '../../../../../../src-main/engine/connection/target/replica-view.ts';
import { Snapshotter, type SnapshotRun } from '../../../../../../src-main/engine/connection/target/snapshots/snapshotter.ts';
import { eventually } from '../../../../../support/eventually.ts';
import { replicaSpec } from '../../../../../support/target-fixture.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const order = { kind: 'take', takenBy: 'eva', name: '', isScheduled: false, isFileLevelEnough: false } as const;

interface State {
  standstill: SnapshotRun['standstill'];
  cut: number;
  label: 'point-in-time' | 'file-level';
  applied: number;
  failedPlaces: number;
}

/** A snapshotter over a replica whose state the test says. */
function over(change: Partial<State>) {
  const folder = tempFolder();
  const state: State = { standstill: 'rest', cut: 10, label: 'point-in-time', applied: 10, failedPlaces: 0, ...change };
  const frozen: boolean[] = [];
  const completeness = new Completeness(`${folder}/completeness.json`);
  completeness.told(true, 5);
  const run = (): SnapshotRun => ({
    standstill: state.standstill,
    figures: {
      ...NO_FIGURES,
      failedPlaces: state.failedPlaces,
      appliedSequence: state.applied,
      cut: { sequence: state.cut, at: '2026-11-22T11:00:00.000Z', label: state.label },
    },
    freeze: (isFrozen) => void frozen.push(isFrozen),
  });
  const wants: boolean[] = [];
  const snapshotter: Snapshotter = new Snapshotter({
    // Nothing is there to be kept, so that no volume is asked for.
    spec: replicaSpec({ keyPem: '', certificatePem: '', fingerprint: '' }, [{ from: '/a', to: `${folder}/nothing-here` }], 'c'),
    folder: `${folder}/list`,
    completeness,
    run,
    onWantsStand: () => void wants.push(snapshotter.wantsStand),
    onChanged: () => undefined,
  });
  return { folder, state, completeness, snapshotter, frozen, wants };
}

test.each([
  ['a mirror is lacking', { applied: 3, cut: 3 }, 'between'],
  ['it failed to apply something', { failedPlaces: 1 }, 'failed'],
  ['it is held between two cuts', { standstill: 'hold', applied: 12 }, 'between'],
  ['it is held at a cut that is no single moment', { standstill: 'hold', label: 'file-level' }, 'file-level'],
] as const)('none is taken of a replica of which %s', async (_what, change, why) => {
  const { snapshotter, folder, frozen } = over({ standstill: 'hold', ...change });
  await expect(snapshotter.take(order)).rejects.toMatchObject({ code: 'snapshot-refused', details: { why } });
  expect([readdirSync(folder), frozen, snapshotter.wantsStand]).toEqual([['completeness.json'], [], false]);
  expect(snapshotter.figures(10).run).toBeNull();
});

test('none is taken while a mirror runs, nor after a revert, and no cut is asked for', async () => {
  const { snapshotter, completeness, wants } = over({ applied: 20, cut: 20 });
  completeness.told(false, 15);
  await expect(snapshotter.take(order)).rejects.toMatchObject({ details: { why: 'incomplete' } });
  completeness.reverting('r', 's');
  await expect(snapshotter.take(order)).rejects.toMatchObject({ details: { why: 'reverted' } });
  expect(wants).toEqual([]);
});

test('the end of a mirror that the source knows of already is heard of first', async () => {
  const { snapshotter, completeness, wants } = over({});
  completeness.told(false, 8);
  const taking = snapshotter.take(order);
  await delay(100);
  completeness.told(true, 10);
  expect(await taking).toMatchObject({ isGood: true, appliedSequence: 10 });
  expect(wants).toEqual([]);
});

test('a replica that moves is brought to a cut, stands while it is taken, and then goes on', async () => {
  const { snapshotter, state, wants, frozen } = over({ standstill: null });
  const taking = snapshotter.take({ ...order, name: 'named' });
  await eventually('a cut is wanted', () => snapshotter.wantsStand);
  state.standstill = 'hold';
  const taken = await taking;
  expect(taken).toMatchObject({ name: 'named', isGood: true, appliedSequence: 10, state: 'ready', roots: [{ kind: 'none' }] });
  expect([wants, frozen]).toEqual([
    [true, false],
    [true, false],
  ]);
  expect(snapshotter.figures(10)).toMatchObject({ run: null, count: 1, newest: { id: taken.id } });
});

test('at rest at a cut of several moments a better one is asked for; with less being enough it is not', async () => {
  const { snapshotter, state, wants } = over({ label: 'file-level' });
  await snapshotter.take({ ...order, isFileLevelEnough: true });
  expect(wants).toEqual([]);
  const taking = snapshotter.take(order);
  await eventually('a cut is wanted', () => snapshotter.wantsStand);
  Object.assign(state, { standstill: 'hold', label: 'point-in-time' } satisfies Partial<State>);
  expect((await taking).cut).toMatchObject({ label: 'point-in-time' });
});

test('one that is waited for ends when the replica is closed for good', async () => {
  const { snapshotter } = over({ standstill: null });
  const taking = snapshotter.take(order).catch((error: unknown) => error);
  await eventually('a cut is wanted', () => snapshotter.wantsStand);
  await snapshotter.close();
  expect(await taking).toMatchObject({ code: 'snapshot-refused', details: { why: 'ended' } });
});
