import type { AccountInfo, Role } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { SettingsFile } from '../config/index.ts';
import { LoginLimiter, type Peer } from '../control/index.ts';
import { checkPassword, hashPassword } from './passwords.ts';
import type { StoredAccount } from './stored.ts';

/** Hashing takes 32 MiB each: more at once would let strangers fill the memory. */
const MOST_CHECKS_AT_ONCE = 2;

/** Who may log in, and who is. Names are compared without regard to case. */
export class Accounts {
  readonly #file: SettingsFile<{ readonly accounts: readonly StoredAccount[] }>;
  readonly #limiter: LoginLimiter;
  /** The account as it was at the login; another record under that name (deleted, new password or role) ends the login. */
  readonly #loggedIn = new WeakMap<Peer, StoredAccount>();
  readonly #waiting: (() => void)[] = [];
  #checks = 0;

  constructor(file: SettingsFile<{ readonly accounts: readonly StoredAccount[] }>, limiter = new LoginLimiter()) {
    this.#file = file;
    this.#limiter = limiter;
  }

  list(): readonly AccountInfo[] {
    return this.#file.value.accounts.map(toInfo);
  }

  async create(name: string, password: string, role: Role): Promise<AccountInfo> {
    if (this.#find(name)) throw new ReplicationError('account-exists', { user: name });
    const account = { name, role, createdAt: new Date().toISOString(), password: await hashPassword(password) };
    await this.#file.update(({ accounts }) => {
      if (this.#find(name)) throw new ReplicationError('account-exists', { user: name }); // made meanwhile
      return { accounts: [...accounts, account] };
    });
    return toInfo(account);
  }

  /** `mayRemoveLastAdmin`: only for this program itself, which needs no account. */
  async delete(name: string, { mayRemoveLastAdmin }: { mayRemoveLastAdmin: boolean }): Promise<void> {
    await this.#file.update(({ accounts }) => {
      const account = this.#require(name);
      if (!mayRemoveLastAdmin) refuseLastAdmin(account, accounts);
      return { accounts: accounts.filter((other) => other !== account) };
    });
  }

  async setPassword(name: string, password: string): Promise<void> {
    this.#require(name);
    const hash = await hashPassword(password);
    await this.#file.update(({ accounts }) => {
      const account = this.#require(name);
      return { accounts: accounts.map((other) => (other === account ? { ...other, password: hash } : other)) };
    });
  }

  /** A role that the account has already changes nothing, so that its logins go on. */
  async setRole(name: string, role: Role): Promise<AccountInfo> {
    await this.#file.update((stored) => {
      const account = this.#require(name);
      if (account.role === role) return stored;
      if (role !== 'admin') refuseLastAdmin(account, stored.accounts);
      return { accounts: stored.accounts.map((other) => (other === account ? { ...other, role } : other)) };
    });
    return toInfo(this.#require(name));
  }

  /** Sets the peer's user and role, or rejects with `wrong-password` or `too-many-attempts`; whether the name exists is not told, nor timed. */
  async login(peer: Peer, user: string, password: string): Promise<void> {
    this.#limiter.begin(user, peer.from);
    const account = this.#find(user);
    const isRight = await this.#oneOfFew(() => checkPassword(password, account?.password ?? null));
    if (!isRight || !account || this.#find(user) !== account) throw new ReplicationError('wrong-password', { user });
    this.#limiter.succeeded(user, peer.from);
    this.#loggedIn.set(peer, account);
    peer.user = account.name;
    peer.role = account.role;
  }

  isStillValid(peer: Peer): boolean {
    if (peer.isTrusted) return true;
    const account = this.#loggedIn.get(peer);
    return account !== undefined && this.#file.value.accounts.includes(account);
  }

  async #oneOfFew<T>(check: () => Promise<T>): Promise<T> {
    while (this.#checks >= MOST_CHECKS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#checks++;
    try {
      return await check();
    } finally {
      this.#checks--;
      this.#waiting.shift()?.();
    }
  }

  #find(name: string): StoredAccount | undefined {
    const wanted = name.toLowerCase();
    return this.#file.value.accounts.find((account) => account.name.toLowerCase() === wanted);
  }

  #require(name: string): StoredAccount {
    const account = this.#find(name);
    if (!account) throw new ReplicationError('unknown-account', { user: name });
    return account;
  }
}

function refuseLastAdmin(account: StoredAccount, accounts: readonly StoredAccount[]): void {
  const isLast = account.role === 'admin' && !accounts.some((other) => other !== account && other.role === 'admin');
  if (isLast) throw new ReplicationError('last-admin', { user: account.name });
}

function toInfo({ name, role, createdAt }: StoredAccount): AccountInfo {
  return { name, role, createdAt };
}
