import type { WebSocket } from 'ws';

const CONGESTED_BYTES = 1024 * 1024;
const RETRY_MS = 200;
const MOST_WAITING = 1000;

/**
 * Sends updates as fast as the reader takes them, as `{ update }`. For a slow reader only the newest of each kind waits, so memory stays
 * bounded; `kindOf` gives null for updates that do not replace each other, of which the oldest are dropped when too many wait.
 */
export class UpdateSender<U> {
  readonly #socket: WebSocket;
  readonly #kindOf: (update: U) => string | null;
  readonly #newest = new Map<string, U>();
  #inOrder: U[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, kindOf: (update: U) => string | null) {
    this.#socket = socket;
    this.#kindOf = kindOf;
  }

  send(update: U): void {
    const kind = this.#kindOf(update);
    if (kind === null) {
      this.#inOrder.push(update);
      if (this.#inOrder.length > MOST_WAITING) this.#inOrder.shift();
    } else {
      this.#newest.set(kind, update);
    }
    this.#flush();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#inOrder = [];
    this.#newest.clear();
  }

  #flush(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > CONGESTED_BYTES) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#flush();
      }, RETRY_MS);
      return;
    }
    const waiting = [...this.#inOrder, ...this.#newest.values()];
    this.#inOrder = [];
    this.#newest.clear();
    for (const update of waiting) this.#socket.send(JSON.stringify({ update }));
  }
}
