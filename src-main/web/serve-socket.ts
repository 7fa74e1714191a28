import type { WebSocket } from 'ws';
import { z } from 'zod';
import { consoleInputs, type ConsoleCallName, type ConsoleMessage, type ConsoleUpdate, type Request } from '../api/index.ts';
import { ReplicationError, type Log } from '../base/index.ts';
import type { Console } from '../console/index.ts';
import { keepAlive, toCallError, UpdateSender } from '../control/index.ts';

const request: z.ZodType<Request> = z.strictObject({ id: z.int().min(0), call: z.string().max(100), input: z.unknown() });

/** Serves one page: answers its calls, in any order, and sends it all updates. */
export function serveSocket(socket: WebSocket, console: Pick<Console, 'invoke' | 'subscribe'>, log: Log): void {
  const updates = new UpdateSender(socket, updateKind);
  const send = (message: ConsoleMessage) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };
  async function answer({ id, call, input }: Request): Promise<void> {
    try {
      if (!isConsoleCall(call)) throw new ReplicationError('unknown-call', { call });
      send({ id, ok: true, result: (await console.invoke(call, input)) ?? null });
    } catch (error) {
      if (!(error instanceof ReplicationError)) log.error('a console call failed unexpectedly', { call, error });
      send({ id, ok: false, error: toCallError(error) });
    }
  }
  const unsubscribe = console.subscribe((update) => updates.send(update));
  keepAlive(socket);
  socket.on('message', (data, isBinary) => {
    const parsed = request.safeParse(isBinary ? undefined : parse(data));
    if (parsed.success) void answer(parsed.data);
    else socket.close(1008, 'not a request');
  });
  socket.on('error', (error) => log.debug('a page’s line failed', { text: error.message }));
  socket.on('close', () => {
    unsubscribe();
    updates.close();
  });
}

/** Lists replace each other; messages and the lines of scripts do not. */
export function updateKind(update: ConsoleUpdate): string | null {
  if (update.name === 'message' || update.name === 'script') return null;
  return update.name === 'servers' ? update.name : `${update.name} ${update.serverId}`;
}

function isConsoleCall(call: string): call is ConsoleCallName {
  return Object.hasOwn(consoleInputs, call);
}

function parse(data: unknown): unknown {
  try {
    return Buffer.isBuffer(data) ? (JSON.parse(data.toString('utf8')) as unknown) : undefined;
  } catch {
    return undefined; // answered as "not a request"
  }
}
