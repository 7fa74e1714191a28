import { randomUUID } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { ReplicationError, type Log, makeFolders } from '../base/index.ts';
import { formatAddress, parseAddress } from '../control/index.ts';
import { openDatabase } from '../store/index.ts';
import type { SecretBox } from './secret-box.ts';

/** The port meant when an address names none. */
export const USUAL_CONTROL_PORT = 6320;

/** A server that this user knows: the name people use for it, where it is, and the certificate that was confirmed for it. */
export interface RegisteredServer {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly fingerprint: string;
}
export interface StoredLogin {
  readonly user: string;
  readonly password: string;
}

/** The known servers and stored logins of this user, shared by consoles and scripts; each change is seen by all of them at once. */
export interface Registry {
  /** In the order of their names. */
  list(): readonly RegisteredServer[];
  /** By name (in any case), or by `host[:port]` when that is a known server's address. Throws `unknown-server`. */
  find(nameOrAddress: string): RegisteredServer;
  /** Throws `server-exists` for a name in use and `bad-input` for a fingerprint or address that cannot be one. */
  add(server: { name: string; address: string; fingerprint: string }): RegisteredServer;
  /** Its stored login goes with it. Throws `unknown-server`. */
  remove(name: string): RegisteredServer;
  /** Null when none is stored for this server. */
  storedLogin(name: string): StoredLogin | null;
  storeLogin(name: string, login: StoredLogin): void;
  forgetLogin(name: string): void;
  close(): void;
}

const migrations = [
  `CREATE TABLE servers (
     id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE, host TEXT NOT NULL, port INTEGER NOT NULL, fingerprint TEXT NOT NULL
   ) STRICT;
   CREATE TABLE logins (
     server_id TEXT PRIMARY KEY REFERENCES servers (id) ON DELETE CASCADE, user TEXT NOT NULL, sealed_password BLOB NOT NULL
   ) STRICT`,
];

/** Opens the registry in `home`, which is made if it is missing (readable by this user only). The caller closes it. */
export function openRegistry(home: string, { box, log }: { box: SecretBox; log?: Log }): Registry {
  makeFolders(home, 0o700);
  const file = join(home, 'console.db');
  const database = openDatabase(file, migrations);
  chmodSync(file, 0o600);
  const columns = 'id, name, host, port, fingerprint';
  const all = database.prepare<[], RegisteredServer>(`SELECT ${columns} FROM servers ORDER BY name COLLATE NOCASE`);
  const byName = database.prepare<[string], RegisteredServer>(`SELECT ${columns} FROM servers WHERE name = ?`);

  function find(nameOrAddress: string): RegisteredServer {
    const named = byName.get(nameOrAddress);
    if (named) return named;
    const wanted = addressOf(nameOrAddress);
    const there = wanted === null ? [] : all.all().filter((server) => formatAddress(server).toLowerCase() === wanted);
    const [only] = there;
    if (!only || there.length > 1) throw new ReplicationError('unknown-server', { server: nameOrAddress });
    return only;
  }

  return {
    find,
    list: () => all.all(),
    add({ name, address, fingerprint }) {
      if (byName.get(name)) throw new ReplicationError('server-exists', { server: name });
      if (!/^\S(.{0,98}\S)?$/.test(name))
        throw new ReplicationError('bad-input', { text: `“${name}” cannot be the name of a server` });
      const server = {
        id: randomUUID(),
        name,
        ...parseAddress(address, USUAL_CONTROL_PORT),
        fingerprint: normalFingerprint(fingerprint),
      };
      database
        .prepare('INSERT INTO servers (id, name, host, port, fingerprint) VALUES (?, ?, ?, ?, ?)')
        .run(server.id, server.name, server.host, server.port, server.fingerprint);
      return server;
    },
    remove(name) {
      const server = find(name);
      database.prepare('DELETE FROM servers WHERE id = ?').run(server.id);
      return server;
    },
    storedLogin(name) {
      const row = database
        .prepare<[string], { user: string; sealed: Buffer }>(
          'SELECT user, sealed_password AS sealed FROM logins WHERE server_id = ?',
        )
        .get(find(name).id);
      if (!row) return null;
      try {
        return { user: row.user, password: box.open(row.sealed) };
      } catch (error) {
        // Sealed by another shell's secret store, or the key is gone: the person logs in once more.
        log?.warn('a stored login cannot be opened', { server: name, error });
        return null;
      }
    },
    storeLogin(name, { user, password }) {
      database
        .prepare('INSERT OR REPLACE INTO logins (server_id, user, sealed_password) VALUES (?, ?, ?)')
        .run(find(name).id, user, Buffer.from(box.seal(password)));
    },
    forgetLogin(name) {
      database.prepare('DELETE FROM logins WHERE server_id = ?').run(find(name).id);
    },
    close: () => {
      database.close();
    },
  };
}

function addressOf(text: string): string | null {
  try {
    return formatAddress(parseAddress(text, USUAL_CONTROL_PORT)).toLowerCase();
  } catch {
    return null; // a name that cannot be an address either
  }
}

function normalFingerprint(text: string): string {
  const digits = text.replace(/[\s:]/g, '').toUpperCase();
  if (!/^[0-9A-F]{64}$/.test(digits)) {
    throw new ReplicationError('bad-input', {
      text: 'a fingerprint has 64 hexadecimal digits (SHA-256), as the server shows it',
    });
  }
  return (digits.match(/../g) ?? []).join(':');
}
