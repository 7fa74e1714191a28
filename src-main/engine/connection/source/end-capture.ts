import type { Worker } from 'node:worker_threads';

/** Longer than a capture ever blocks in the kernel. */
const END_MS = 1_000;

/**
 * Ends a capture worker by asking it: its inotify instance is a native descriptor that a terminated thread would leave open, and a
 * system has few of them (128 per user by default). A worker that does not answer is terminated all the same.
 */
export async function endCapture(worker: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.postMessage({ kind: 'stop' });
  const timer = setTimeout(() => void worker.terminate(), END_MS);
  await ended;
  clearTimeout(timer);
}
