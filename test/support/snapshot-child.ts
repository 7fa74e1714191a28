import { revertTo, SnapshotStore, takeSnapshot, type SnapshotDraft } from '../../src-main/engine/snapshots/index.ts';

/** What `snapshot-child.ts` does, as JSON in its first argument. It kills itself at the step of that name, as a power cut of its program would. */
export interface SnapshotChildJob {
  readonly folder: string;
  readonly draft: SnapshotDraft;
  /** The snapshot to set back to; null: one is taken. */
  readonly revertTo: string | null;
  readonly killAt: string;
}

const { folder, draft, revertTo: id, killAt } = JSON.parse(process.argv[2] ?? '') as SnapshotChildJob;
const store = new SnapshotStore(folder);
const step = (name: string): void => {
  if (name === killAt) process.kill(process.pid, 'SIGKILL');
};
const onEntry = (): void => undefined;
if (id === null) await takeSnapshot(draft, { store, step, onEntry, onTaken: onEntry });
else await revertTo(store.ready(draft.connectionId, id), draft, { store, step, onEntry, onBuilt: () => Promise.resolve() });
