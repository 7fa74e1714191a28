import { parentPort, workerData } from 'node:worker_threads';
import type { SetRule } from '../../../api/index.ts';
import { ReplicationError, toReplicationError, type ErrorCode, type ErrorDetails } from '../../../base/index.ts';
import { compileRules, type VolumeTable } from '../../model/index.ts';
import { sumEntries, type Sums } from '../sum-entries.ts';

/** What this thread is started with. */
export interface CalculateInput {
  readonly rules: readonly SetRule[];
  readonly volumes: VolumeTable;
  /** One number: not 0 when nobody waits for the sums any more; the thread ends then. */
  readonly ended: SharedArrayBuffer;
}

/** What it posts: progress now and then, then exactly one of the others. */
export type CalculateOutput =
  | ({ readonly kind: 'progress' | 'done' } & Sums)
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };

const PROGRESS_MS = 250;

function run({ rules, volumes, ended }: CalculateInput): CalculateOutput {
  const isEnded = new Int32Array(ended);
  let dueMs = performance.now() + PROGRESS_MS;
  try {
    const sums = sumEntries(compileRules(rules, volumes), (soFar) => {
      if (Atomics.load(isEnded, 0) !== 0) throw new ReplicationError('timeout', { text: 'the calculation was ended' });
      if (performance.now() < dueMs) return;
      dueMs = performance.now() + PROGRESS_MS;
      post({ kind: 'progress', ...soFar });
    });
    return { kind: 'done', ...sums };
  } catch (error) {
    const { code, details } = toReplicationError(error);
    return { kind: 'failed', code, details };
  }
}

function post(output: CalculateOutput): void {
  parentPort?.postMessage(output);
}

post(run(workerData as CalculateInput));
