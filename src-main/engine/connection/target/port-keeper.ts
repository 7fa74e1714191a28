import { createServer } from 'node:net';
import { listenError } from './listen-error.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * Holds the data port of a server that has no replica, so that nobody else takes it. Whoever comes is sent away unheard and told of: a source
 * comes again by itself, and is to find somebody then who can say why it is refused.
 */
export class PortKeeper {
  readonly #server = createServer((socket) => {
    socket.on('error', () => undefined); // It is gone in any case.
    socket.destroy();
    this.#onCall();
  });
  readonly #onCall: () => void;

  constructor(onCall: () => void) {
    this.#onCall = onCall;
  }

  /** Rejects with `port-in-use` and other coded failures. */
  async listen(host: string, port: number): Promise<Address> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
      this.#server.listen(port, host, resolve);
    });
    // What fails later is the taking of one call, for want of memory or descriptors: who called comes again.
    this.#server.on('error', () => undefined);
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? { host, port } : { host: address.address, port: address.port };
  }

  /** Resolves when the port is free. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
