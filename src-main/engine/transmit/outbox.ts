import { invariant } from '../../base/index.ts';
import type { Attributes } from '../model/index.ts';
import { MAX_HEADER_BYTES, MAX_PAYLOAD_BYTES, type SourceMessage, type WireOp } from '../wire/index.ts';
import { FrameBuffers } from './frame-buffers.ts';
import { LineMeter } from './line-meter.ts';
import { InFlight, type OpClass } from './in-flight.ts';
import { StreamWindow } from './stream-window.ts';

/** An op without its sequence: the outbox gives it. */
export type NewOp = WireOp extends infer O ? (O extends WireOp ? Omit<O, 'sequence'> : never) : never;

/** An op that takes a stream. */
export type StreamOp = Extract<NewOp, { kind: 'write-stream' | 'patch-stream' }>;

interface Cost {
  readonly bytes: number;
  readonly class: OpClass;
  readonly noticedAtMs: number | null;
}

export interface Channel {
  /** `onWritten` is called when the payload's bytes have left, if they do. */
  send(message: SourceMessage, payload?: Uint8Array, onWritten?: () => void): void;
}

/** What a frame gathers before it leaves: enough that a write costs little, small enough that the first file is not kept waiting. */
const FRAME_BYTES = 512 * 1024;
const FRAME_OPS = 1024;
/** Long paths and extended attributes lie in a frame's header, which has a limit of its own; one op more always fits below it. */
const FRAME_HEADER_BYTES = MAX_HEADER_BYTES / 2;
/** A piece of a large file: it is read, encrypted and sent while it is in the processor's cache. */
const PIECE_BYTES = 256 * 1024;
/** Sent and not yet durable on the target. More would only fill the target's memory. */
const WINDOW_BYTES = 64 * 1024 * 1024;
const WINDOW_OPS = 50_000;

/**
 * Numbers ops, gathers them and the content of small files into frames, and knows what is in flight. `beforeSend` runs before a frame
 * leaves: the catalog commits there, so that it is never behind what a target may have received. An op never leaves within the `push` that
 * adds it, because whoever adds it notes it in the catalog right after: a full frame leaves with the next call.
 */
export class Outbox {
  readonly inFlight = new InFlight();
  /** How much data of streams may be on the way. */
  readonly window = new StreamWindow();
  /** Shared with all connections to the target. */
  readonly meter: LineMeter;
  readonly #beforeSend: () => void;
  #channel: Channel | undefined;
  #sequence = 0;
  #ops: WireOp[] = [];
  /** For pieces of large files. */
  readonly pieces = new FrameBuffers(PIECE_BYTES, 10);
  readonly #buffers = new FrameBuffers(2 * FRAME_BYTES, 6);
  #buffer = this.#buffers.take();
  #used = 0;
  #headerBytes = 0;
  #lastStream = 0;
  /** Gives the mark that is to stand before the next op; asked once per op while it is set, and only then. */
  mark: (() => NewOp) | null = null;
  /** Hears of each op. */
  onPushed: ((op: NewOp) => void) | null = null;

  constructor(beforeSend: () => void, meter = new LineMeter()) {
    this.#beforeSend = beforeSend;
    this.meter = meter;
  }

  /** Starts on a fresh link, after the op that the target received last. What was unsent is forgotten: the catalog was rolled back. */
  open(channel: Channel, receivedSequence: number, appliedSequence: number): void {
    this.#channel = channel;
    this.#sequence = receivedSequence;
    this.#ops = [];
    this.#used = 0;
    this.#headerBytes = 0;
    this.window.open();
    this.inFlight.reset(receivedSequence, appliedSequence);
  }

  close(): void {
    this.#channel = undefined;
  }

  /** There is a link to send on. */
  get isOpen(): boolean {
    return this.#channel !== undefined;
  }

  get sequence(): number {
    return this.#sequence;
  }

  /** The sequence that the next op will have. */
  get nextSequence(): number {
    return this.#sequence + (this.mark === null ? 1 : 2);
  }

  get isWindowFull(): boolean {
    return this.inFlight.unreceivedCost >= WINDOW_BYTES || this.inFlight.unreceivedOps >= WINDOW_OPS;
  }

  get isEmpty(): boolean {
    return this.#ops.length === 0;
  }

  /** The frame that is being gathered should leave. */
  get isFrameFull(): boolean {
    return (
      this.#used >= Math.min(FRAME_BYTES, this.meter.pieceBytes) ||
      this.#ops.length >= FRAME_OPS ||
      this.#headerBytes >= FRAME_HEADER_BYTES
    );
  }

  /** Room for the content of one small file; valid until the next call on the outbox. */
  reserve(bytes: number): Buffer {
    invariant(bytes <= MAX_PAYLOAD_BYTES / 2, 'only small files travel inline');
    if (this.isFrameFull || this.#used + bytes > this.#buffer.length) this.flush();
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    return this.#buffer.subarray(this.#used, this.#used + bytes);
  }

  /** Adds an op whose inline content, if any, is the first `inlineBytes` of what was reserved last. Returns its sequence. */
  push(op: NewOp, cost: Cost & { readonly inlineBytes?: number }): number {
    // Content is in the buffer already, and stays with its op.
    if (cost.inlineBytes === undefined && this.isFrameFull) this.flush();
    const mark = this.mark?.();
    if (mark !== undefined) this.#number(mark, { bytes: 0, class: cost.class, noticedAtMs: null });
    const sequence = this.#number(op, cost);
    this.#used += cost.inlineBytes ?? 0;
    this.onPushed?.(op);
    return sequence;
  }

  #number(op: NewOp, cost: Cost): number {
    const sequence = ++this.#sequence;
    this.#ops.push({ ...op, sequence });
    this.#headerBytes += headerBytesOf(op);
    this.inFlight.sent({ sequence, bytes: cost.bytes, class: cost.class, noticedAtMs: cost.noticedAtMs });
    return sequence;
  }

  /** Begins a stream of data, which has no place in the order of ops before `pushStream`. */
  openStream(root: number, isPatch: boolean): number {
    const stream = ++this.#lastStream;
    this.send({ kind: 'stream', stream, root, isPatch });
    return stream;
  }

  sendData(stream: number, offset: number, piece: Uint8Array, onWritten: () => void): void {
    this.window.sent(piece.length);
    this.send({ kind: 'data', stream, offset }, piece, onWritten);
  }

  /** The stream is not wanted any more; after its link this does nothing. */
  dropStream(stream: number): void {
    if (this.isOpen) this.send({ kind: 'data-drop', stream });
  }

  /** Ends a stream and adds the op that takes it. Returns the op's sequence. */
  pushStream(stream: number, end: { readonly size: number; readonly attributes: Attributes }, op: StreamOp, cost: Cost): number {
    const sequence = this.nextSequence;
    this.send({ kind: 'data-end', stream, sequence, ...end });
    const pushed = this.push(op, cost);
    invariant(pushed === sequence, 'the op that takes a stream follows the end of it');
    return pushed;
  }

  /** Sends what was gathered, then `message`, so that order holds. */
  send(message: SourceMessage, payload?: Uint8Array, onWritten?: () => void): void {
    this.flush();
    this.#channel?.send(message, payload, onWritten);
  }

  flush(): void {
    if (this.#ops.length === 0) return;
    const ops = this.#ops;
    const buffer = this.#buffer;
    const payload = buffer.subarray(0, this.#used);
    this.#ops = [];
    this.#used = 0;
    this.#headerBytes = 0;
    this.#beforeSend();
    // The socket keeps the bytes until they are written: the next frame needs a buffer of its own.
    if (payload.length > 0) this.#buffer = this.#buffers.take();
    this.#channel?.send({ kind: 'ops', ops }, payload, payload.length > 0 ? () => this.#buffers.give(buffer) : undefined);
  }
}

/** What an op takes of a frame's header, at most. */
function headerBytesOf(op: NewOp): number {
  if (!('path' in op)) return 32;
  let bytes = 64 + op.path.length;
  if (op.kind === 'rename') bytes += op.from.length;
  if (op.kind === 'link') bytes += op.existing.length;
  if (op.kind === 'symlink') bytes += op.target.length;
  if ('attributes' in op) for (const { name, value } of op.attributes.extended ?? []) bytes += 6 + name.length + value.length;
  return bytes;
}
