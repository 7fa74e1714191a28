/**
 * Ordered ops on either end. A source's queue holds what changed until it is looked at: in memory, then on disk. A target's queue holds what was received until it is applied and flushed: checksummed segment files whose torn
 * tail is cut at opening, and a counter that a kill of the process leaves exact to one op.
 */
export { CutFile, NO_CUT, type CutRecord } from './cut-file.ts';
export type { QueueRecord } from './segment.ts';
export type { QueueItem } from './source-item.ts';
export { SourceQueue, type QueueLoss, type SourceQueueLimits } from './source-queue.ts';
export { SpillLog, type SpillLimits } from './spill-log.ts';
export { TargetQueue, type TargetQueueOptions } from './target-queue.ts';
