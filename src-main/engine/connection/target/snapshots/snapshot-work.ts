import { Worker } from 'node:worker_threads';
import { ReplicationError, workerEntry } from '../../../../base/index.ts';
import type { SnapshotRecord } from '../../../snapshots/index.ts';
import { WORKER_LIMITS } from '../../workers/worker-limits.ts';
import type { SnapshotJob, BuiltAnswer, SnapshotReport, SnapshotWorkerData } from './snapshot-messages.ts';

export interface SnapshotWorkHooks {
  readonly onProgress?: (files: number) => void;
  /** The replica may go on; or the cut-off reverts are finished. Not called when it fails before. */
  readonly onTaken?: () => void;
  /** The new trees of a revert are there; what this throws gives it up. */
  readonly onBuilt?: () => void;
}

/** One job about snapshots, in a thread of its own. */
export class SnapshotWork {
  readonly #ended = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #hooks: SnapshotWorkHooks;
  readonly #worker: Worker;
  #refusal: unknown = null;
  #isTaken = false;
  /** Resolves with the snapshot that was made, null where none was to be; rejects with coded errors. The thread is over then. */
  readonly result: Promise<SnapshotRecord | null>;

  constructor(folder: string, job: SnapshotJob, hooks: SnapshotWorkHooks = {}) {
    this.#hooks = hooks;
    this.#worker = new Worker(workerEntry('snapshot-worker'), {
      workerData: { folder, job, ended: this.#ended } satisfies SnapshotWorkerData,
      resourceLimits: WORKER_LIMITS,
      name: 'snapshot',
    });
    this.result = this.#follow();
  }

  /** All of the replica is in it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** It is not wanted any more; what is past the point of no return is finished all the same. */
  end(): void {
    Atomics.store(this.#ended, 0, 1);
  }

  #follow(): Promise<SnapshotRecord | null> {
    return new Promise((resolve, reject) => {
      let last: SnapshotReport | null = null;
      let crash: Error | null = null;
      this.#worker.on('message', (report: SnapshotReport) => {
        if (report.kind === 'progress') this.#hooks.onProgress?.(report.files);
        else if (report.kind === 'built') this.#worker.postMessage(this.#answer());
        else if (report.kind === 'taken') {
          this.#isTaken = true;
          this.#hooks.onTaken?.();
        } else last = report;
      });
      this.#worker.on('error', (error: Error) => (crash = error));
      this.#worker.on('exit', () => {
        if (last?.kind === 'done') resolve(last.record);
        else if (this.#refusal instanceof Error) reject(this.#refusal);
        else if (last?.kind === 'failed') reject(new ReplicationError(last.code, last.details));
        else
          reject(
            new ReplicationError('internal', { text: crash?.message ?? 'the thread of a snapshot ended' }, { cause: crash }),
          );
      });
    });
  }

  #answer(): BuiltAnswer {
    try {
      this.#hooks.onBuilt?.();
      return 'swap';
    } catch (error) {
      this.#refusal = error;
      return 'drop';
    }
  }
}
