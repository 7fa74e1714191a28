import { ReplicationError } from '../base/index.ts';

const FREE_ATTEMPTS = 5;
const FREE_ATTEMPTS_PER_ADDRESS = 20;
const MOST_WAIT_MS = 5 * 60_000;
const FORGET_AFTER_MS = 60 * 60_000;
const MOST_KEYS = 10_000;

interface Failures {
  count: number;
  lastMs: number;
  waitUntilMs: number;
}

/**
 * Slows down guessing: after 5 wrong passwords for a user from one address (or 20 from one address) each further one doubles the wait, from
 * 1 second to 5 minutes. A correct password clears the user's count. Held in memory; a restart forgets.
 */
export class LoginLimiter {
  readonly #nowMs: () => number;
  readonly #failures = new Map<string, Failures>();

  constructor({ nowMs = Date.now }: { nowMs?: () => number } = {}) {
    this.#nowMs = nowMs;
  }

  /** Call before looking at the password: it counts as failed until `succeeded`, so that parallel attempts gain nothing. Throws `too-many-attempts`. */
  begin(user: string, address: string): void {
    const now = this.#nowMs();
    const keys = keysFor(user, address);
    const waitMs = Math.max(...keys.map((key) => (this.#failures.get(key)?.waitUntilMs ?? 0) - now));
    if (waitMs > 0) throw new ReplicationError('too-many-attempts', { user, seconds: Math.ceil(waitMs / 1000) });
    this.#count(keys[0], FREE_ATTEMPTS, now);
    this.#count(keys[1], FREE_ATTEMPTS_PER_ADDRESS, now);
  }

  /** The attempt that began was right: the user's count is cleared, and the address has this one back. */
  succeeded(user: string, address: string): void {
    const [userKey, addressKey] = keysFor(user, address);
    this.#failures.delete(userKey);
    const ofAddress = this.#failures.get(addressKey);
    if (!ofAddress) return;
    ofAddress.count--;
    ofAddress.waitUntilMs = 0;
  }

  #count(key: string, free: number, now: number): void {
    const old = this.#failures.get(key);
    const count = old && now - old.lastMs < FORGET_AFTER_MS ? old.count + 1 : 1;
    const waitMs = count < free ? 0 : Math.min(MOST_WAIT_MS, 1000 * 2 ** (count - free));
    this.#failures.delete(key); // inserted again at the end, so that the first key is always the one unused for longest
    this.#failures.set(key, { count, lastMs: now, waitUntilMs: now + waitMs });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MOST_KEYS && oldest !== undefined) this.#failures.delete(oldest);
  }
}

function keysFor(user: string, address: string): readonly [string, string] {
  return [`user ${user.toLowerCase()} from ${address}`, `from ${address}`];
}
