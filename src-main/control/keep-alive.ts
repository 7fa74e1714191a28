import type { WebSocket } from 'ws';
import { HEARTBEAT_MS } from './messages.ts';

/** Pings the other side and ends the line when three pings in a row found no sign of life: a cut cable says nothing by itself. */
export function keepAlive(socket: WebSocket): void {
  let silentBeats = 0;
  const alive = () => (silentBeats = 0);
  const timer = setInterval(() => {
    if (silentBeats++ >= 3) {
      socket.terminate();
      return;
    }
    if (socket.readyState === socket.OPEN) socket.ping();
  }, HEARTBEAT_MS);
  timer.unref();
  socket.on('pong', alive);
  socket.on('ping', alive);
  socket.on('message', alive);
  socket.on('close', () => clearInterval(timer));
}
