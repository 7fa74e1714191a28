import { Worker } from 'node:worker_threads';
import type { SetRule } from '../../api/index.ts';
import { ReplicationError, workerEntry } from '../../base/index.ts';
import type { Volume } from './replicator-api.ts';
import { WORKER_LIMITS } from './workers/worker-limits.ts';
import type { CalculateInput, CalculateOutput } from './workers/calculate-worker.ts';

/** Sums what the rules select, in a thread of its own. Rejects with the walk's coded error, or when `signal` aborts; the thread ends soon after. */
export function calculateSet(
  rules: readonly SetRule[],
  volumes: readonly Volume[],
  signal: AbortSignal,
): Promise<{ files: number; folders: number; bytes: number }> {
  return new Promise((resolve, reject) => {
    const ended = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const worker = new Worker(workerEntry('calculate-worker'), {
      workerData: { rules, volumes, ended } satisfies CalculateInput,
      resourceLimits: WORKER_LIMITS,
      name: 'calculate',
    });
    const abort = () => {
      Atomics.store(new Int32Array(ended), 0, 1);
      reject(new ReplicationError('timeout', { text: 'the calculation was ended' }));
    };
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (output: CalculateOutput) => {
      if (output.kind === 'done') resolve({ files: output.files, folders: output.folders, bytes: output.bytes });
      if (output.kind === 'failed') reject(new ReplicationError(output.code, output.details));
    });
    worker.on('error', reject);
    worker.on('exit', () => signal.removeEventListener('abort', abort));
  });
}
