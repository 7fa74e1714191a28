import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../../base/index.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';
import type { SourceWorkerData } from './source-protocol.ts';

/** Starts the thread of one connection. */
export function startSourceWorker(workerData: SourceWorkerData): Worker {
  return new Worker(workerEntry('source-worker'), {
    workerData,
    transferList: [workerData.capturePort],
    resourceLimits: WORKER_LIMITS,
    name: `source ${workerData.spec.setName}`,
  });
}
