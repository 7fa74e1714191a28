import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from './stored.ts';

const COSTS = { cost: 2 ** 15, blockSize: 8, parallelization: 1 } as const;
const HASH_BYTES = 32;

/** The salted scrypt hash of a password (32 MiB and some tens of milliseconds on a thread of the pool). */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COSTS);
  return { salt: salt.toString('base64'), hash: hash.toString('base64'), ...COSTS };
}

/** Whether the password is right. With `stored` null (no such account) it takes just as long and says no. */
export async function checkPassword(password: string, stored: PasswordHash | null): Promise<boolean> {
  const salt = stored ? Buffer.from(stored.salt, 'base64') : randomBytes(16);
  const expected = stored ? Buffer.from(stored.hash, 'base64') : randomBytes(HASH_BYTES);
  const found = await derive(password, salt, stored ?? COSTS);
  return found.length === expected.length && timingSafeEqual(found, expected) && stored !== null;
}

async function derive(password: string, salt: Buffer, costs: Omit<PasswordHash, 'salt' | 'hash'>): Promise<Buffer> {
  const { cost, blockSize, parallelization } = costs;
  const maxmem = 256 * cost * blockSize;
  // The same letters typed on another keyboard can arrive as other code points.
  const normal = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(normal, salt, HASH_BYTES, { cost, blockSize, parallelization, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
