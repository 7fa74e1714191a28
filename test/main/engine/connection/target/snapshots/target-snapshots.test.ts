import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ReplicaSlot } from '../../../../../../src-main/engine/connection/target/replica-slot.ts';
import { TargetSnapshots } from '../../../../../../src-main/engine/connection/target/snapshots/target-snapshots.ts';
import { SnapshotStore } from '../../../../../../src-main/engine/snapshots/index.ts';
import { snapshotDraft } from '../../../../../support/snapshot-draft.ts';
import { tempFolder } from '../../../../../support/temp-folder.ts';

/** Snapshots of a time when nothing was at the root, so that any file system will do: to set back is to take away what is there. */
function target() {
  const folder = tempFolder();
  const store = new SnapshotStore(`${folder}/list`);
  const slots: ReplicaSlot[] = [];
  const root = (name: string) => `${folder}/${name}`;
  const empty = (connectionId: string, name: string) => {
    const { id, roots, ...draft } = snapshotDraft(root(name), connectionId);
    const placed = roots.map((one) => ({ ...one, place: `${folder}/never-made`, kind: 'none' as const }));
    store.put({ version: 1, id, ...draft, state: 'ready', roots: placed, files: 0, bytes: 0, leftOut: 0 });
    return { kind: 'revert', id, takenBy: 'eva' } as const;
  };
  const fill = (name: string) => {
    mkdirSync(root(name));
    writeFileSync(`${root(name)}/f`, name);
  };
  /** An admitted replica that can be lent. */
  const admit = (connectionId: string, name: string, lend: () => Promise<() => void> = () => Promise.resolve(() => undefined)) =>
    slots.push({
      spec: { connectionId },
      places: [root(name)],
      reverts: { check: () => undefined, lend, reverting: () => undefined, isGood: true },
      snapshots: { running: () => undefined },
      snapshot: () => ({ cut: null, appliedSequence: 7 }),
    } as unknown as ReplicaSlot); // the rest is not asked
  const snapshots = new TargetSnapshots({ folder: `${folder}/list`, slots: () => slots });
  const held = (name: string) => readdirSync(folder).includes(name);
  return { snapshots, empty, fill, admit, root, held, folder };
}

test('places are set back once at a time, also for connections that have ended, and replicas elsewhere open meanwhile', async () => {
  const { snapshots, empty, fill, root, held } = target();
  fill('a');
  const [one, other] = [empty('one', 'a'), empty('other', 'a')];
  const reverting = snapshots.obey('one', one);
  await expect(snapshots.obey('other', other)).rejects.toMatchObject({ code: 'snapshot-running' });
  expect(snapshots.beforeOpen([root('b')])).toBeNull();
  expect(snapshots.beforeOpen([`${root('a')}/in`])).not.toBeNull();
  const kept = await reverting;
  expect(held('a')).toBe(false);
  expect(readFileSync(`${kept?.roots[0]?.place ?? ''}/f`, 'utf8')).toBe('a');
  expect(snapshots.beforeOpen([root('a')])).toBeNull();
});

test('when one of the replicas there cannot be set back now, the others are given back, and it can be tried again', async () => {
  const { snapshots, empty, fill, admit, held } = target();
  fill('a');
  let given = 0;
  const giveBack = () => {
    given++;
  };
  admit('one', 'a', () => Promise.resolve(giveBack));
  let isRefused = true;
  admit('two', 'a/in', () => (isRefused ? Promise.reject(new Error('changes came')) : Promise.resolve(giveBack)));
  const order = empty('one', 'a');
  await expect(snapshots.obey('one', order)).rejects.toThrow('changes came');
  expect([given, held('a')]).toEqual([1, true]);
  isRefused = false;
  await snapshots.obey('one', order);
  expect([given, held('a')]).toEqual([3, false]);
});

test('what is taken away is called good only where its own connection says so', async () => {
  const { snapshots, empty, fill, admit } = target();
  for (const name of ['a', 'b']) fill(name);
  admit('one', 'a');
  expect(await snapshots.obey('one', empty('one', 'a'))).toMatchObject({ isGood: true, appliedSequence: 7 });
  admit('another', 'b');
  expect(await snapshots.obey('ended', empty('ended', 'b'))).toMatchObject({ isGood: false, appliedSequence: 0 });
});
