import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { EngineIdentity } from '../../src-main/engine/connection/index.ts';
import {
  encodeTarget,
  sourceDecoder,
  DATA_VERSION,
  type SourceMessage,
  type TargetMessage,
  type WireOp,
} from '../../src-main/engine/wire/index.ts';
import { eventually } from './eventually.ts';

/** A target that speaks the wire and nothing else: tests say each message. One source at a time. */
export class FakeTarget {
  readonly port: number;
  /** All ops that ever came, over all links. */
  readonly ops: WireOp[] = [];
  /** How many pieces of large files ever came, over all links; none is acknowledged. */
  pieces = 0;
  /** What was said of the replica being whole, over all links. */
  readonly wholes: boolean[] = [];
  /** The newest revert of which it tells. */
  reverted: string | null = null;
  /** Links that said hello. */
  hellos = 0;
  readonly #server: Server;
  #socket: TLSSocket | null = null;

  private constructor(server: Server) {
    this.#server = server;
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    server.on('secureConnection', (socket) => {
      this.#socket = socket;
      const decoder = sourceDecoder();
      socket.on('data', (chunk: Buffer) => {
        for (const { message } of decoder.feed(chunk)) this.#received(message);
      });
      socket.on('error', () => undefined); // the source went; the test sees what it does next
    });
  }

  static async open({ keyPem, certificatePem }: EngineIdentity): Promise<FakeTarget> {
    const server = createServer({
      key: keyPem,
      cert: certificatePem,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FakeTarget(server);
  }

  /** Waits for the next hello and answers it; all in one piece, so that the source reads it together. */
  async welcome(hello: number, receivedSequence: number, ...others: readonly TargetMessage[]): Promise<void> {
    await eventually('the source says hello', () => this.hellos >= hello);
    const first: TargetMessage = {
      kind: 'welcome',
      version: DATA_VERSION,
      receivedSequence,
      appliedSequence: receivedSequence,
      nowMs: Date.now(),
      reverted: this.reverted,
    };
    this.send(first, ...others);
  }

  send(...messages: readonly TargetMessage[]): void {
    this.#socket?.write(Buffer.concat(messages.flatMap((message) => [...encodeTarget(message)])));
  }

  /** Everything up to `sequence` is received and applied. */
  acknowledge(sequence: number): void {
    this.send({
      kind: 'ack',
      received: sequence,
      applied: sequence,
      queuedOps: 0,
      queuedBytes: 0,
      appliedBytes: 0,
      label: 'file-level',
    });
  }

  /** The first op from `from` on that fits. */
  async op(what: string, fits: (op: WireOp) => boolean, from = 0): Promise<WireOp> {
    return eventually(what, () => this.ops.slice(from).find(fits) ?? null);
  }

  get lastSequence(): number {
    return this.ops.at(-1)?.sequence ?? 0;
  }

  cut(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #received(message: SourceMessage): void {
    if (message.kind === 'hello') this.hellos++;
    else if (message.kind === 'data') this.pieces++;
    else if (message.kind === 'whole') this.wholes.push(message.isWhole);
    else if (message.kind === 'ops') this.ops.push(...message.ops);
  }
}
