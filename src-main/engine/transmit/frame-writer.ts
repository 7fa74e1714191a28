import type { TLSSocket } from 'node:tls';

/** Frames up to this are joined into one piece. */
const JOINED_BYTES = 64 * 1024;
/** So many pieces are with the socket at once: one on its way and the next. */
const WITH_SOCKET = 2;

interface Piece {
  readonly bytes: Buffer;
  readonly onWritten: (() => void) | undefined;
}

/**
 * Hands frames to a TLS socket a piece at a time. What is given to it together, or waits in it, it would join into a fresh buffer, which costs
 * more than to encrypt it: clearing its pages, copying, and collecting it.
 */
export class FrameWriter {
  readonly #socket: TLSSocket;
  #waiting: Piece[] = [];
  #withSocket = 0;
  #bufferedBytes = 0;
  #drainWaiters: (() => void)[] = [];

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('close', () => this.#closed());
  }

  /** What has not left for the network. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** `onWritten` is called when the last of it has left, if it does. */
  write(frame: readonly Buffer[], onWritten?: () => void): void {
    const size = frame.reduce((sum, part) => sum + part.length, 0);
    const pieces = size <= JOINED_BYTES && frame.length > 1 ? [Buffer.concat(frame)] : frame;
    pieces.forEach((bytes, i) => this.#waiting.push({ bytes, onWritten: i === pieces.length - 1 ? onWritten : undefined }));
    this.#bufferedBytes += size;
    this.#next();
  }

  /** Resolves when everything has left for the network, or the link is gone. */
  async drained(): Promise<void> {
    if (this.#bufferedBytes === 0 || this.#socket.destroyed) return;
    await new Promise<void>((resolve) => this.#drainWaiters.push(resolve));
  }

  #next(): void {
    while (this.#withSocket < WITH_SOCKET) {
      const piece = this.#waiting.shift();
      if (piece === undefined) return;
      this.#withSocket++;
      this.#socket.write(piece.bytes, (error) => {
        // After an error the socket may still be at the bytes.
        if (error != null) return;
        this.#withSocket--;
        this.#bufferedBytes -= piece.bytes.length;
        piece.onWritten?.();
        this.#next();
        if (this.#bufferedBytes === 0) this.#wake();
      });
    }
  }

  #closed(): void {
    this.#waiting = [];
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#drainWaiters.splice(0)) resolve();
  }
}
