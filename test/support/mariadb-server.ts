import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';

const run = promisify(execFile);
const USER = 'mysql';

/** Why no MariaDB can be run here; null when one can. */
export function whyNoMariaDb(): string | null {
  if (process.getuid?.() !== 0) return 'its server runs as a user of its own, which takes root';
  if (spawnSync('mariadbd', ['--version']).error !== undefined) return 'MariaDB is not installed';
  if (spawnSync('id', ['-u', USER]).status !== 0) return `there is no user ${USER}`;
  return null;
}

/** A server with a data folder of its own, heard only on a socket. Parents of the data folder are for everybody to enter. */
export class MariaDbServer {
  readonly data: string;
  /** With the socket and the log. */
  readonly #own: string;
  #process: ChildProcess | null = null;

  constructor(data: string) {
    this.data = data;
    this.#own = mkdtempSync(join(tmpdir(), 'understudy-mariadb-'));
    chmodSync(this.#own, 0o777);
  }

  /** A file of the client's from which it knows how to log in. */
  get defaultsFile(): string {
    return `${this.#own}/client.cnf`;
  }

  get socket(): string {
    return `${this.#own}/socket`;
  }

  async init(): Promise<void> {
    await run('mariadb-install-db', ['--no-defaults', `--user=${USER}`, `--datadir=${this.data}`, '--skip-test-db']);
  }

  /** Resolves when it takes sessions: if it has to recover, when that is over. */
  async start(...options: readonly string[]): Promise<void> {
    const log = `${this.#own}/log`;
    const all = ['--no-defaults', `--user=${USER}`, `--datadir=${this.data}`, `--socket=${this.socket}`, '--skip-networking',
      `--log-error=${log}`, `--pid-file=${this.#own}/pid`, '--innodb-buffer-pool-size=32M', '--innodb-log-file-size=16M']; // prettier-ignore
    const child = spawn('mariadbd', [...all, ...options], { cwd: '/', stdio: 'ignore' });
    this.#process = child;
    await eventually('MariaDB takes sessions', () => child.exitCode !== null || this.#answers(), 60_000).catch(() => undefined);
    if (child.exitCode !== null || !(await this.#answers()))
      throw new Error(`MariaDB does not start:\n${readFileSync(log, 'utf8')}`);
  }

  /** As in a crash; what it had on its own goes with it. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const isOver = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await isOver;
    }
    rmSync(this.#own, { recursive: true, force: true });
  }

  /** Ends cleanly. */
  async stop(): Promise<void> {
    await this.query('SHUTDOWN');
    await eventually('it has ended', () => this.#process?.exitCode === 0);
    await this.kill();
  }

  async query(sql: string): Promise<string> {
    const args = ['--no-defaults', `--socket=${this.socket}`, '--batch', '--skip-column-names', '-e', sql];
    return (await run('mariadb', args)).stdout.trim();
  }

  /** Checks every table of a database; what is not in order. */
  async faults(database: string): Promise<readonly string[]> {
    const tables = (await this.query(`SHOW TABLES FROM ${database}`)).split('\n');
    const said = await this.query(`USE ${database}; CHECK TABLE ${tables.join(', ')} EXTENDED`);
    return said.split('\n').filter((line) => !line.endsWith('\tOK'));
  }

  /** Clients that call a procedure without rest until they are killed. */
  load(call: string): ChildProcess {
    return spawn('mariadb', ['--no-defaults', `--socket=${this.socket}`, '-e', call], { stdio: 'ignore' });
  }

  async #answers(): Promise<boolean> {
    return this.query('SELECT 1').then(
      () => true,
      () => false,
    );
  }
}
