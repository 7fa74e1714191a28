import { WebSocket } from 'ws';
import { CONTROL_VERSION, type CallInput, type CallName, type CallResult, type Update } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { Address } from './address.ts';
import { fromCallError } from './call-errors.ts';
import { keepAlive } from './keep-alive.ts';
import { CONTROL_PATH, MOST_RESPONSE_BYTES, parseMessage, serverHello, serverMessage, type ClientHello } from './messages.ts';
import type { ControlSession } from './session.ts';
import { connectPinned } from './tls-link.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 60_000;
/** Summing a set reads every folder of it. */
const SLOW_CALLS: ReadonlyMap<CallName, number> = new Map([
  ['set.calculate', 3_600_000],
  ['connection.disconnect', 300_000],
  // Without subvolumes each name of a replica is made anew, or removed.
  ['snapshot.take', 3_600_000],
  ['snapshot.revert', 3_600_000],
  ['snapshot.delete', 3_600_000],
]);

export interface ProbeResult {
  readonly name: string;
  readonly version: string;
  readonly fingerprint: string;
}

/**
 * Opens a line to a service whose certificate has this fingerprint; nothing is sent to any other. Rejects with `unreachable`, `host-unknown`,
 * `timeout`, `fingerprint-mismatch` (with both), `version-mismatch` or `protocol-error`. The caller closes it.
 */
export async function openControlSession(
  options: Address & { fingerprint: string; client?: string; timeoutMs?: number },
): Promise<ControlSession> {
  return open(options, options.fingerprint);
}

/** First contact: who answers there. Sends nothing but the protocol version. A person compares the fingerprint before it is pinned. */
export async function probe(host: string, port: number, options: { timeoutMs?: number } = {}): Promise<ProbeResult> {
  const session = await open({ host, port, ...options }, null);
  session.close();
  return session.peer;
}

async function open(
  { host, port, client = 'understudy', timeoutMs = CONNECT_TIMEOUT_MS }: Address & { client?: string; timeoutMs?: number },
  pin: string | null,
): Promise<ControlSession> {
  const { socket: tls, fingerprint } = await connectPinned({ host, port }, { pin, timeoutMs });
  // The socket is encrypted and checked already: the WebSocket runs inside it, so its own scheme is the plain one.
  const socket = new WebSocket(`ws://service${CONTROL_PATH}`, {
    createConnection: () => tls,
    maxPayload: MOST_RESPONSE_BYTES,
    perMessageDeflate: false,
    handshakeTimeout: timeoutMs,
  });
  const hello = await greet(socket, { host, port, client, timeoutMs });
  return session(socket, { host, port }, { name: hello.name, version: hello.program, fingerprint });
}

async function greet(
  socket: WebSocket,
  { host, port, client, timeoutMs }: Address & { client: string; timeoutMs: number },
): Promise<{ name: string; program: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: ReplicationError) => {
      clearTimeout(timer);
      socket.terminate();
      reject(error);
    };
    const timer = setTimeout(() => fail(new ReplicationError('timeout', { host, port })), timeoutMs);
    socket.on('error', (error) =>
      fail(new ReplicationError('protocol-error', { host, port, text: error.message }, { cause: error })),
    );
    socket.once('close', (code, reason) =>
      fail(new ReplicationError('protocol-error', { host, port, text: String(reason) || `closed with ${code}` })),
    );
    socket.once('open', () => {
      const hello: ClientHello = { hello: { version: CONTROL_VERSION, client } };
      socket.send(JSON.stringify(hello));
    });
    socket.once('message', (data, isBinary) => {
      const parsed = serverHello.safeParse(parseMessage(data, isBinary));
      if (!parsed.success) {
        fail(new ReplicationError('protocol-error', { host, port, text: 'its first message is not a hello' }));
        return;
      }
      const { version, name, program } = parsed.data.hello;
      if (version !== CONTROL_VERSION) {
        fail(new ReplicationError('version-mismatch', { host, port, found: version, expected: CONTROL_VERSION }));
        return;
      }
      clearTimeout(timer);
      socket.removeAllListeners();
      resolve({ name, program });
    });
  });
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ReplicationError) => void;
  readonly timer: NodeJS.Timeout;
}

function session(socket: WebSocket, { host, port }: Address, peer: ControlSession['peer']): ControlSession {
  const where = { server: peer.name, host, port };
  const waiting = new Map<number, Waiting>();
  const listeners = new Set<(update: Update) => void>();
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<ReplicationError | null>();
  let nextId = 1;
  let isClosedHere = false;
  let failure: ReplicationError | null = null;

  function settle(id: number): Waiting | undefined {
    const found = waiting.get(id);
    waiting.delete(id);
    clearTimeout(found?.timer);
    return found;
  }

  keepAlive(socket);
  socket.on('message', (data, isBinary) => {
    const parsed = serverMessage.safeParse(parseMessage(data, isBinary));
    if (!parsed.success) {
      failure = new ReplicationError('protocol-error', where);
      socket.terminate();
      return;
    }
    const message = parsed.data;
    if ('update' in message) {
      // The server is pinned and of our version: the value has the shape of its name.
      for (const listener of listeners) listener(message.update as unknown as Update);
    } else if (message.ok) {
      settle(message.id)?.resolve(message.result);
    } else {
      settle(message.id)?.reject(fromCallError(message.error));
    }
  });
  socket.on(
    'error',
    (error) => (failure ??= new ReplicationError('link-lost', { ...where, text: error.message }, { cause: error })),
  );
  socket.on('close', () => {
    const error = failure ?? new ReplicationError('link-lost', where);
    for (const id of [...waiting.keys()]) settle(id)?.reject(error);
    listeners.clear();
    resolveEnded(isClosedHere ? null : error);
  });

  return {
    peer,
    ended,
    async call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallResult<K>> {
      if (socket.readyState !== socket.OPEN) throw new ReplicationError('link-lost', where);
      const id = nextId++;
      const result = new Promise<unknown>((resolve, reject) => {
        const timer = setTimeout(
          () => settle(id)?.reject(new ReplicationError('timeout', where)),
          SLOW_CALLS.get(name) ?? CALL_TIMEOUT_MS,
        );
        waiting.set(id, { resolve, reject, timer });
      });
      socket.send(JSON.stringify({ id, call: name, input }));
      return (await result) as CallResult<K>;
    },
    onUpdate(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      isClosedHere = true;
      socket.close(1000);
      // A peer that is gone never answers the close; without this the process would wait for it.
      const hurry = setTimeout(() => socket.terminate(), 2_000);
      socket.once('close', () => clearTimeout(hurry));
    },
  };
}
