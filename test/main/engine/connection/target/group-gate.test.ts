import { expect, test } from 'vitest';
import { GroupGate } from '../../../../../src-main/engine/connection/target/group-gate.ts';
import { CutFile } from '../../../../../src-main/engine/queue/index.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** The gate of a service that starts on this file, after a kill of the one before. */
function opened(file: string, appliedSequence: number, isHoldOrdered: boolean) {
  const cuts = CutFile.open(file);
  const beganInside = cuts.record.openSequence > 0;
  return new GroupGate({ cuts, beganInside, appliedSequence, isHoldOrdered, applied: () => appliedSequence, hasQuestions: () => false, onHeld: () => undefined }); // prettier-ignore
}

test('a stand that a kill ended does not make a later hold take effect in the middle of a group', () => {
  const file = `${tempFolder()}/cut`;
  const standing = opened(file, 5, false);
  standing.order(true, true); // for a snapshot: nothing of it is stored
  expect([standing.mayApply(), standing.isHeld]).toEqual([false, true]);
  const follows = opened(file, 5, false);
  follows.passed({ kind: 'group-begin', sequence: 6 });
  follows.order(true, true);
  expect([follows.mayApply(), follows.isHeld]).toEqual([true, false]);
  const again = opened(file, 6, true);
  expect([again.mayApply(), again.isHeld]).toEqual([true, false]);
});
