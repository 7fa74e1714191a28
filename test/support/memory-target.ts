import type { BlockHasher } from '../../src-main/engine/fs/index.ts';
import { isWithin } from '../../src-main/engine/model/index.ts';
import type { Channel } from '../../src-main/engine/transmit/index.ts';
import {
  BLOCK_BYTES,
  type ListedEntry,
  type SourceMessage,
  type TargetMessage,
  type WireOp,
} from '../../src-main/engine/wire/index.ts';

interface MemoryFile {
  bytes: Buffer;
}

interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

/**
 * A replica of files in memory that applies what a source sends at once and answers its questions; folders are not looked at. Data of
 * streams are taken when `take` is called.
 */
export class MemoryTarget implements Channel {
  readonly files = new Map<string, MemoryFile>();
  readonly ops: WireOp[] = [];
  /** What it says of its folders, by their paths; it has no others. */
  readonly listings = new Map<string, readonly ListedEntry[]>();
  readonly #hasher: BlockHasher;
  readonly #answer: (message: TargetMessage, payload: Uint8Array) => void;
  readonly #streams = new Map<number, Piece[]>();
  #ended: { readonly sequence: number; readonly size: number; readonly pieces: readonly Piece[] } | null = null;
  streamBytes = 0;
  /** Those that wait while `isBusy`; each is answered by what there is then. */
  readonly #questions: (SourceMessage & { kind: 'get-signatures' })[] = [];
  #isBusy = false;

  constructor(hasher: BlockHasher, answer: (message: TargetMessage, payload: Uint8Array) => void) {
    this.#hasher = hasher;
    this.#answer = answer;
  }

  text(path: string): string | undefined {
    return this.files.get(path)?.bytes.toString('latin1');
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** A busy target answers no questions about files before it is not busy any more. */
  set isBusy(isBusy: boolean) {
    this.#isBusy = isBusy;
    if (!isBusy) for (const question of this.#questions.splice(0)) this.#signatures(question);
  }

  /** What came over the link without an op is forgotten. */
  linkLost(): void {
    this.#streams.clear();
    this.streamBytes = 0;
  }

  /** Acknowledges all data of streams that came. */
  take(): void {
    this.#answer({ kind: 'taken', bytes: this.streamBytes }, new Uint8Array());
  }

  send(message: SourceMessage, payload: Uint8Array = new Uint8Array(), onWritten?: () => void): void {
    switch (message.kind) {
      case 'ops': {
        let at = 0;
        for (const op of message.ops) {
          this.ops.push(op);
          if (op.kind === 'write') this.files.set(op.path, { bytes: Buffer.from(payload.subarray(at, (at += op.size))) });
          else this.#apply(op);
        }
        break;
      }
      case 'stream':
        this.#streams.set(message.stream, []);
        break;
      case 'data':
        this.#streams.get(message.stream)?.push({ offset: message.offset, bytes: Buffer.from(payload) });
        this.streamBytes += payload.length;
        break;
      case 'data-end':
        this.#ended = { ...message, pieces: this.#streams.get(message.stream) ?? [] };
        this.#streams.delete(message.stream);
        break;
      case 'data-drop':
        this.#streams.delete(message.stream);
        break;
      case 'get-listing': {
        const { requestId, path } = message;
        this.#answer({ kind: 'listing', requestId, entries: this.listings.get(path) ?? null }, new Uint8Array());
        break;
      }
      case 'get-signatures':
        if (this.#isBusy) this.#questions.push(message);
        else this.#signatures(message);
        break;
      default:
    }
    onWritten?.();
  }

  #apply(op: WireOp): void {
    if (op.kind === 'link') {
      const file = this.files.get(op.existing);
      if (file !== undefined) this.files.set(op.path, file);
    } else if (op.kind === 'rename') {
      for (const [path, file] of [...this.files]) {
        if (!isWithin(path, op.from)) continue;
        this.files.delete(path);
        this.files.set(op.path + path.slice(op.from.length), file);
      }
    } else if (op.kind === 'remove') this.files.delete(op.path);
    else if (op.kind === 'write-stream' || op.kind === 'patch-stream') {
      const ended = this.#ended;
      if (ended?.sequence !== op.sequence) throw new Error('an op without the stream that it takes');
      const bytes = Buffer.alloc(ended.size);
      if (op.kind === 'patch-stream') this.files.get(op.path)?.bytes.copy(bytes);
      for (const piece of ended.pieces) piece.bytes.copy(bytes, piece.offset);
      this.files.set(op.path, { bytes });
      this.#ended = null;
    }
  }

  #signatures(message: SourceMessage & { kind: 'get-signatures' }): void {
    const hashes: Buffer[] = [];
    const files = message.files.map(({ path }) => {
      const bytes = this.files.get(path)?.bytes;
      if (bytes === undefined) return { size: null, blocks: 0 };
      const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
      for (let i = 0; i < blocks; i++) hashes.push(this.#hasher.hash(bytes.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES)));
      return { size: bytes.length, blocks };
    });
    const payload = Buffer.concat(hashes);
    setImmediate(() => this.#answer({ kind: 'signatures', requestId: message.requestId, files }, payload));
  }
}
