import type { SafeStorage } from 'electron';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Log } from '../base/index.ts';
import { writeFileAtomic } from '../config/index.ts';
import { keySecretBox, type SecretBox } from '../console/index.ts';

const KEY_BYTES = 32;

export type SystemStore = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
>;

/**
 * A box whose key is sealed by the system's secret store and kept in `keyFile`; null where there is no such store. On Linux without a
 * key ring Electron would seal with a key that is part of its program: that is no secret, and worse than a file that only the user may read.
 */
export async function systemSecretBox(
  store: SystemStore,
  { platform, keyFile, log }: { platform: NodeJS.Platform; keyFile: string; log: Log },
): Promise<SecretBox | null> {
  if (!(await store.isAsyncEncryptionAvailable())) return null;
  if (platform === 'linux' && ['basic_text', 'unknown'].includes(store.getSelectedStorageBackend())) return null;
  const key = (await readKey(store, keyFile, log)) ?? (await makeKey(store, keyFile));
  return keySecretBox(() => key);
}

async function readKey(store: SystemStore, keyFile: string, log: Log): Promise<Buffer | null> {
  let sealed: string;
  try {
    sealed = await readFile(keyFile, 'utf8');
  } catch {
    // The first start: there is no key yet.
    return null;
  }
  try {
    const { result } = await store.decryptStringAsync(Buffer.from(sealed, 'base64'));
    const key = Buffer.from(result, 'base64');
    if (key.length === KEY_BYTES) return key;
    log.warn('the sealed key is not a key; a new one is made', { keyFile });
  } catch (error) {
    // The key ring was replaced. Stored logins cannot be opened any more, so people log in once more; nothing else depends on the key.
    log.warn('the sealed key cannot be opened; a new one is made', { keyFile, error });
  }
  return null;
}

async function makeKey(store: SystemStore, keyFile: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  const sealed = await store.encryptStringAsync(key.toString('base64'));
  writeFileAtomic(keyFile, `${sealed.toString('base64')}\n`);
  return key;
}
