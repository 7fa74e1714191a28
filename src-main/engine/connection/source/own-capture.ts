import { Worker, type MessagePort } from 'node:worker_threads';
import { endWorker, workerEntry } from '../../../base/index.ts';
import { freeWriters } from '../../capture/index.ts';
import type { CaptureWorkerData } from '../workers/capture-worker.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';
import type { CaptureTask } from './shared-capture.ts';

/** Longer than a capture ever blocks in the kernel, unless a volume hangs. */
const END_MS = 1_000;

/** Starts a thread that follows one set and tells of it by `port`; returns how to end it. `onBroke`: a bug ended it. */
export function startOwnCapture(task: CaptureTask, port: MessagePort, onBroke: (error: Error) => void): () => Promise<void> {
  const answersFd = new SharedArrayBuffer(4);
  const { setName, ...rest } = task;
  const worker = new Worker(workerEntry('capture-worker'), {
    workerData: { ...rest, answersFd, port } satisfies CaptureWorkerData,
    transferList: [port],
    resourceLimits: WORKER_LIMITS,
    name: `capture ${setName}`,
  });
  let isOver = false;
  worker.once('exit', () => {
    isOver = true;
    const left = Atomics.exchange(new Int32Array(answersFd), 0, 0);
    if (left > 0) freeWriters(left - 1);
  });
  worker.on('error', onBroke);
  return async () => {
    if (!isOver) await endWorker(worker, { kind: 'stop' }, END_MS);
  };
}
