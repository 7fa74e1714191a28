import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const LOWEST = 10_240;
/** Where systems begin to take ports for outgoing connections, at the least: Linux here, others at 49,152. */
const USUAL_OUTGOING = 32_768;
const TRIES = 50;

/** Found before, and perhaps not listened on yet: nobody else of this process gets one of these. */
const given = new Set<number>();

/**
 * A free port that no outgoing connection of this machine takes while its server is down for a moment, so that it can come back to it. 0, any that the
 * system likes, where none was found.
 */
export async function lastingPort(host: string): Promise<number> {
  const end = Math.max(LOWEST + 1, firstOutgoingPort());
  for (let i = 0; i < TRIES; i++) {
    const port = randomInt(LOWEST, end);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(host, port)) return port;
  }
  return 0;
}

function firstOutgoingPort(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8'), 10) || USUAL_OUTGOING;
  } catch {
    return USUAL_OUTGOING;
  }
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
