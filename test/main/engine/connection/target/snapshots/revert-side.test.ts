import { expect, test } from 'vitest';
import { Completeness } from '../../../../../../src-main/engine/connection/target/completeness.ts';
import { NO_FIGURES } from '../../../../../../src-main/engine/connection/target/replica-view.ts';
import type { RunFigures } from '../../../../../../src-main/engine/connection/target/replica-run.ts';
import { RevertSide } from '../../../../../../src-main/engine/connection/target/snapshots/revert-side.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

const cut = { sequence: 10, at: new Date(0).toISOString(), label: 'point-in-time' } as const;
const standing: RunFigures = { ...NO_FIGURES, receivedSequence: 10, appliedSequence: 10, isHeld: true, cut };

/** A replica that is held at its cut, with its link; `closed`: what it is when it has been closed. */
function over(closed: Partial<RunFigures> = {}) {
  const folder = tempFolder();
  const completeness = new Completeness(`${folder}/completeness.json`);
  completeness.told(true, 5);
  const side = new RevertSide({
    setName: 'files',
    folder,
    completeness,
    figures: () => standing,
    lastFigures: () => ({ ...standing, ...closed }),
    isLinked: () => true,
    isHoldOrdered: () => true,
    close: () => Promise.resolve(),
  });
  return { side, completeness };
}

test('changes that came into the queue while it was closed are not applied to what it is set back to: it is its own again', async () => {
  const { side } = over({ receivedSequence: 12, queuedOps: 2 });
  side.check();
  const lending = side.lend();
  const { lent } = side;
  await expect(lending).rejects.toMatchObject({ code: 'revert-refused', details: { why: 'queued', count: 2 } });
  expect(side.lent).toBeNull();
  await lent; // who waits for it goes on
});

test.each([
  ['complete, at the end of a group', {}, true],
  ['one that failed to apply something', { failedPlaces: 1 }, false],
  ['one between two cuts', { appliedSequence: 11, receivedSequence: 11 }, false],
] as const)('what a revert takes away is good where it was %s', async (_what, closed, isGood) => {
  const { side } = over(closed);
  const giveBack = await side.lend();
  expect(side.isGood).toBe(isGood);
  giveBack();
});

test('a replica that is held may not be read while it is set back', async () => {
  const { side } = over();
  expect(side.shown(standing)).toEqual(standing);
  const giveBack = await side.lend();
  expect(side.shown(standing)).toMatchObject({ isHeld: false, label: 'file-level', appliedSequence: 10 });
  giveBack();
  expect(side.shown(standing).isHeld).toBe(true);
});

test('what a revert takes away is not good once it has been set back itself', async () => {
  const { side, completeness } = over();
  completeness.reverting('r', 's');
  await side.lend();
  expect(side.isGood).toBe(false);
});
