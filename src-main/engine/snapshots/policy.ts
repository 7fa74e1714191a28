import type { SnapshotRecord } from './record.ts';

const DAY_MS = 86_400_000;

export interface SnapshotPolicy {
  /** So many of the newest stay. */
  readonly keep: number;
  /** Older ones go; null: age does not count. */
  readonly maxAgeDays: number | null;
}

/**
 * Which of the snapshots of one connection have expired: only what the schedule took, and never the newest that was taken of a good state, however
 * old it is.
 */
export function expiredSnapshots<S extends Pick<SnapshotRecord, 'id' | 'takenAt' | 'isScheduled' | 'isGood'>>(
  snapshots: readonly S[],
  { keep, maxAgeDays }: SnapshotPolicy,
  nowMs: number,
): readonly S[] {
  const newestFirst = [...snapshots].sort((a, b) => (a.takenAt < b.takenAt ? 1 : -1));
  const newestGood = newestFirst.find(({ isGood }) => isGood);
  const oldestMs = maxAgeDays === null ? -Infinity : nowMs - maxAgeDays * DAY_MS;
  return newestFirst
    .filter(({ isScheduled }) => isScheduled)
    .filter((one, i) => one !== newestGood && (i >= keep || Date.parse(one.takenAt) < oldestMs));
}
