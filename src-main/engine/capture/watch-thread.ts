import { readFileSync } from 'node:fs';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { ReplicationError, workerEntry } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';

/** Something changed at `name` in the folder that is watched under `id`. */
export interface Hint {
  readonly id: number;
  readonly name: string;
}

/** A folder could not be watched. `absent`: it is not there, or is no folder. */
export interface NotWatched {
  readonly id: number;
  readonly why: 'absent' | 'denied' | 'watch-limit' | 'too-many-open';
}

export type ToWatcher =
  | { readonly kind: 'watch'; readonly folders: readonly { readonly id: number; readonly path: AbsolutePath }[] }
  | { readonly kind: 'unwatch'; readonly ids: readonly number[] }
  /** Answered when all that happened before has been told. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'close' };

export type FromWatcher =
  | { readonly kind: 'hints'; readonly hints: readonly Hint[]; readonly isComplete: boolean }
  | { readonly kind: 'done'; readonly failures: readonly NotWatched[] };

/** What the thread is started with: `shared` counts its messages, so that somebody can wait for one without an event loop. */
export interface WatcherData {
  readonly port: MessagePort;
  readonly shared: SharedArrayBuffer;
  /** So many hints at once mean that the system may have dropped some. */
  readonly floodHints: number;
}

/** Folders that are watched, as who reads hints sees them. All calls block. */
export interface HintSource {
  /** Resolves when all are watched; returns those that could not be. */
  watch(folders: readonly { readonly id: number; readonly path: AbsolutePath }[]): readonly NotWatched[];
  unwatch(ids: readonly number[]): void;
  /** Waits up to `timeoutMs` for hints; with 0, for as long as it takes until all that happened before is told. */
  take(timeoutMs: number): { readonly hints: readonly Hint[]; readonly isComplete: boolean };
  /** What happened before this call is part of what is taken next. */
  drain(): void;
  dispose(): void;
}

/** Where Linux does not say how many events its queue holds. */
const USUAL_QUEUE = 16_384;
/** A thread that is busy with a storm answers late; one that is gone never. */
const ANSWER_MS = 30_000;

/**
 * `fs.watch` in a thread of its own, whose event loop is free while the caller blocks. libuv says nothing when the kernel's queue ran over;
 * whoever finds it nearly as full as it can be has to think so.
 */
export class WatchThread implements HintSource {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #count: Int32Array;
  #hints: Hint[] = [];
  #isComplete = true;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    const shared = new SharedArrayBuffer(4);
    this.#port = port1;
    this.#count = new Int32Array(shared);
    const workerData: WatcherData = { port: port2, shared, floodHints: Math.floor(queueLength() / 2) };
    this.#worker = new Worker(workerEntry('watch-worker'), { workerData, transferList: [port2], name: 'watch' });
    this.#worker.unref();
  }

  watch(folders: readonly { readonly id: number; readonly path: AbsolutePath }[]): readonly NotWatched[] {
    return folders.length === 0 ? [] : this.#ask({ kind: 'watch', folders });
  }

  unwatch(ids: readonly number[]): void {
    if (ids.length > 0) this.#tell({ kind: 'unwatch', ids });
  }

  take(timeoutMs: number): { hints: readonly Hint[]; isComplete: boolean } {
    if (timeoutMs === 0) this.drain();
    else {
      const before = Atomics.load(this.#count, 0);
      this.#drainPort();
      if (!this.#hasNews()) Atomics.wait(this.#count, 0, before, timeoutMs);
    }
    this.#drainPort();
    const taken = { hints: this.#hints, isComplete: this.#isComplete };
    this.#hints = [];
    this.#isComplete = true;
    return taken;
  }

  drain(): void {
    this.#ask({ kind: 'drain' });
  }

  dispose(): void {
    this.#tell({ kind: 'close' });
    this.#port.close();
  }

  #hasNews(): boolean {
    return this.#hints.length > 0 || !this.#isComplete;
  }

  #tell(message: ToWatcher): void {
    this.#port.postMessage(message);
  }

  #ask(message: ToWatcher): readonly NotWatched[] {
    this.#tell(message);
    for (const giveUpAtMs = performance.now() + ANSWER_MS; performance.now() < giveUpAtMs;) {
      const before = Atomics.load(this.#count, 0);
      const failures = this.#drainPort();
      if (failures !== null) return failures;
      Atomics.wait(this.#count, 0, before, ANSWER_MS);
    }
    throw new ReplicationError('internal', { text: 'the thread that watches folders does not answer' });
  }

  /** Keeps what was told; returns the answer to a question, if it came. */
  #drainPort(): readonly NotWatched[] | null {
    let answer: readonly NotWatched[] | null = null;
    for (let received = receiveMessageOnPort(this.#port); received !== undefined; received = receiveMessageOnPort(this.#port)) {
      const message = received.message as FromWatcher;
      if (message.kind === 'done') answer = message.failures;
      else {
        for (const hint of message.hints) this.#hints.push(hint);
        this.#isComplete &&= message.isComplete;
      }
    }
    return answer;
  }
}

function queueLength(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  } catch {
    return USUAL_QUEUE;
  }
}
