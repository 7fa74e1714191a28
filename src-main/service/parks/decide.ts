import type { ConnectionSnapshot } from '../../api/index.ts';
import { formatDuration } from '../../base/index.ts';
import { ON_TIME_MS } from '../rotations/due.ts';
import type { Times } from '../rotations/times.ts';

/** The owner of what the clock parked. It brings back nothing else: whoever parks a connection has a reason. */
export const BY_SCHEDULE = 'the schedule';

export type Decision =
  | { readonly kind: 'none' }
  | { readonly kind: 'reconnect'; readonly dueMs: number }
  | { readonly kind: 'park'; readonly dueMs: number }
  /** It is parked by us already. `isForThis`: because of this very time, which a kill kept from being noted. */
  | { readonly kind: 'parked'; readonly dueMs: number; readonly isForThis: boolean }
  | { readonly kind: 'missed'; readonly dueMs: number; readonly why: string };

export interface ParkTimes {
  readonly park: Times | null;
  readonly reconnect: Times | null;
}

/**
 * What is to be done now. A reconnection that was missed is made up for, however late: without it the replica falls behind. A parking is not: at
 * another time nobody reads the replica, and the source would go without. `obstacle`: why it must not be parked now; null when nothing stands against it.
 */
export function decide(
  times: ParkTimes,
  { park }: Pick<ConnectionSnapshot, 'park'>,
  obstacle: string | null,
  { decidedMs, nowMs }: { readonly decidedMs: number; readonly nowMs: number },
): Decision {
  const isOurs = park?.owner === BY_SCHEDULE;
  const backMs = undecided(times.reconnect, decidedMs, nowMs);
  const dueMs = undecided(times.park, decidedMs, nowMs);
  const isForThis = isOurs && dueMs !== null && Date.parse(park.since) >= dueMs;
  // An earlier time to reconnect was of no parking of ours: without this one it was nothing that is owed.
  if (isForThis && dueMs > (backMs ?? -Infinity)) return { kind: 'parked', dueMs, isForThis };
  if (isOurs && backMs !== null) return { kind: 'reconnect', dueMs: backMs };
  if (dueMs === null) return { kind: 'none' };
  if (isOurs) return { kind: 'parked', dueMs, isForThis };
  const lateMs = nowMs - dueMs;
  if (lateMs <= ON_TIME_MS) return obstacle === null ? { kind: 'park', dueMs } : { kind: 'none' };
  const why = obstacle ?? `It was due ${formatDuration(lateMs)} ago, while nothing could run here.`;
  return { kind: 'missed', dueMs, why };
}

function undecided(times: Times | null, decidedMs: number, nowMs: number): number | null {
  const latest = times?.latest(nowMs) ?? null;
  return latest === null || latest.atMs <= decidedMs ? null : latest.atMs;
}
