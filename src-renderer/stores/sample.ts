import type { ConnectionSnapshot, StatisticsSample } from '../../src-main/api/index.ts';

/** What happened between two snapshots of one connection. Counters that went back (a restart) count from nothing. */
export function sampleBetween(
  before: ConnectionSnapshot,
  after: ConnectionSnapshot,
  beforeMs: number,
  afterMs: number,
): StatisticsSample {
  const seconds = Math.max(0.001, (afterMs - beforeMs) / 1000);
  const perSec = (from: number, to: number) => Math.round((to >= from ? to - from : to) / seconds);
  return {
    at: new Date(afterMs).toISOString(),
    sentBytesPerSec: perSec(before.statistics.sentBytes, after.statistics.sentBytes),
    appliedBytesPerSec: perSec(before.statistics.appliedBytes, after.statistics.appliedBytes),
    queuedBytes: after.statistics.queuedBytes + after.statistics.inFlightBytes,
    queuedOps: after.statistics.queuedOps + after.statistics.inFlightOps,
    targetQueueBytes: after.statistics.targetQueueBytes,
  };
}
