import type { CallError, ConsoleMessage, ConsoleTransport, ConsoleUpdate, Request } from '../../src-main/api/index.ts';
import { CallFailure } from './call-failure.ts';
import type { ConsoleLink, LinkState } from './link.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;

const lost: CallError = {
  code: 'link-lost',
  text: 'The connection to the console program was lost before it answered. The call may or may not have been carried out.',
  details: {},
};
const closed: CallError = { code: 'link-lost', text: 'There is no connection to the console program.', details: {} };

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (failure: CallFailure) => void;
}

/** What one socket reports; nothing before the function that opened it has returned. */
export interface SocketEvents {
  readonly onOpen: () => void;
  readonly onClose: () => void;
  readonly onText: (text: string) => void;
}
export type OpenSocket = (events: SocketEvents) => { send(text: string): void };

/** A browser's WebSocket to the address. */
export function browserSocket(address: URL): OpenSocket {
  return ({ onOpen, onClose, onText }) => {
    const socket = new WebSocket(address);
    socket.addEventListener('open', onOpen);
    socket.addEventListener('close', onClose);
    socket.addEventListener('message', (event) => {
      if (typeof event.data === 'string') onText(event.data);
    });
    return { send: (text) => socket.send(text) };
  };
}

/** One socket at a time to the console's main side; a lost one is opened again with growing waits. Calls in flight then fail. */
export class WebSocketLink implements ConsoleLink {
  readonly #open: OpenSocket;
  readonly #waiting = new Map<number, Waiting>();
  readonly #updates = new Set<(update: ConsoleUpdate) => void>();
  readonly #states = new Set<(state: LinkState) => void>();
  #state: LinkState = { kind: 'connecting' };
  #socket: ReturnType<OpenSocket> | undefined;
  #generation = 0;
  #nextId = 1;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(open: OpenSocket) {
    this.#open = open;
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  readonly invoke: ConsoleTransport['invoke'] = ((call: string, input: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      if (this.#socket === undefined || this.#state.kind !== 'open') {
        reject(new CallFailure(closed));
        return;
      }
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, call, input } satisfies Request));
    })) as ConsoleTransport['invoke'];

  subscribe(listener: (update: ConsoleUpdate) => void): () => void {
    this.#updates.add(listener);
    return () => this.#updates.delete(listener);
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#states.add(listener);
    return () => this.#states.delete(listener);
  }

  retry(): void {
    if (this.#state.kind !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect(): void {
    this.#setState({ kind: 'connecting' });
    // A socket that was given up may still report; only the present one counts.
    const generation = ++this.#generation;
    const isPresent = () => generation === this.#generation;
    this.#socket = this.#open({
      onOpen: () => {
        if (!isPresent()) return;
        this.#retryMs = FIRST_RETRY_MS;
        this.#setState({ kind: 'open' });
      },
      onText: (text) => {
        if (isPresent()) this.#receive(JSON.parse(text) as ConsoleMessage);
      },
      onClose: () => {
        if (isPresent()) this.#lose();
      },
    });
  }

  #lose(): void {
    this.#socket = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(new CallFailure(lost));
    this.#waiting.clear();
    const now = Date.now();
    this.#setState({ kind: 'waiting', since: now, retryAt: now + this.#retryMs });
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #receive(message: ConsoleMessage): void {
    if ('update' in message) {
      for (const listener of this.#updates) listener(message.update);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return; // an answer to a call that was already given up
    this.#waiting.delete(message.id);
    if (message.ok) waiting.resolve(message.result);
    else waiting.reject(new CallFailure(message.error));
  }

  #setState(state: LinkState): void {
    this.#state = state;
    for (const listener of this.#states) listener(state);
  }
}
