import type { WebSocket } from 'ws';
import { CONTROL_VERSION, type Request, type Update } from '../api/index.ts';
import { ReplicationError, type Log } from '../base/index.ts';
import type { Answerer, Peer } from './answerer.ts';
import { toCallError } from './call-errors.ts';
import { keepAlive } from './keep-alive.ts';
import { clientHello, HELLO_TIMEOUT_MS, parseMessage, request, type ServerHello, type ServerMessage } from './messages.ts';
import { UpdateSender } from './update-sender.ts';

/** Calls of one peer that are worked on at once; reading from the peer rests above that. */
const MOST_CALLS_AT_ONCE = 64;
const POLICY_VIOLATION = 1008;

export interface ServedAs {
  readonly name: string;
  readonly program: string;
}

/** Serves one client from its hello to its end. */
export function servePeer(
  socket: WebSocket,
  from: string,
  { name, program, answerer, log }: ServedAs & { readonly answerer: Answerer; readonly log: Log },
): void {
  const peer: Peer = { isTrusted: false, from: from.replace(/^::ffff:/, ''), user: null, role: null };
  const send = (message: ServerMessage | ServerHello) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  let isGreeted = false;
  let endUpdates: () => void = () => undefined;
  let callsAtOnce = 0;
  // The entries stay in the service's list; a client that missed some reads them with `message.list`.
  const updates = new UpdateSender<Update>(socket, ({ name: kind }) => (kind === 'message' ? null : kind));
  const refuse = (text: string) => {
    log.warn('a client was turned away', { from: peer.from, text });
    socket.close(POLICY_VIOLATION, text);
  };
  const helloTimer = setTimeout(() => refuse('no hello in time'), HELLO_TIMEOUT_MS);
  keepAlive(socket);

  function greet(value: unknown): void {
    const parsed = clientHello.safeParse(value);
    if (!parsed.success) {
      refuse('not a hello');
      return;
    }
    clearTimeout(helloTimer);
    send({ hello: { version: CONTROL_VERSION, name, program } });
    if (parsed.data.hello.version !== CONTROL_VERSION) {
      refuse(`version ${parsed.data.hello.version} is not ${CONTROL_VERSION}`);
      return;
    }
    isGreeted = true;
    endUpdates = answerer.subscribe(peer, (update) => updates.send(update));
  }

  async function answer({ id, call, input }: Request): Promise<void> {
    try {
      const result = await answerer.call(call, input, peer);
      send({ id, ok: true, result: result ?? null });
    } catch (error) {
      if (!(error instanceof ReplicationError)) log.error('a call failed unexpectedly', { call, error });
      send({ id, ok: false, error: toCallError(error) });
    }
  }

  socket.on('message', (data, isBinary) => {
    const value = parseMessage(data, isBinary);
    if (!isGreeted) {
      greet(value);
      return;
    }
    const parsed = request.safeParse(value);
    if (!parsed.success) {
      refuse('not a request');
      return;
    }
    if (++callsAtOnce >= MOST_CALLS_AT_ONCE) socket.pause();
    void answer(parsed.data).finally(() => {
      callsAtOnce--;
      if (socket.isPaused) socket.resume();
    });
  });
  socket.on('error', (error) => log.debug('a control line failed', { from: peer.from, text: error.message }));
  socket.on('close', () => {
    clearTimeout(helloTimer);
    endUpdates();
    updates.close();
  });
}
