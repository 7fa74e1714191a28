import type { TLSSocket } from 'node:tls';
import { ReplicationError, toReplicationError } from '../../../base/index.ts';
import {
  encodeTarget,
  Liveness,
  sourceDecoder,
  type Received,
  type SourceMessage,
  type TargetMessage,
} from '../../wire/index.ts';

/** More unsent bytes than this wait in memory only for answers that are under way. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024;

export interface LinkOwner {
  received(received: Received<SourceMessage>): void;
  /** Called once, whoever closed the link; `error` when it broke or the peer broke the protocol. */
  closed(error: ReplicationError | null): void;
}

/** The link to one source, after the TLS handshake. Messages reach the present owner in order. */
export class TargetLink {
  readonly #socket: TLSSocket;
  readonly #decoder = sourceDecoder();
  #owner: LinkOwner;
  readonly #closing = new AbortController();
  /** A source that vanished without a word must not be shown as connected for the quarter of an hour that the network hopes. */
  readonly #liveness: Liveness;
  #error: ReplicationError | null = null;

  constructor(socket: TLSSocket, owner: LinkOwner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 10_000);
    this.#liveness = new Liveness({
      beat: () => {
        // Whoever does not listen cannot hear.
        if (socket.isPaused()) this.#liveness.heard();
      },
      silent: () => {
        this.#error ??= new ReplicationError('link-lost', { text: 'the source has not been heard of' });
        socket.destroy();
      },
    });
    socket.on('data', (chunk: Buffer) => {
      this.#liveness.heard();
      this.#take(chunk);
    });
    socket.on('error', (error) => (this.#error ??= toReplicationError(error)));
    socket.on('close', () => {
      this.#liveness.stop();
      this.#closing.abort();
      this.#owner.closed(this.#error);
    });
  }

  get isOpen(): boolean {
    return !this.whenClosed.aborted;
  }

  /** Aborts when the link is closed. */
  get whenClosed(): AbortSignal {
    return this.#closing.signal;
  }

  /** `host:port` of the source, for logs. */
  get peer(): string {
    return `${this.#socket.remoteAddress ?? '?'}:${this.#socket.remotePort ?? 0}`;
  }

  /** The SHA-256 fingerprint of the peer's certificate, `AB:CD:…`; null when it showed none. */
  get fingerprint(): string | null {
    return this.#socket.getPeerX509Certificate()?.fingerprint256 ?? null;
  }

  /** Messages go to `owner` from now on. */
  handTo(owner: LinkOwner): void {
    this.#owner = owner;
  }

  /** After the link closed this does nothing. */
  send(message: TargetMessage, payload?: Uint8Array): void {
    if (!this.isOpen || this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.cork();
    for (const part of encodeTarget(message, payload)) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Resolves when not much is waiting to be sent, or the link is closed. */
  async whenDrained(): Promise<void> {
    if (!this.isOpen || this.#socket.writableLength < MAX_UNSENT_BYTES) return;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        this.#socket.off('drain', finish).off('close', finish);
        resolve();
      };
      this.#socket.once('drain', finish).once('close', finish);
    });
  }

  /** Nothing more is read from the network; what was read already still arrives. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Tells the source why, then closes. */
  refuse(error: ReplicationError): void {
    this.send({ kind: 'refused', code: error.code, details: error.details });
    this.#socket.end();
    // A peer that does not read must not keep the link.
    setTimeout(() => this.#socket.destroy(), 2_000).unref();
  }

  /** The peer broke the protocol, or we cannot go on with it: it is told, and the link closes. */
  fail(error: unknown): void {
    this.#error = toReplicationError(error);
    this.pause();
    this.refuse(this.#error);
  }

  /** Sends what is waiting, then closes. */
  end(): void {
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), 2_000).unref();
  }

  /** Closes at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      for (const received of this.#decoder.feed(chunk)) {
        if (this.#error === null) this.#owner.received(received);
      }
    } catch (error) {
      this.fail(error);
    }
  }
}
