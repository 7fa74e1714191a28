import { assertNever, durableStep, ReplicationError } from '../../../base/index.ts';
import type { EndedStream, Stage } from '../../apply/index.ts';
import {
  isMark,
  isStream,
  type Received,
  type SourceMessage,
  type StoredOp,
  type StreamEnd,
  type WireOp,
} from '../../wire/index.ts';
import { FramePieces } from './frame-pieces.ts';

/** What an op costs in memory beside its data. */
const OP_BYTES = 200;
/** Each keeps a file open; a source has fewer. */
const MOST_STREAMS = 32;

type DataMessage = Extract<SourceMessage, { kind: 'ops' | 'stream' | 'data' | 'data-end' | 'data-drop' }>;

/** The data that came with a message. */
export type FrameData = Pick<Received<unknown>, 'parts'>;

interface Job {
  readonly message: DataMessage;
  readonly data: FrameData;
  /** How far an `ops` message was taken before staging was blocked. */
  nextOp: number;
  /** The content of its small files. */
  readonly pieces: FramePieces;
}

/** A stream that ended; its op is the next that brings data. */
interface Ended extends EndedStream {
  readonly sequence: number;
  readonly end: StreamEnd;
}

/**
 * Takes ops and data from the link in order and stages the data. Streams come beside the ops, and an op that takes one finds it complete.
 * Breaks of the protocol throw; a full disk blocks until `work` is called again.
 */
export class Intake {
  readonly #stage: Stage;
  readonly #rootCount: number;
  #jobs: Job[] = [];
  #ready: StoredOp[] = [];
  #ended: Ended | null = null;
  #lastSequence: number;
  #unflushedBytes = 0;
  #streamBytes = 0;
  #unflushedStreamBytes = 0;

  constructor(stage: Stage, rootCount: number, receivedSequence: number) {
    this.#stage = stage;
    this.#rootCount = rootCount;
    this.#lastSequence = receivedSequence;
  }

  /** The last op seen. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Ops, and data that came with them, that are not flushed. */
  get unflushedBytes(): number {
    return this.#unflushedBytes;
  }

  /** All data of streams that came over this link. */
  get streamBytes(): number {
    return this.#streamBytes;
  }

  /** Data of streams that are not flushed. */
  get unflushedStreamBytes(): number {
    return this.#unflushedStreamBytes;
  }

  get isBlocked(): boolean {
    return this.#jobs.length > 0;
  }

  get hasReady(): boolean {
    return this.#ready.length > 0;
  }

  /** Returns the reason when staging is blocked; the message is kept then and `work` goes on with it. */
  take(message: DataMessage, data: FrameData): ReplicationError | null {
    this.#jobs.push({ message, data, nextOp: 0, pieces: new FramePieces(data.parts) });
    return this.#jobs.length > 1 ? null : this.work();
  }

  /** Goes on where it was blocked. Null when all is taken. */
  work(): ReplicationError | null {
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      try {
        this.#takeJob(job);
      } catch (error) {
        if (
          error instanceof ReplicationError &&
          (error.code === 'disk-full' || error.code === 'read-only' || error.code === 'too-many-open')
        ) {
          return error;
        }
        throw error;
      }
      this.#jobs.shift();
    }
    return null;
  }

  /** The ops that came, in order, with their data; the caller makes them durable. */
  takeReady(): StoredOp[] {
    return this.#ready.splice(0);
  }

  /** As `takeReady`, up to the first op that brought data: these need no flush of the data before them. */
  takeReadyWithoutData(): StoredOp[] {
    const end = this.#ready.findIndex(({ op }) => op.kind === 'write' || isStream(op));
    return this.#ready.splice(0, end < 0 ? this.#ready.length : end);
  }

  flushed(bytes: number): void {
    this.#unflushedBytes -= bytes;
  }

  streamsFlushed(bytes: number): void {
    this.#unflushedStreamBytes -= bytes;
  }

  /** The link is gone: ops that came stay, streams without an op are dropped and come again. */
  dropIncomplete(): void {
    this.#jobs = [];
    this.#stage.dropStreams();
    this.#streamBytes = 0;
    if (this.#ended !== null) this.#stage.discard(this.#ended.root, this.#ended.sequence);
    this.#ended = null;
  }

  #takeJob(job: Job): void {
    const { message, data } = job;
    switch (message.kind) {
      case 'ops':
        for (; job.nextOp < message.ops.length; job.nextOp++) {
          const op = message.ops[job.nextOp];
          if (op !== undefined) this.#takeOp(op, job);
        }
        break;
      case 'stream':
        this.#openStream(message);
        break;
      case 'data':
        this.#checkOpen(message.stream);
        this.#countStream(this.#stage.writeStream(message.stream, message.offset, data.parts));
        break;
      case 'data-end':
        this.#endStream(message);
        break;
      case 'data-drop':
        this.#checkOpen(message.stream);
        this.#stage.dropStream(message.stream);
        break;
      default:
        assertNever(message);
    }
    durableStep('target.data.staged');
  }

  #takeOp(op: WireOp, job: Job): void {
    if (op.sequence !== this.#lastSequence + 1) throw broken(`op ${op.sequence} came after op ${this.#lastSequence}`);
    this.#checkRoots(op);
    if (op.kind === 'write') {
      this.#stage.writeFile(op.sequence, op.root, job.pieces.next(op.size), op.attributes);
      job.pieces.pass(op.size);
      this.#unflushedBytes += op.size;
    }
    this.#ready.push({ op, end: this.#endFor(op) });
    this.#unflushedBytes += OP_BYTES;
    this.#lastSequence = op.sequence;
  }

  /** The end of the stream that an op takes; null for an op that takes none. */
  #endFor(op: WireOp): StreamEnd | null {
    const ended = this.#ended;
    if (!isStream(op)) {
      if (ended?.sequence === op.sequence) throw broken('a stream ended for an op that takes none');
      return null;
    }
    const fits = ended?.sequence === op.sequence && ended.root === op.root && ended.isPatch === (op.kind === 'patch-stream');
    if (!fits) throw broken('an op without the stream that it takes');
    this.#ended = null;
    return ended.end;
  }

  #openStream({ stream, root, isPatch }: Extract<DataMessage, { kind: 'stream' }>): void {
    if (root >= this.#rootCount) throw broken('a stream for a root that the replica does not have');
    if (this.#stage.hasStream(stream)) throw broken('a stream that is open already');
    if (this.#stage.openStreams >= MOST_STREAMS) throw broken('more streams than may be open');
    this.#stage.openStream(stream, root, isPatch);
  }

  #endStream({ stream, sequence, size, attributes }: Extract<DataMessage, { kind: 'data-end' }>): void {
    this.#checkOpen(stream);
    if (this.#ended !== null || sequence <= this.#lastSequence) throw broken('a stream ended out of turn');
    const ended = this.#stage.endStream(stream, sequence, { size, attributes });
    this.#ended = { ...ended, sequence, end: { isWhole: true, size, attributes, bytes: ended.bytes } };
  }

  #checkOpen(stream: number): void {
    if (!this.#stage.hasStream(stream)) throw broken('data of a stream that is not open');
  }

  #countStream(bytes: number): void {
    this.#streamBytes += bytes;
    this.#unflushedStreamBytes += bytes;
  }

  #checkRoots(op: WireOp): void {
    if (isMark(op)) return;
    const others = op.kind === 'link' ? op.existingRoot : op.kind === 'rename' ? op.fromRoot : 0;
    if (op.root >= this.#rootCount || others >= this.#rootCount) throw broken('an op for a root that the replica does not have');
  }
}

function broken(text: string): ReplicationError {
  return new ReplicationError('protocol-error', { text });
}
