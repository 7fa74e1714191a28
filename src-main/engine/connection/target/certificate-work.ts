import { Worker } from 'node:worker_threads';
import type { CertificateRun, CertificateSummary } from '../../../api/index.ts';
import { ReplicationError, workerEntry } from '../../../base/index.ts';
import type { ManifestTotals } from '../../backup/index.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';
import type { CertificateOrder, CertificateReport, CertificateWorkerData } from './certificate-messages.ts';

/** Why a certificate is not made to its end. */
export type EndReason = 'moved' | 'stopped';

/** One certificate under way, in a thread of its own. */
export class CertificateWork {
  readonly #head: CertificateWorkerData['head'];
  readonly #ended = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #onProgress: () => void;
  readonly #worker: Worker;
  #totals: Pick<ManifestTotals, 'files' | 'bytes' | 'readFiles' | 'readBytes'> = {
    files: 0,
    bytes: 0,
    readFiles: 0,
    readBytes: 0,
  };
  #why: EndReason | null = null;
  /** Resolves with the certificate, or why it was ended; rejects with coded errors. The thread is over then. */
  readonly result: Promise<CertificateSummary | EndReason>;

  constructor(data: Omit<CertificateWorkerData, 'ended'>, onProgress: () => void) {
    this.#head = data.head;
    this.#onProgress = onProgress;
    this.#worker = new Worker(workerEntry('certificate-worker'), {
      workerData: { ...data, ended: this.#ended } satisfies CertificateWorkerData,
      resourceLimits: WORKER_LIMITS,
      name: 'certificate',
    });
    this.result = this.#follow();
  }

  get run(): CertificateRun {
    const { startedAt, startedBy } = this.#head;
    const { files, bytes, readFiles, readBytes } = this.#totals;
    return { startedAt, startedBy, files, bytes, readFiles, readBytes };
  }

  /** It is not wanted any more; the first reason counts. One that is being signed is finished all the same. */
  end(why: EndReason): void {
    this.#why ??= why;
    Atomics.store(this.#ended, 0, 1);
  }

  #follow(): Promise<CertificateSummary | EndReason> {
    return new Promise((resolve, reject) => {
      let last: CertificateReport | null = null;
      let crash: Error | null = null;
      this.#worker.on('message', (report: CertificateReport) => {
        if (report.kind === 'progress') {
          this.#totals = report.totals;
          this.#onProgress();
        } else if (report.kind === 'read') {
          // From here on what moves is not in it.
          this.#worker.postMessage((this.#why === null ? 'sign' : 'drop') satisfies CertificateOrder);
        } else last = report;
      });
      this.#worker.on('error', (error: Error) => (crash = error));
      this.#worker.on('exit', () => {
        if (last?.kind === 'done') resolve(last.summary);
        else if (last?.kind === 'failed') reject(new ReplicationError(last.code, last.details));
        else if (this.#why !== null) resolve(this.#why);
        else
          reject(
            new ReplicationError('internal', { text: crash?.message ?? 'the thread of a certificate ended' }, { cause: crash }),
          );
      });
    });
  }
}
