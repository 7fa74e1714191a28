import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { Log } from '../base/index.ts';
import type { Address } from './address.ts';
import type { Answerer } from './answerer.ts';
import { listen } from './listen.ts';
import { CONTROL_PATH, MOST_REQUEST_BYTES } from './messages.ts';
import { servePeer, type ServedAs } from './serve-peer.ts';

/** More lines than any real set of consoles and scripts needs; the next ones are turned away before TLS costs anything. */
const MOST_LINES = 500;

export interface ControlServer {
  readonly address: Address;
  /** Ends all lines and frees the port. */
  close(): Promise<void>;
}

export interface ControlServerOptions extends ServedAs {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly answerer: Answerer;
  readonly log: Log;
}

/** Opens a service's control port. Rejects with `port-in-use` or `bad-input` (no such address here). */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const server = createServer({
    key: options.keyPem,
    cert: options.certificatePem,
    minVersion: 'TLSv1.3',
    handshakeTimeout: 10_000,
  });
  server.maxConnections = MOST_LINES;
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  server.on('request', (_request, response) => response.writeHead(404).end());
  server.on('tlsClientError', (error) => options.log.debug('a client failed the TLS handshake', { text: error.message }));
  const sockets = new WebSocketServer({ server, path: CONTROL_PATH, maxPayload: MOST_REQUEST_BYTES, perMessageDeflate: false });
  // The same errors reach the listener below; without a handler here they would end the process.
  sockets.on('error', () => undefined);
  sockets.on('connection', (socket, request) => servePeer(socket, request.socket.remoteAddress ?? 'unknown', options));
  await listen(server, options.host, options.port);
  const { address, port } = server.address() as AddressInfo;
  return { address: { host: address, port }, close: () => closeAll(server, sockets) };
}

async function closeAll(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(1001, 'the service stops');
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const ended = new Promise<void>((resolve) => sockets.close(() => resolve()));
  // A peer that does not answer the close would hold the stop for ever.
  const hurry = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
  }, 1_000);
  await Promise.all([closed, ended]);
  clearTimeout(hurry);
}
