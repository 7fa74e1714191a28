/**
 * Buffers of one size that are used again once the socket has written them. Fresh ones would each be cleared page by page by the system, and
 * stay until the collector finds that they are large.
 */
export class FrameBuffers {
  readonly #bytes: number;
  readonly #mostFree: number;
  readonly #free: Buffer[] = [];

  /** More than `mostFree` are not kept: as many as wait in a full socket. */
  constructor(bytes: number, mostFree: number) {
    this.#bytes = bytes;
    this.#mostFree = mostFree;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bytes);
  }

  /** Nobody reads the buffer any more. One of another size is let go. */
  give(buffer: Buffer): void {
    if (buffer.length === this.#bytes && this.#free.length < this.#mostFree) this.#free.push(buffer);
  }
}
