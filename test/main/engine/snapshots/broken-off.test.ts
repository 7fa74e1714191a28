import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ReplicationError } from '../../../../src-main/base/index.ts';
import {
  deleteSnapshot,
  finishReverts,
  revertTo,
  SnapshotStore,
  takeSnapshot,
  tidySnapshots,
} from '../../../../src-main/engine/snapshots/index.ts';
import { snapshotDraft } from '../../../support/snapshot-draft.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const onEntry = (): void => undefined;

// Nothing is at the roots when they are taken, so that any file system will do.

test('one that is ended while its last entry is taken does not become one', async () => {
  const folder = tempFolder();
  const store = new SnapshotStore(`${folder}/list`);
  const hooks = {
    store,
    onTaken: () => expect.fail('it is a mixture'),
    onEntry: () => {
      throw new ReplicationError('snapshot-refused', { why: 'ended' });
    },
  };
  await expect(takeSnapshot(snapshotDraft(`${folder}/root`), hooks)).rejects.toMatchObject({ code: 'snapshot-refused' });
  expect(store.list(null)).toEqual([]);
});

test('a revert that may be on disk when the disk breaks is finished and not undone in part', async () => {
  const folder = tempFolder();
  const root = `${folder}/root`;
  let isBroken = false;
  class Breaking extends SnapshotStore {
    override put(record: Parameters<SnapshotStore['put']>[0]): void {
      if (isBroken) throw new ReplicationError('io-error');
      super.put(record);
      isBroken = record.state === 'swapping';
      if (isBroken) throw new ReplicationError('io-error');
    }
  }
  const store = new Breaking(`${folder}/list`);
  const empty = await takeSnapshot(snapshotDraft(root), { store, onEntry, onTaken: onEntry });
  mkdirSync(root);
  writeFileSync(`${root}/f`, 'later');
  const hooks = { store, onEntry, onBuilt: () => Promise.resolve() };
  await expect(revertTo(empty, snapshotDraft(root), hooks)).rejects.toMatchObject({ code: 'io-error' });
  expect(existsSync(`${root}/f`)).toBe(true);
  const after = new SnapshotStore(`${folder}/list`);
  const [kept] = await finishReverts(after.list(null), after);
  expect([existsSync(root), existsSync(`${kept?.roots[0]?.place ?? ''}/f`)]).toEqual([false, true]);
});

test('what lies on a disk that is away is not forgotten: it is neither deleted nor tidied away before the disk is back', async () => {
  const folder = tempFolder();
  const store = new SnapshotStore(`${folder}/list`);
  const hooks = { store, onEntry, onTaken: onEntry };
  const kept = await takeSnapshot(snapshotDraft(`${folder}/disk/root`), hooks);
  const cutOff = await takeSnapshot(snapshotDraft(`${folder}/disk/root`), hooks);
  store.put({ ...cutOff, state: 'making' });
  const [stage, elsewhere] = [`${folder}/disk/.understudy-stage`, `${folder}/elsewhere`];
  renameSync(stage, elsewhere);
  expect(() => deleteSnapshot(kept, store)).toThrow(expect.objectContaining({ code: 'not-found' }) as Error);
  expect(tidySnapshots(store, () => false).map(({ id }) => id)).toEqual([cutOff.id]);
  expect(store.ready('c', kept.id)).toEqual(kept);
  renameSync(elsewhere, stage);
  expect(tidySnapshots(store, () => false)).toEqual([]);
  deleteSnapshot(kept, store);
  expect([store.list(null), existsSync(stage)]).toEqual([[], false]);
});
