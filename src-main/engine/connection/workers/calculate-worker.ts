import { parentPort } from 'node:worker_threads';
import type { SetRule } from '../../../api/index.ts';
import { invariant, ReplicationError, toReplicationError, type ErrorCode, type ErrorDetails } from '../../../base/index.ts';
import { compileRules, type VolumeTable } from '../../model/index.ts';
import { sumEntries, type Sums } from '../sum-entries.ts';

/** Main thread → calculator. Each `sum` is answered once, in order; after `end` the thread ends. */
export type ToCalculator =
  | {
      readonly kind: 'sum';
      readonly rules: readonly SetRule[];
      readonly volumes: VolumeTable;
      /** One number: not 0 when nobody waits for the sums any more. */
      readonly ended: SharedArrayBuffer;
    }
  | { readonly kind: 'end' };

/** Calculator → main thread. */
export type CalculateOutput =
  | { readonly kind: 'done'; readonly sums: Sums }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };

invariant(parentPort !== null, 'the calculator runs as a worker');
const main = parentPort;

main.on('message', (message: ToCalculator) => {
  if (message.kind === 'end') main.close();
  else main.postMessage(sum(message));
});

function sum({ rules, volumes, ended }: Extract<ToCalculator, { kind: 'sum' }>): CalculateOutput {
  const isEnded = new Int32Array(ended);
  try {
    const sums = sumEntries(compileRules(rules, volumes), () => {
      if (Atomics.load(isEnded, 0) !== 0) throw new ReplicationError('timeout', { text: 'the calculation was ended' });
    });
    return { kind: 'done', sums };
  } catch (error) {
    const { code, details } = toReplicationError(error);
    return { kind: 'failed', code, details };
  }
}
