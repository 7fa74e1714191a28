import { ReplicationError } from '../base/index.ts';
import { parseAddress, type Address } from '../control/index.ts';

/** Where a service listens: `HOST:PORT`, `HOST`, or a bare `PORT` on the default host. Port 0 is any free one. */
export function parseListenAddress(text: string | undefined, standard: Address): Address {
  if (text === undefined) return standard;
  return /^\d+$/.test(text) ? { ...standard, port: parsePort(text) } : parseAddress(text, standard.port);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new ReplicationError('bad-input', { text: `“${text}” is not a port (0 to 65535)` });
  return port;
}
