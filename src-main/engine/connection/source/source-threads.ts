import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { MessageChannel, Worker, type MessagePort, type Transferable } from 'node:worker_threads';
import { workerEntry } from '../../../base/index.ts';
import { WORKER_LIMITS } from '../workers/worker-limits.ts';
import type { FromSource, SourceWorkerData, ToSource, ToSourceThread } from './source-protocol.ts';

/** Of a connection: what it says, the bug that ended it, and that nothing of it runs any more. */
interface SeatEvents {
  message: [message: FromSource];
  error: [error: Error];
  exit: [];
}

/**
 * The place of one connection in a thread, for its host like a thread of its own. `error` may be about another connection in it as long as
 * `isShared`: who failed is not known when an error escapes.
 */
export interface SourceSeat extends EventEmitter<SeatEvents> {
  /** -1 when nothing of the connection runs any more. */
  readonly threadId: number;
  /** Others are, or were, in the same thread. */
  readonly isShared: boolean;
  postMessage(message: ToSource, transfer?: readonly Transferable[]): void;
  /** The process need not wait for its thread. */
  unref(): void;
}

/**
 * The threads in which the connections of a service send: no more than the machine has processors, each for several connections when there
 * are more. A thread that serves many has its code compiled once for all of them; twenty threads are each slow until they have compiled it.
 */
export class SourceThreads {
  readonly #most: number;
  readonly #startWorker: () => Worker;
  #rooms: Room[] = [];

  constructor({ most = Math.max(2, availableParallelism()), startWorker = startSourceWorker } = {}) {
    this.#most = most;
    this.#startWorker = startWorker;
  }

  /** `isAlone`: no other connection is to come into its thread. */
  open(data: Omit<SourceWorkerData, 'port'>, isAlone: boolean): SourceSeat {
    const room = isAlone ? this.#newRoom(true) : this.#roomForOneMore();
    return room.seat(data);
  }

  #roomForOneMore(): Room {
    const shared = this.#rooms.filter((room) => !room.isOfOne);
    const [first, ...rest] = shared;
    if (first === undefined || shared.length < this.#most) return this.#newRoom(false);
    return rest.reduce((least, room) => (room.taken < least.taken ? room : least), first);
  }

  #newRoom(isOfOne: boolean): Room {
    const room = new Room(this.#startWorker(), isOfOne, () => {
      this.#rooms = this.#rooms.filter((one) => one !== room);
    });
    this.#rooms.push(room);
    return room;
  }
}

function startSourceWorker(): Worker {
  return new Worker(workerEntry('source-worker'), { resourceLimits: WORKER_LIMITS, name: 'source' });
}

/** One thread and the connections in it; it ends with the last of them. */
class Room {
  readonly isOfOne: boolean;
  readonly #worker: Worker;
  readonly #seats = new Set<Seat>();
  readonly #onClosed: () => void;

  constructor(worker: Worker, isOfOne: boolean, onClosed: () => void) {
    this.#worker = worker;
    this.isOfOne = isOfOne;
    this.#onClosed = onClosed;
    let cause: Error | null = null;
    worker.on('error', (error: Error) => {
      cause = error;
      onClosed(); // nobody comes in any more
      for (const seat of this.#seats) seat.emit('error', error);
    });
    worker.once('exit', () => {
      onClosed();
      if (cause === null) for (const seat of this.#seats) seat.emit('error', new Error('the thread ended'));
      for (const seat of [...this.#seats]) this.#left(seat);
    });
  }

  get taken(): number {
    return this.#seats.size;
  }

  seat(data: Omit<SourceWorkerData, 'port'>): Seat {
    const { port1, port2 } = new MessageChannel();
    const seat = new Seat(port1, this.#worker);
    this.#seats.add(seat);
    if (this.#seats.size > 1) for (const one of this.#seats) one.isShared = true;
    // A thread that runs out of memory closes its ports before it says so: without a last word its own end is waited for.
    port1.on('close', () => {
      if (seat.isOver) this.#left(seat);
    });
    this.#tell({ kind: 'open', data: { ...data, port: port2 } }, [port2, data.capturePort]);
    return seat;
  }

  #left(seat: Seat): void {
    if (!this.#seats.delete(seat)) return;
    if (this.#seats.size === 0) {
      this.#onClosed();
      this.#tell({ kind: 'end' }, []);
    }
    seat.left();
  }

  #tell(message: ToSourceThread, transfer: readonly Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }
}

class Seat extends EventEmitter<SeatEvents> implements SourceSeat {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  threadId: number;
  isShared = false;
  /** It has said its last word. */
  isOver = false;

  constructor(port: MessagePort, worker: Worker) {
    super();
    this.#port = port;
    this.#worker = worker;
    this.threadId = worker.threadId;
    port.on('message', (message: FromSource) => {
      this.isOver ||= message.kind === 'stopped' || message.kind === 'disconnected' || message.kind === 'broke';
      this.emit('message', message);
    });
  }

  postMessage(message: ToSource, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  unref(): void {
    this.#port.unref();
    this.#worker.unref();
  }

  left(): void {
    this.threadId = -1;
    this.#port.close();
    this.emit('exit');
  }
}
