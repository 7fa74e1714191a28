import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const USER = 'postgres';
const programs = globSync('/usr/lib/postgresql/*/bin').sort().at(-1) ?? null;

/** Why no PostgreSQL can be run here; null when one can. */
export function whyNoPostgres(): string | null {
  if (process.getuid?.() !== 0) return 'its server runs as a user of its own, which takes root';
  if (programs === null) return 'PostgreSQL is not installed';
  if (userId() === null) return `there is no user ${USER}`;
  return null;
}

/** What must hold in every consistent state of pgbench's tables, and how many transactions are in it. */
export interface Books {
  readonly accounts: number;
  readonly tellers: number;
  readonly branches: number;
  readonly history: number;
  readonly transactions: number;
}

/** A server with a data folder of its own, heard only on a socket in a folder of its own. Parents of the data folder are for everybody to enter. */
export class PostgresCluster {
  readonly data: string;
  readonly #sockets: string;

  constructor(data: string) {
    this.data = data;
    this.#sockets = mkdtempSync(join(tmpdir(), 'understudy-pg-'));
    chownSync(this.#sockets, Number(userId()), -1);
  }

  /** Makes the data folder, with checksums of all pages. The folder above belongs to root: it is made there and given away. */
  async init(): Promise<void> {
    await this.#as('initdb', '-D', this.data, '-A', 'trust', '-E', 'UTF8', '--locale', 'C', '--data-checksums', '--no-sync');
  }

  /** Resolves when it takes sessions: if it has to recover, when that is over. */
  async start(...settings: readonly string[]): Promise<void> {
    const all = [`unix_socket_directories=${this.#sockets}`, 'listen_addresses=', 'shared_buffers=16MB', ...settings];
    const options = all.map((setting) => `-c ${setting}`).join(' ');
    const log = `${this.#sockets}/log`;
    await this.#as('pg_ctl', 'start', '-w', '-s', '-t', '60', '-D', this.data, '-l', log, '-o', options).catch(
      (cause: unknown) => {
        throw new Error(`PostgreSQL does not start:\n${readFileSync(log, 'utf8')}`, { cause });
      },
    );
  }

  /** `immediate`: as in a crash. The folder of its socket goes with it. */
  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#as('pg_ctl', 'stop', '-w', '-s', '-m', mode, '-D', this.data);
    rmSync(this.#sockets, { recursive: true, force: true });
  }

  /** The tables of pgbench. */
  async fill(scale: number): Promise<void> {
    await this.#as('pgbench', '-h', this.#sockets, '-i', '-q', '-s', String(scale), 'postgres');
    await this.query('CREATE EXTENSION amcheck');
  }

  /** Clients that write without rest until the process is killed. */
  load(clients: number): ChildProcess {
    const args = ['-h', this.#sockets, '-U', USER, '-n', '-c', String(clients), '-T', '600', 'postgres'];
    return spawn(`${programs}/pgbench`, args, { stdio: 'ignore' });
  }

  async query(sql: string): Promise<string> {
    const args = ['-h', this.#sockets, '-U', USER, '-X', '-A', '-t', '-F', ' ', '-v', 'ON_ERROR_STOP=1', '-c', sql, 'postgres'];
    return (await run(`${programs}/psql`, args)).stdout.trim();
  }

  async books(): Promise<Books> {
    const sums = await this
      .query(`SELECT (SELECT sum(abalance) FROM pgbench_accounts), (SELECT sum(tbalance) FROM pgbench_tellers),
      (SELECT sum(bbalance) FROM pgbench_branches), (SELECT coalesce(sum(delta), 0) FROM pgbench_history),
      (SELECT count(*) FROM pgbench_history)`);
    const [accounts = NaN, tellers = NaN, branches = NaN, history = NaN, transactions = NaN] = sums.split(' ').map(Number);
    return { accounts, tellers, branches, history, transactions };
  }

  /** Every page of every table, the order of every index (`bt_index_check`), and that each row is in the indexes; fails with what is wrong. */
  async check(): Promise<void> {
    await run(`${programs}/pg_amcheck`, ['-h', this.#sockets, '-U', USER, '--heapallindexed', 'postgres']);
  }

  async #as(program: string, ...args: readonly string[]): Promise<void> {
    // Whoever goes on in the background keeps what it was given to print to; so it is given nothing.
    const child = spawn('runuser', ['-u', USER, '--', `${programs}/${program}`, ...args], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
    const code = await new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
    child.stderr.destroy();
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${said}`);
  }
}

function userId(): string | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${USER}:`));
  return line?.split(':')[2] ?? null;
}
