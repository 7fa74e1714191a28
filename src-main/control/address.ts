import { ReplicationError } from '../base/index.ts';

/** A host and port; an IPv6 address is held without its brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host`, `host:port`, `1.2.3.4:port`, `[::1]:port` or a bare IPv6 address. Throws `bad-input`. */
export function parseAddress(text: string, defaultPort: number): Address {
  const trimmed = text.trim();
  const bracketed = /^\[([0-9a-fA-F:.%a-z]+)\](?::(\d{1,5}))?$/.exec(trimmed);
  const bare = (trimmed.match(/:/g) ?? []).length > 1;
  const plain = bare ? null : /^([^\s:/@[\]]+)(?::(\d{1,5}))?$/.exec(trimmed);
  const host = bracketed?.[1] ?? (bare && /^[0-9a-fA-F:.]+$/.test(trimmed) ? trimmed : plain?.[1]);
  const port = Number(bracketed?.[2] ?? plain?.[2] ?? defaultPort);
  if (host === undefined || port > 65_535) {
    throw new ReplicationError('bad-input', { text: `“${text}” is not an address of the form HOST:PORT` });
  }
  return { host, port };
}

/** The inverse of `parseAddress`. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the host can only mean this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
