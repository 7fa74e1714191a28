import { parentPort, workerData } from 'node:worker_threads';
import { assertNever, invariant, rawName, ReplicationError, toReplicationError } from '../../../base/index.ts';
import { codedError } from '../../fs/index.ts';
import {
  deleteSnapshot,
  finishReverts,
  revertTo,
  SnapshotStore,
  takeSnapshot,
  tidySnapshots,
  type SnapshotRecord,
  type TreeCounts,
} from '../../snapshots/index.ts';
import type { BuiltAnswer, SnapshotReport, SnapshotWorkerData } from '../target/snapshots/snapshot-messages.ts';

const PROGRESS_MS = 250;

invariant(parentPort !== null, 'the snapshot worker runs as a worker');
const port = parentPort;
const { folder, job, ended } = workerData as SnapshotWorkerData;
const store = new SnapshotStore(folder);
const report = (message: SnapshotReport): void => port.postMessage(message);

let dueMs = performance.now() + PROGRESS_MS;
function onEntry({ files }: TreeCounts): void {
  if (Atomics.load(ended, 0) !== 0) throw new ReplicationError('snapshot-refused', { why: 'ended' });
  if (performance.now() < dueMs) return;
  dueMs = performance.now() + PROGRESS_MS;
  report({ kind: 'progress', files });
}

/** The owner says whether the new trees take their places. */
async function onBuilt(): Promise<void> {
  report({ kind: 'built' });
  const order = await new Promise<BuiltAnswer>((resolve) => port.once('message', resolve));
  if (order === 'drop') throw new ReplicationError('snapshot-refused', { why: 'ended' });
}

async function work(): Promise<SnapshotRecord | null> {
  switch (job.kind) {
    case 'take':
      return takeSnapshot(job.draft, { store, onEntry, onTaken: () => report({ kind: 'taken' }) });
    case 'revert':
      return revertTo(job.snapshot, job.draft, { store, onEntry, onBuilt });
    case 'delete':
      deleteSnapshot(job.record, store);
      return null;
    case 'tidy':
      // One whose disk is away is tried again before its replica is opened.
      await finishReverts(store.list(null), store).catch(() => undefined);
      report({ kind: 'taken' });
      tidySnapshots(store, () => false);
      return null;
    default:
      return assertNever(job);
  }
}

try {
  report({ kind: 'done', record: await work() });
} catch (error) {
  const { code, details } = toReplicationError(codedError(error, rawName(folder)));
  report({ kind: 'failed', code, details });
}
port.close();
