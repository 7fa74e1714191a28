import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReplicationError } from '../base/index.ts';
import { writeFileAtomic } from '../config/index.ts';

/** Keeps stored passwords unreadable in the database. `open` throws when the bytes were sealed by another box or changed. */
export interface SecretBox {
  seal(plain: string): Uint8Array;
  open(sealed: Uint8Array): string;
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * A box whose key lies in a file that only this user may read. It protects copies of the database (a backup, a file share), not against
 * someone who can read this user's files; a desktop shell passes the system's secret store instead.
 */
export function fileSecretBox(home: string): SecretBox {
  let key: Buffer | undefined;
  return keySecretBox(() => (key ??= readOrMakeKey(join(home, 'secret.key'))));
}

/** A box around a key of 32 bytes that the caller keeps, for example in the system's secret store. Asks for it when first needed. */
export function keySecretBox(theKey: () => Uint8Array): SecretBox {
  return {
    seal(plain) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', theKey(), nonce);
      return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed) {
      const bytes = Buffer.from(sealed);
      const end = bytes.length - TAG_BYTES;
      const decipher = createDecipheriv('aes-256-gcm', theKey(), bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(end));
      return decipher.update(bytes.subarray(NONCE_BYTES, end), undefined, 'utf8') + decipher.final('utf8');
    },
  };
}

function readOrMakeKey(file: string): Buffer {
  if (!existsSync(file)) writeFileAtomic(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
  const key = Buffer.from(readFileSync(file, 'utf8'), 'base64');
  if (key.length !== KEY_BYTES) throw new ReplicationError('damaged-data', { path: file, text: 'not a key' });
  return key;
}
