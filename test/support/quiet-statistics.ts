import type { ConnectionPlan, ConnectionStatistics, ConnectionVerify, QueueStatus } from '../../src-main/api/index.ts';

/** The counters of a connection over which nothing was sent yet. */
export const quietStatistics: ConnectionStatistics = {
  queuedOps: 0,
  queuedBytes: 0,
  queuedDiskOps: 0,
  queuedDiskBytes: 0,
  inFlightOps: 0,
  inFlightBytes: 0,
  targetQueueOps: 0,
  targetQueueBytes: 0,
  appliedOps: 0,
  appliedBytes: 0,
  sentBytes: 0,
  sentOps: 0,
  sentMirrorBytes: 0,
  sentReplicationBytes: 0,
  plainBytes: 0,
  wireBytes: 0,
  bytesPerSec: 0,
  sentSequence: 0,
  receivedSequence: 0,
  appliedSequence: 0,
  latencyMs: null,
  lastPath: null,
};

/** Of a connection that was never verified. */
export const neverVerified: ConnectionVerify = { run: null, last: null, nextAt: null };

/** Of a connection for which nothing was planned. */
export const neverPlanned: ConnectionPlan = { run: null, last: null, question: null };

/** A queue in which nothing waits. */
export const emptyQueue: QueueStatus = {
  memoryBytes: 0,
  diskBytes: 0,
  roomBytes: 1e9,
  percent: 0,
  bytesPerSec: 0,
  fullInMs: null,
};
