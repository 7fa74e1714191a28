import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { ConnectionSettings, SetRule } from '../../../api/index.ts';
import { workerEntry } from '../../../base/index.ts';
import { mayShare, SyncRope } from '../../capture/index.ts';
import type { AbsolutePath, VolumeTable } from '../../model/index.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';
import { startOwnCapture } from './own-capture.ts';

/** What is to be followed for a connection. */
export interface CaptureTask {
  readonly setName: string;
  /** Absolute and raw; a notice's `root` is the index in here. */
  readonly roots: readonly AbsolutePath[];
  readonly rules: readonly SetRule[];
  readonly volumes: VolumeTable;
  readonly settings: ConnectionSettings['capture'];
  /** Where to make the pipe through which sync points are asked for. */
  readonly bell: AbsolutePath;
}

/** Main thread → shared capture. */
export type ToSharedCapture =
  | { readonly kind: 'follow'; readonly id: number; readonly task: CaptureTask; readonly port: MessagePort }
  | { readonly kind: 'end'; readonly id: number }
  | { readonly kind: 'stop' };

/** Shared capture → main thread: nothing comes for this connection any more. `declined`: its port, where another method must do. */
export interface FromSharedCapture {
  readonly kind: 'ended';
  readonly id: number;
  readonly declined: MessagePort | null;
}

/** A capture under way. */
export interface RunningCapture {
  /** Brings `FromCapture`. */
  readonly port: MessagePort;
  /** Resolves when it has ended, or does not answer. */
  readonly end: () => Promise<void>;
}

interface Member {
  readonly task: CaptureTask;
  readonly onBroke: (error: Error) => void;
  readonly ended: PromiseWithResolvers<void>;
  isEnding: boolean;
  /** Ends the thread of its own that it got instead. */
  endOwn: (() => Promise<void>) | null;
}

/** Longer than the thread ever blocks in the kernel. */
const END_MS = 2_000;

/**
 * The captures of all connections of this service. What follows whole file systems is one thread for all: the kernel, and the thread,
 * see each change once, however many connections there are. It is there while somebody needs it. What cannot be shared has a thread of its own.
 */
export class SharedCapture {
  readonly #members = new Map<number, Member>();
  #worker: Worker | null = null;
  /** What the thread will be told when it is started. */
  #untold: { readonly message: ToSharedCapture; readonly transfer: readonly MessagePort[] }[] = [];
  #nextId = 1;

  /** `onBroke`: a bug ended the capture. */
  start(task: CaptureTask, onBroke: (error: Error) => void): RunningCapture {
    const { port1, port2 } = new MessageChannel();
    if (!mayShare(task.settings)) return { port: port1, end: startOwnCapture(task, port2, onBroke) };
    const id = this.#nextId++;
    const member: Member = { task, onBroke, ended: Promise.withResolvers(), isEnding: false, endOwn: null };
    this.#members.set(id, member);
    this.#tell({ kind: 'follow', id, task, port: port2 }, [port2]);
    return { port: port1, end: () => this.#end(id, member) };
  }

  async #end(id: number, member: Member): Promise<void> {
    member.isEnding = true;
    if (this.#members.has(id)) {
      this.#tell({ kind: 'end', id });
      const timer = setTimeout(member.ended.resolve, END_MS);
      await member.ended.promise;
      clearTimeout(timer);
    }
    await member.endOwn?.();
  }

  #tell(message: ToSharedCapture, transfer: readonly MessagePort[] = []): void {
    if (this.#worker !== null) {
      this.#worker.postMessage(message, transfer);
      this.#nudge();
      return;
    }
    this.#untold.push({ message, transfer });
    if (this.#untold.length > 1) return;
    // To start a thread takes this one a while: not in the turn in which the connection starts its own.
    setImmediate(() => {
      const worker = (this.#worker = this.#startWorker());
      for (const { message, transfer } of this.#untold.splice(0)) worker.postMessage(message, transfer);
    });
  }

  /** It waits in the kernel for what one of its bells can end. */
  #nudge(): void {
    for (const { task } of this.#members.values()) {
      const rope = SyncRope.grasp(task.bell);
      const isHeard = rope?.nudge() ?? false;
      rope?.release();
      if (isHeard) return;
    }
  }

  #startWorker(): Worker {
    const worker = new Worker(workerEntry('shared-capture-worker'), { resourceLimits: WORKER_LIMITS, name: 'capture' });
    let cause = new Error('the shared capture ended');
    worker.on('message', (message: FromSharedCapture) => this.#ended(message));
    worker.on('error', (error: Error) => (cause = error));
    worker.once('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      const left = [...this.#members.values()];
      this.#members.clear();
      for (const member of left) {
        member.ended.resolve();
        if (!member.isEnding) member.onBroke(cause);
      }
    });
    return worker;
  }

  #ended({ id, declined }: FromSharedCapture): void {
    const member = this.#members.get(id);
    this.#members.delete(id);
    if (declined !== null && member !== undefined && !member.isEnding)
      member.endOwn = startOwnCapture(member.task, declined, member.onBroke);
    else declined?.close();
    const over = (): void => member?.ended.resolve();
    const worker = this.#worker;
    if (this.#members.size > 0 || worker === null) {
      over();
      return;
    }
    // With the last one the thread ends, and what it has open.
    worker.once('exit', over);
    worker.postMessage({ kind: 'stop' } satisfies ToSharedCapture);
    this.#worker = null;
  }
}
