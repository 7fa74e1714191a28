import { connect, type TLSSocket } from 'node:tls';
import type { Attributes } from '../../src-main/engine/model/index.ts';
import type { EngineIdentity } from '../../src-main/engine/connection/index.ts';
import {
  DATA_VERSION,
  encodeSource,
  targetDecoder,
  type SourceMessage,
  type TargetMessage,
  type WireOp,
} from '../../src-main/engine/wire/index.ts';
import { eventually } from './eventually.ts';

type Received<K extends TargetMessage['kind']> = Extract<TargetMessage, { kind: K }>;
/** An op without its sequence; the source gives the next one. */
export type UnnumberedOp = WireOp extends infer O ? (O extends WireOp ? Omit<O, 'sequence'> : never) : never;

export const plainAttributes: Attributes = {
  mode: 0o644,
  uid: process.getuid?.() ?? 0,
  gid: process.getgid?.() ?? 0,
  mtimeNs: 1_600_000_000_123_456_789n,
};

/** A source that speaks the wire and nothing else: tests say each message. */
export class FakeSource {
  readonly #socket: TLSSocket;
  /** Everything the target sent but acknowledgements, of ops and of streams. */
  readonly messages: TargetMessage[] = [];
  readonly payloads: Buffer[] = [];
  lastAck: Received<'ack'> | null = null;
  takenBytes = 0;
  isClosed = false;
  nextSequence = 1;
  #lastStream = 0;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    const decoder = targetDecoder();
    socket.on('data', (chunk: Buffer) => {
      for (const { message, payload } of decoder.feed(chunk)) {
        if (message.kind === 'ack') this.lastAck = message;
        else if (message.kind === 'taken') this.takenBytes = message.bytes;
        else {
          this.messages.push(message);
          this.payloads.push(payload);
        }
      }
    });
    socket.on('error', () => (this.isClosed = true));
    socket.on('close', () => (this.isClosed = true));
  }

  /** Connects and says hello; does not wait for the answer. */
  static async connect(options: {
    port: number;
    connectionId: string;
    identity: EngineIdentity | null;
    version?: number;
  }): Promise<FakeSource> {
    const { port, identity } = options;
    const keys = identity === null ? {} : { key: identity.keyPem, cert: identity.certificatePem };
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, minVersion: 'TLSv1.3', ...keys });
    const source = new FakeSource(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    source.send({ kind: 'hello', version: options.version ?? DATA_VERSION, connectionId: options.connectionId });
    return source;
  }

  /** Connects, and goes on after what the target has received. */
  static async join(options: { port: number; connectionId: string; identity: EngineIdentity }): Promise<FakeSource> {
    const source = await FakeSource.connect(options);
    const welcome = await source.next('welcome');
    source.nextSequence = welcome.receivedSequence + 1;
    return source;
  }

  send(message: SourceMessage, payload?: Uint8Array): void {
    if (this.isClosed) return;
    for (const part of encodeSource(message, payload)) this.#socket.write(part);
  }

  /** Sends bytes as they are, whatever they mean. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.isClosed) this.#socket.write(bytes);
  }

  /** Sends ops with the next sequences; returns the last one. */
  ops(ops: readonly UnnumberedOp[], payload?: Uint8Array): number {
    const first = this.nextSequence;
    this.nextSequence += ops.length;
    this.send({ kind: 'ops', ops: ops.map((op, i): WireOp => ({ ...op, sequence: first + i })) }, payload);
    return this.nextSequence - 1;
  }

  write(path: string, content: string | Buffer, attributes: Partial<Attributes> = {}): number {
    const data = Buffer.from(content);
    return this.ops(
      [{ kind: 'write', root: 0, path, size: data.length, attributes: { ...plainAttributes, ...attributes } }],
      data,
    );
  }

  folder(path: string, attributes: Partial<Attributes> = {}): number {
    return this.ops([{ kind: 'folder', root: 0, path, attributes: { ...plainAttributes, mode: 0o755, ...attributes } }]);
  }

  /** A file in several data frames; `offset` 0 first. */
  stream(path: string, blocks: readonly (readonly [offset: number, data: Buffer])[], size: number, baseSize?: number): number {
    const op: UnnumberedOp =
      baseSize === undefined ? { kind: 'write-stream', root: 0, path } : { kind: 'patch-stream', root: 0, path, baseSize };
    const stream = this.openStream(blocks, baseSize !== undefined);
    this.send({ kind: 'data-end', stream, sequence: this.nextSequence, size, attributes: plainAttributes });
    return this.ops([op]);
  }

  /** Begins a stream, and sends data of it; returns its number. */
  openStream(blocks: readonly (readonly [offset: number, data: Buffer])[], isPatch = false): number {
    const stream = ++this.#lastStream;
    this.send({ kind: 'stream', stream, root: 0, isPatch });
    for (const [offset, data] of blocks) this.send({ kind: 'data', stream, offset }, data);
    return stream;
  }

  async whenReceived(sequence: number): Promise<void> {
    await eventually(`op ${sequence} is received`, () => (this.lastAck?.received ?? 0) >= sequence);
  }

  async whenApplied(sequence: number): Promise<void> {
    await eventually(`op ${sequence} is applied`, () => (this.lastAck?.applied ?? 0) >= sequence);
  }

  /** The next message of that kind, taken out of `messages`. */
  async next<K extends TargetMessage['kind']>(kind: K): Promise<Received<K>> {
    return eventually(`the target sends ${kind}`, () => this.take(kind));
  }

  take<K extends TargetMessage['kind']>(kind: K): Received<K> | null {
    const at = this.messages.findIndex((message) => message.kind === kind);
    if (at < 0) return null;
    this.payloads.splice(at, 1);
    return this.messages.splice(at, 1)[0] as Received<K>;
  }

  /** Pulls the plug. */
  cut(): void {
    this.#socket.destroy();
  }
}
