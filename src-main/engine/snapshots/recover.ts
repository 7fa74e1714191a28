import { finishRevert } from './revert.ts';
import type { SnapshotRecord } from './record.ts';
import { refuseAway, removeAll } from './remove.ts';
import type { SnapshotStore } from './snapshot-store.ts';

/**
 * Deletes a snapshot: out of the list at once, then its folders. Throws coded errors; what is left then goes with the next `tidySnapshots`. Where its
 * disk is away (`not-found`) nothing is done.
 */
export function deleteSnapshot(record: SnapshotRecord, store: SnapshotStore): void {
  refuseAway(record);
  const going: SnapshotRecord = { ...record, state: 'going' };
  store.put(going);
  removeAll(going, store);
}

/** Reverts that were cut off among these: their replica is not to be opened before they are finished. Rejects with coded errors. */
export async function finishReverts(
  records: readonly SnapshotRecord[],
  store: SnapshotStore,
): Promise<readonly SnapshotRecord[]> {
  const cutOff = records.filter(({ state }) => state === 'swapping');
  const finished: SnapshotRecord[] = [];
  for (const record of cutOff) finished.push(await finishRevert(record, store));
  return finished;
}

/** Removes what a killed process left of snapshots that count for nothing. `isBusy`: somebody is at work on it. Returns what could not go. */
export function tidySnapshots(store: SnapshotStore, isBusy: (id: string) => boolean): readonly SnapshotRecord[] {
  return store.list(null).filter((record) => {
    if (record.state === 'ready' || record.state === 'swapping' || isBusy(record.id)) return false;
    try {
      removeAll(record, store);
      return false;
    } catch {
      return true; // its disk may be away; it is tried again at the next start
    }
  });
}
