import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../../base/index.ts';
import { expectRead } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';
import { BETWEEN, BUSY, ENDED, type ScoutData, type ScoutOrder, type ToScout } from './scout-protocol.ts';

/** A walk of fewer entries, looked at or read, is nearly over before a thread has started. */
const WORTH_A_THREAD = 8_000;
/** A folder of fewer entries is looked at before a message has arrived. */
const WORTH_A_MESSAGE = 32;
/** A thread that nobody asked anything for so long ends. */
const IDLE_MS = 10_000;
/** A call of the system on a disk that answers takes less. */
const STOP_MS = 1_000;

/** Goes before one walk: has the system fetch what they will look at and read. It changes nothing, and nobody waits for it. */
export interface Scout {
  /** The entries of a folder are about to be looked at. */
  look(folder: AbsolutePath, names: readonly string[]): void;
  /** The files are about to be read. */
  read(files: readonly AbsolutePath[]): void;
}

export interface Scouts {
  ofWalk(): Scout;
}

type ScoutWorker = Pick<Worker, 'postMessage' | 'on' | 'unref'>;

/**
 * Scouts in a thread of its own: what a disk or the kernel takes to find an inode is then spent beside the walk instead of in it. One thread serves all walks of
 * another, because a thread takes some 10 MB. Where it cannot be had, files are asked for in place.
 */
export class ScoutThread implements Scouts {
  readonly #newWorker: (data: ScoutData) => ScoutWorker;
  readonly #shared = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  #worker: ScoutWorker | null = null;
  #isOver = false;
  #lastMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    newWorker = (data: ScoutData): ScoutWorker =>
      new Worker(workerEntry('scout-worker'), { workerData: data, resourceLimits: WORKER_LIMITS, name: 'scout' }),
  ) {
    this.#newWorker = newWorker;
  }

  ofWalk(): Scout {
    let asked = 0;
    const isLarge = (more: number): boolean => (asked += more) >= WORTH_A_THREAD;
    return {
      look: (folder, names) => {
        if (!isLarge(names.length) || names.length < WORTH_A_MESSAGE) return;
        this.#hand({ prefix: folder.endsWith('/') ? folder : `${folder}/`, names: names.join(BETWEEN), isRead: false });
      },
      read: (files) => {
        if (isLarge(files.length) && this.#hand({ prefix: '', names: files.join(BETWEEN), isRead: true })) return;
        for (const file of files) expectRead(file);
      },
    };
  }

  /**
   * Nothing is done after this. Waits for a call of the system that the scout may be in: when the thread that it serves ends, it is ended by force, and that aborts the
   * whole process in the middle of a native call.
   */
  stop(): void {
    this.#isOver = true;
    Atomics.store(this.#shared, ENDED, 1);
    Atomics.wait(this.#shared, BUSY, 1, STOP_MS);
  }

  #hand(order: Pick<ScoutOrder, 'prefix' | 'names' | 'isRead'>): boolean {
    if (this.#isOver) return false;
    this.#lastMs = performance.now();
    try {
      this.#worker ??= this.#start();
    } catch {
      this.#isOver = true; // the system has no room for another thread
      return false;
    }
    this.#worker.postMessage({ ...order, atMs: Date.now() } satisfies ToScout);
    return true;
  }

  #start(): ScoutWorker {
    const worker = this.#newWorker({ shared: this.#shared.buffer });
    // Walks do without one that broke.
    worker.on('error', () => {
      this.#isOver = true;
      this.#forget();
    });
    worker.unref();
    this.#timer = setInterval(() => {
      if (performance.now() - this.#lastMs <= IDLE_MS) return;
      worker.postMessage('end' satisfies ToScout);
      this.#forget();
    }, IDLE_MS).unref();
    return worker;
  }

  #forget(): void {
    clearInterval(this.#timer);
    this.#worker = null;
  }
}
