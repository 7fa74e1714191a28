import { Worker } from 'node:worker_threads';
import type { SetRule } from '../../api/index.ts';
import { ReplicationError, workerEntry } from '../../base/index.ts';
import type { Volume } from './replicator-api.ts';
import type { Sums } from './sum-entries.ts';
import { WORKER_LIMITS } from './workers/worker-limits.ts';
import type { CalculateOutput, ToCalculator } from './workers/calculate-worker.ts';

interface Task {
  readonly order: Extract<ToCalculator, { kind: 'sum' }>;
  readonly settle: (output: CalculateOutput) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sums what rules select, in a thread that takes one set after the other: when twenty mirrors begin at once, the start of twenty threads
 * would cost more than the sums. It is there from the first order to the last.
 */
export class Calculator {
  readonly #waiting: Task[] = [];
  #running: Task | null = null;
  #worker: Worker | null = null;

  /** Rejects with the walk's coded error, or when `signal` aborts; the walk then ends soon after. */
  async sum(rules: readonly SetRule[], volumes: readonly Volume[], signal: AbortSignal): Promise<Sums> {
    const { promise, resolve, reject } = Promise.withResolvers<Sums>();
    const ended = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const task: Task = {
      order: { kind: 'sum', rules, volumes, ended },
      settle: (output) => {
        if (output.kind === 'done') resolve(output.sums);
        else reject(new ReplicationError(output.code, output.details));
      },
      reject,
    };
    const abort = (): void => {
      Atomics.store(new Int32Array(ended), 0, 1);
      const at = this.#waiting.indexOf(task);
      if (at >= 0) this.#waiting.splice(at, 1);
      reject(new ReplicationError('timeout', { text: 'the calculation was ended' }));
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#waiting.push(task);
    this.#next();
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #next(): void {
    if (this.#running !== null) return;
    const task = this.#waiting.shift();
    if (task === undefined) {
      this.#worker?.postMessage({ kind: 'end' } satisfies ToCalculator);
      this.#worker = null;
      return;
    }
    this.#running = task;
    this.#worker ??= this.#start();
    this.#worker.postMessage(task.order);
  }

  #start(): Worker {
    const worker = new Worker(workerEntry('calculate-worker'), { resourceLimits: WORKER_LIMITS, name: 'calculate' });
    const done = (): Task | null => {
      const task = this.#running;
      this.#running = null;
      return task;
    };
    worker.on('message', (output: CalculateOutput) => {
      done()?.settle(output);
      this.#next();
    });
    worker.on('error', (error: Error) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      done()?.reject(error);
      this.#next();
    });
    return worker;
  }
}
