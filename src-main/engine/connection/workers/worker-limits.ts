import type { ResourceLimits } from 'node:worker_threads';

/**
 * For all workers: they make and drop many small objects. Left alone, the part of the heap for young ones grows to 48 MB in each, and
 * costs no less time than a small one; the rest of the heap is not limited, because reaching a limit there ends the worker.
 */
export const WORKER_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 3 };
