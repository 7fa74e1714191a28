import { connect, type TLSSocket } from 'node:tls';
import { durableStep, ReplicationError, toReplicationError } from '../../base/index.ts';
import { clockSkew } from './clock-skew.ts';
import type { FramePacker } from './frame-packer.ts';
import { FrameWriter } from './frame-writer.ts';
import { DATA_VERSION, Liveness, targetDecoder, type SourceMessage, type TargetMessage } from '../wire/index.ts';

export interface LinkOptions {
  readonly host: string;
  readonly port: number;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** The target must show the certificate with this fingerprint; nothing is sent to another. */
  readonly targetFingerprint: string;
  readonly connectionId: string;
  readonly timeoutMs: number;
  /** Makes the frames that go out. */
  readonly packer: FramePacker;
}

export interface Welcome {
  readonly receivedSequence: number;
  readonly appliedSequence: number;
  /** See the message of this name. */
  readonly reverted: string | null;
  /** See `clockSkew`. */
  readonly clockSkewMs: number;
}

/** What the owner of a link hears; `onClosed` comes once, last, also after a `close` of its own. */
export interface LinkListener {
  onMessage(message: TargetMessage, payload: Uint8Array): void;
  onClosed(error: ReplicationError): void;
}

/** How long a silent peer is waited for before keep-alive probes start. */
const KEEP_ALIVE_MS = 5_000;

/** One TLS connection to a target's data port, past its welcome. Messages arrive in order or not at all. */
export class Link {
  readonly welcome: Welcome;
  readonly #socket: TLSSocket;
  readonly #writer: FrameWriter;
  readonly #packer: FramePacker;

  private constructor(socket: TLSSocket, writer: FrameWriter, welcome: Welcome, packer: FramePacker) {
    this.#packer = packer;
    this.#socket = socket;
    this.#writer = writer;
    this.welcome = welcome;
  }

  /** Rejects with `unreachable`, `host-unknown`, `fingerprint-mismatch`, `timeout`, or the code with which the target refuses. */
  static async connect(options: LinkOptions, listener: LinkListener, signal: AbortSignal): Promise<Link> {
    const socket = connect({
      host: options.host,
      port: options.port,
      key: options.keyPem,
      cert: options.certificatePem,
      minVersion: 'TLSv1.3',
      // Self-signed on both ends: the pinned fingerprint below is the proof of identity.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const writer = new FrameWriter(socket);
    const where = { host: options.host, port: options.port };
    const decoder = targetDecoder();
    let link: Link | undefined;
    let liveness: Liveness | undefined;
    let closeCause: ReplicationError | undefined;
    let helloAtMs = 0;
    try {
      return await new Promise<Link>((resolve, reject) => {
        const fail = (error: ReplicationError) => {
          closeCause ??= error;
          socket.destroy();
          reject(error);
        };
        const timer = setTimeout(() => fail(new ReplicationError('timeout', where)), options.timeoutMs);
        const abort = () => fail(new ReplicationError('link-lost', { ...where, text: 'closed by us' }));
        signal.addEventListener('abort', abort, { once: true });
        socket.on('secureConnect', () => {
          const found = socket.getPeerCertificate().fingerprint256;
          if (found !== options.targetFingerprint) {
            fail(new ReplicationError('fingerprint-mismatch', { ...where, expected: options.targetFingerprint, found }));
            return;
          }
          helloAtMs = Date.now();
          writer.write(options.packer.pack({ kind: 'hello', version: DATA_VERSION, connectionId: options.connectionId }));
        });
        const watch = (): Liveness =>
          new Liveness({
            beat: () => writer.write(options.packer.pack({ kind: 'alive' })),
            silent: () => fail(new ReplicationError('link-lost', { ...where, text: 'the target has not been heard of' })),
          });
        socket.on('data', (chunk: Buffer) => {
          liveness?.heard();
          try {
            for (const { message, payload } of decoder.feed(chunk)) {
              if (link !== undefined) listener.onMessage(message, payload);
              else if (message.kind === 'welcome') {
                clearTimeout(timer);
                link = new Link(
                  socket,
                  writer,
                  { ...message, clockSkewMs: clockSkew(helloAtMs, message.nowMs, Date.now()) },
                  options.packer,
                );
                liveness = watch();
                resolve(link);
              } else if (message.kind === 'refused') fail(new ReplicationError(message.code, { ...message.details, ...where }));
              else fail(new ReplicationError('protocol-error', { ...where, text: `'${message.kind}' before 'welcome'` }));
            }
          } catch (error) {
            fail(toReplicationError(error));
          }
        });
        socket.on('error', (error: NodeJS.ErrnoException) => {
          const code =
            error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN'
              ? 'host-unknown'
              : link === undefined
                ? 'unreachable'
                : 'link-lost';
          fail(new ReplicationError(code, { ...where, text: error.message }, { cause: error }));
        });
        socket.on('close', () => {
          clearTimeout(timer);
          liveness?.stop();
          signal.removeEventListener('abort', abort);
          const error = closeCause ?? new ReplicationError('link-lost', { ...where, text: 'the target closed the connection' });
          fail(error);
          if (link !== undefined) listener.onClosed(error);
        });
      });
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** `onWritten`: see `Channel`. */
  send(message: SourceMessage, payload?: Uint8Array, onWritten?: () => void): void {
    if (this.#socket.destroyed) return;
    this.#writer.write(this.#packer.pack(message, payload), onWritten);
    if (message.kind === 'ops') durableStep('source.ops.sent');
    else if (message.kind === 'data') durableStep('source.data.sent');
  }

  get bufferedBytes(): number {
    return this.#writer.bufferedBytes;
  }

  /** Resolves when what was sent has left for the network, or the link is gone. */
  drained(): Promise<void> {
    return this.#writer.drained();
  }

  close(): void {
    this.#socket.destroy();
  }
}
