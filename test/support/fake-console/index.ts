/** A console server without a console: serves the built renderer and answers its calls from a toy world, for states hard to reach. */
import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import {
  consoleInputs,
  inputs,
  type CallName,
  type ConsoleCallName,
  type ConsoleMessage,
  type ConsoleUpdate,
  type Request,
} from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { toCallError, UpdateSender } from '../../../src-main/control/index.ts';
import { updateKind } from '../../../src-main/web/serve-socket.ts';
import { FakeFailure } from './failure.ts';
import { FakeWorld, type Scenario } from './world.ts';

export { FakeFailure } from './failure.ts';
export type { Scenario } from './world.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
/** The same policy that the real server sends, so that what it forbids fails here too. */
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

export interface FakeConsole {
  readonly address: string;
  readonly world: FakeWorld;
  /** Cuts every page's link; with `stayAway` new links are refused until `comeBack`. */
  cut(stayAway: boolean): void;
  comeBack(): void;
  close(): Promise<void>;
}

/** Starts on a free loopback port. `folder` holds the built renderer. */
export async function startFakeConsole(scenario: Scenario, folder: string, port = 0): Promise<FakeConsole> {
  const sockets = new Map<WebSocket, UpdateSender<ConsoleUpdate>>();
  let isAway = false;
  const send = (socket: WebSocket, message: ConsoleMessage) => socket.send(JSON.stringify(message));
  const world = new FakeWorld(scenario, (update) => {
    for (const updates of sockets.values()) updates.send(update);
  });
  const server = createServer((request, response) => void serve(folder, request.url ?? '/', response));
  const listener = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (isAway || request.url !== '/api') socket.destroy();
    else listener.handleUpgrade(request, socket, head, (opened) => accept(opened));
  });
  const accept = (socket: WebSocket) => {
    // As the real server does: a page that is slow gets the newest only.
    const updates = new UpdateSender(socket, updateKind);
    sockets.set(socket, updates);
    socket.on('close', () => {
      updates.close();
      sockets.delete(socket);
    });
    socket.on('message', (data: Buffer) => {
      void answer(world, JSON.parse(data.toString('utf8')) as Request).then((message) => send(socket, message));
    });
  };
  const timer = setInterval(() => world.tick(), 500);
  await listen(server, port);
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    world,
    cut: (stayAway) => {
      isAway = stayAway;
      for (const socket of sockets.keys()) socket.terminate();
    },
    comeBack: () => (isAway = false),
    close: async () => {
      clearInterval(timer);
      for (const socket of sockets.keys()) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(world: FakeWorld, request: Request): Promise<ConsoleMessage> {
  try {
    const call = request.call as ConsoleCallName;
    // The real edge refuses what does not fit the schema; so does this one.
    const input: unknown = consoleInputs[call].parse(request.input);
    if (call === 'service.call') {
      const { call: name, input: inner } = input as { call: CallName; input: unknown };
      inputs[name].parse(inner);
    }
    return { id: request.id, ok: true, result: (await world.answer(call, input)) ?? null };
  } catch (thrown) {
    const error =
      thrown instanceof FakeFailure
        ? thrown.error
        : thrown instanceof ReplicationError
          ? toCallError(thrown)
          : { code: 'bad-input', text: String(thrown), details: {} };
    return { id: request.id, ok: false, error };
  }
}

async function serve(folder: string, url: string, response: import('node:http').ServerResponse): Promise<void> {
  const path = normalize(decodeURIComponent(new URL(url, 'http://fake').pathname));
  const file = join(folder, path === '/' ? 'index.html' : path);
  try {
    const body = await readFile(file);
    response.writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
