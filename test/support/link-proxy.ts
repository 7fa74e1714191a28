import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP relay on loopback whose line can be cut, at once or in the middle of what it carries. */
export class LinkProxy {
  readonly port: number;
  /** How often somebody tried to connect, let through or not. */
  attempts = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #isSwallowing = false;
  /** Bytes towards the target until the line breaks by itself; Infinity when it does not. */
  #bytesLeft = Infinity;

  private constructor(server: Server, targetPort: () => number) {
    this.#server = server;
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    server.on('connection', (client) => this.#relay(client, targetPort()));
  }

  /** `targetPort` is asked at each connection: a restarted target may have another one. */
  static async open(targetPort: () => number): Promise<LinkProxy> {
    const server = createServer({ allowHalfOpen: false });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new LinkProxy(server, targetPort);
  }

  /** Breaks the line with what is under way, and refuses new ones until `restore`. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Lets so many more bytes through to the target, then cuts. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** From now on nothing gets through in either direction and nobody is told: what a pulled cable looks like. Until `restore`. */
  swallow(): void {
    this.#isSwallowing = true;
  }

  restore(): void {
    if (this.#isSwallowing) this.cut(); // what was swallowed is missing in the stream
    this.#isSwallowing = false;
    this.#isCut = false;
    this.#bytesLeft = Infinity;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #relay(client: Socket, port: number): void {
    this.attempts++;
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      this.#sockets.add(socket);
      // The ends see a broken line as they would with a real one; there is nobody else to tell.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.on('drain', () => other.resume());
    }
    client.on('data', (chunk) => {
      if (this.#isSwallowing) return;
      const passed = chunk.subarray(0, Math.min(chunk.length, this.#bytesLeft));
      this.#bytesLeft -= passed.length;
      if (!target.write(passed)) client.pause();
      if (this.#bytesLeft <= 0) this.cut();
    });
    target.on('data', (chunk) => {
      if (this.#isSwallowing) return;
      if (!client.write(chunk)) target.pause();
    });
  }
}
