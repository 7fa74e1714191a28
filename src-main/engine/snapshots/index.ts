/**
 * Snapshots of replicas on the target's own volume, where its file system has them: what they are, where they lie, how they are taken, reverted to
 * and removed, and what a killed process left of them. Knows nothing of connections: whoever calls makes sure that the replica stands still.
 */
export { expiredSnapshots, type SnapshotPolicy } from './policy.ts';
export type { SnapshotRecord, SnapshotRoot } from './record.ts';
export { deleteSnapshot, finishReverts, tidySnapshots } from './recover.ts';
export { revertTo, type RevertHooks } from './revert.ts';
export { SnapshotStore } from './snapshot-store.ts';
export { takeSnapshot, type SnapshotDraft, type TakeHooks } from './take.ts';
export type { TreeCounts } from './clone-tree.ts';
