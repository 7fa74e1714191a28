import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Log } from '../base/index.ts';
import type { Console } from '../console/index.ts';
import { listen } from '../control/index.ts';
import { Access } from './access.ts';
import { sendFile, sendText, SAFE_HEADERS } from './pages.ts';
import { serveSocket } from './serve-socket.ts';

export const USUAL_WEB_PORT = 6322;
const LOOPBACK = '127.0.0.1';
const MOST_REQUEST_BYTES = 8 * 1024 * 1024;
const SORRY =
  'This console opens with the one-time address that its terminal printed. An address works once; press Enter in the terminal for a new one.';

export interface WebServer {
  readonly port: number;
  /** A new address that opens the console once. */
  issueAddress(): string;
  close(): Promise<void>;
}

/** Serves the console on loopback. Rejects with `port-in-use`. Port 0: any free one. */
export async function startWebServer(options: {
  port: number;
  rendererFolder: string;
  console: Pick<Console, 'invoke' | 'subscribe'>;
  log: Log;
}): Promise<WebServer> {
  const server = createServer();
  await listen(server, LOOPBACK, options.port);
  const { port } = server.address() as AddressInfo;
  const access = new Access(port);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_REQUEST_BYTES, perMessageDeflate: false });

  server.on('request', (request, response) => {
    void answer(request, response, access, options.rendererFolder);
  });
  server.on('upgrade', (request, socket, head) => {
    const isAllowed =
      request.url === '/api' && access.isOurHost(request) && access.isOurOrigin(request) && access.hasSession(request);
    if (!isAllowed) {
      options.log.warn('a WebSocket was refused', {
        host: request.headers.host,
        origin: request.headers.origin,
        url: request.url,
      });
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(opened, options.console, options.log));
  });
  return {
    port,
    issueAddress: () => `http://${LOOPBACK}:${port}/?token=${access.issueToken()}`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, access: Access, folder: string): Promise<void> {
  if (!access.isOurHost(request)) {
    sendText(response, 421, 'This address does not belong to the console.');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    sendText(response, 405, 'Only GET is answered here.');
    return;
  }
  const url = new URL(request.url ?? '/', 'http://console');
  const token = url.searchParams.get('token');
  if (url.pathname === '/' && token !== null) {
    const cookie = access.redeem(token);
    if (cookie !== null) {
      redirectHome(response, { 'Set-Cookie': cookie });
      return;
    }
    // The address was opened again in the browser that has the cookie, from its history perhaps.
    if (access.hasSession(request)) {
      redirectHome(response, {});
      return;
    }
  }
  if (!access.hasSession(request)) {
    sendText(response, 403, SORRY);
    return;
  }
  return sendFile(response, folder, url.pathname);
}

function redirectHome(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  response.writeHead(303, { ...SAFE_HEADERS, ...headers, Location: '/', 'Cache-Control': 'no-store' });
  response.end();
}
