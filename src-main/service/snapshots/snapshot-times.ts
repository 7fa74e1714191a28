import type { ReplicaSettingsChange, RotationEntry } from '../../api/index.ts';
import { Times } from '../rotations/times.ts';

/** The moments of a cron pattern in a time zone; null: this machine's. Throws `bad-input` for what is no time. */
export function snapshotTimes(at: string, timeZone: string | null): Times {
  const entry: RotationEntry = { time: { kind: 'cron', cron: at }, timeZone: null, slot: null };
  return new Times([entry], timeZone);
}

/** Throws `bad-input` when a change of settings brings what is no time. */
export function checkSnapshotTimes({ snapshots }: ReplicaSettingsChange): void {
  if (typeof snapshots?.at === 'string') snapshotTimes(snapshots.at, null);
}
