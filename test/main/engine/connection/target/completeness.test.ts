import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Completeness } from '../../../../../src-main/engine/connection/target/completeness.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

test('a replica is complete from where its source said so, and stays it up to where the next mirror begins', () => {
  const file = `${tempFolder()}/target/completeness.json`;
  const told = new Completeness(file);
  expect([told.isCompleteAt(0), told.willBeComplete]).toEqual([false, false]);
  told.told(true, 10);
  expect([9, 10, 99].map((applied) => told.isCompleteAt(applied))).toEqual([false, true, true]);
  expect(told.willBeComplete).toBe(true);
  told.told(true, 50);
  expect(told.isCompleteAt(10)).toBe(true);
  told.told(false, 60);
  told.told(false, 70);
  // Also for the next service on this folder.
  for (const one of [told, new Completeness(file)]) {
    expect([10, 60, 61].map((applied) => one.isCompleteAt(applied))).toEqual([true, true, false]);
    expect(one.willBeComplete).toBe(false);
  }
  told.told(true, 80);
  expect([60, 79, 80].map((applied) => told.isCompleteAt(applied))).toEqual([false, false, true]);
});

test('one that is set back is complete again only when its source says so anew; the number of the revert stays', () => {
  const file = `${tempFolder()}/completeness.json`;
  const told = new Completeness(file);
  told.told(true, 10);
  told.reverting('r1', 's1');
  const after = new Completeness(file);
  expect([after.isCompleteAt(10), after.isCompleteAt(99), after.revertId]).toEqual([false, false, 'r1']);
  expect(after.reverted).toMatchObject({ snapshotId: 's1' });
  after.told(false, 10);
  expect(after.reverted).not.toBeNull();
  after.told(true, 20);
  expect([after.isCompleteAt(20), after.reverted, after.revertId]).toEqual([true, null, 'r1']);
});

test('a damaged file counts as incomplete', () => {
  const file = `${tempFolder()}/completeness.json`;
  writeFileSync(file, '{"version":1,"fr');
  expect(new Completeness(file).isCompleteAt(5)).toBe(false);
});
