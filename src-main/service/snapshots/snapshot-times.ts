import type { ReplicaSettingsChange } from '../../api/index.ts';
import { checkCron } from '../rotations/times.ts';

/** Throws `bad-input` when a change of settings brings what is no time. */
export function checkSnapshotTimes({ snapshots }: ReplicaSettingsChange): void {
  if (typeof snapshots?.at === 'string') checkCron(snapshots.at);
}
