import { randomUUID } from 'node:crypto';
import { chmodSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { initialServiceSettings } from '../api/index.ts';
import { ReplicationError, makeFolders } from '../base/index.ts';
import { openSettings, replaceFile } from '../config/index.ts';
import { Accounts } from './accounts.ts';
import { dataFolder } from './data-folder.ts';
import { readIdentity } from './identity.ts';
import { accountsShape, serverShape } from './stored.ts';

/** Throws `permission-denied` when that cannot be seen: a folder of somebody else is not an empty one. */
export function isInitialised(root: string): boolean {
  try {
    return statSync(dataFolder(root).server, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw new ReplicationError('permission-denied', { path: root }, { cause: error });
  }
}

/**
 * Makes a data folder: identity, server settings and, if given, the first administrator. Rejects with `already-initialised`; an
 * interrupted attempt is not yet initialised and may be repeated.
 */
export async function initDataFolder(options: {
  dataDir: string;
  name?: string;
  admin: { name: string; password: string } | null;
}): Promise<{ name: string; fingerprint: string }> {
  const { dataDir, admin } = options;
  const name = options.name ?? hostname();
  if (isInitialised(dataDir)) throw new ReplicationError('already-initialised', { path: dataDir });
  const folder = dataFolder(dataDir);
  makePrivateFolder(dataDir);
  makePrivateFolder(dirname(folder.key));
  // Loaded here only: the certificate library is a large part of what every other command would load for nothing.
  const { createIdentity } = await import('./create-identity.ts');
  const { keyPem, certificatePem } = await createIdentity(name);
  await replaceFile(folder.key, keyPem);
  await replaceFile(folder.certificate, certificatePem);
  const accounts = openSettings(folder.accounts, accountsShape);
  await accounts.update(() => accountsShape.initial);
  if (admin) await new Accounts(accounts).create(admin.name, admin.password, 'admin');
  // Written last: its presence is what makes the folder an initialised one.
  const server = { serverId: randomUUID(), name, volumes: [], settings: initialServiceSettings };
  await openSettings(folder.server, serverShape(server)).update(() => server);
  return { name, fingerprint: readIdentity(folder).fingerprint };
}

function makePrivateFolder(path: string): void {
  try {
    makeFolders(path, 0o700);
    chmodSync(path, 0o700); // it may have existed with a wider mode
  } catch (error) {
    const code = error instanceof Error && 'code' in error && error.code === 'EEXIST' ? 'not-a-folder' : 'permission-denied';
    throw new ReplicationError(code, { path }, { cause: error });
  }
}
