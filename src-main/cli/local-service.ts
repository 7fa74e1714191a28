import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { z } from 'zod';
import { ReplicationError } from '../base/index.ts';
import { openControlSession, parseAddress, type Address, type ControlSession } from '../control/index.ts';
import { lastingPort } from './lasting-port.ts';

const ADMIN = 'admin';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

export interface LocalServiceOptions {
  /** The `understudy` program to run with this Node. */
  readonly program: string;
  readonly name: string;
  /** A new folder: everything of this service lies below it. */
  readonly folder: string;
  readonly password: string;
  /** `C=/srv/c`. */
  readonly volumes?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A program with its arguments that starts the service in its turn, such as one that takes rights away. */
  readonly launcher?: readonly string[];
  /** Where it listens; loopback if not given. */
  readonly address?: string;
}

const NOWHERE: Address = { host: '', port: 0 };
const readyLine = z.object({ ready: z.literal(true), control: z.string(), data: z.string(), fingerprint: z.string() });

/**
 * A real service as a process of its own on loopback. It gets free ports that no outgoing connection takes while it is down; each start uses them, as an
 * installed service would. The owner calls `stop` or `kill` before it lets go.
 */
export class LocalService {
  readonly name: string;
  readonly dataDir: string;
  readonly #options: LocalServiceOptions;
  #child: ChildProcess | null = null;
  #control: Address = NOWHERE;
  #data: Address = NOWHERE;
  #fingerprint = '';
  #stderr = '';
  #lastEnd: string | null = null;

  private constructor(options: LocalServiceOptions) {
    this.#options = options;
    this.name = options.name;
    this.dataDir = join(options.folder, 'data');
  }

  /** Initialises a data folder with an administrator; starts nothing. */
  static async init(options: LocalServiceOptions): Promise<LocalService> {
    const service = new LocalService(options);
    const args = ['init', '--data', service.dataDir, '--admin', ADMIN, '--name', options.name];
    const child = service.#spawn(args, { UNDERSTUDY_ADMIN_PASSWORD: options.password });
    const code = await exit(child);
    if (code !== 0) throw service.#failure(`init ended with ${String(code)}`);
    const host = options.address ?? '127.0.0.1';
    service.#control = { host, port: await lastingPort(host) };
    service.#data = { host, port: await lastingPort(host) };
    return service;
  }

  get control(): Address {
    return this.#control;
  }

  get data(): Address {
    return this.#data;
  }

  get fingerprint(): string {
    return this.#fingerprint;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** How its last process ended, with what that wrote to its standard error; null while none has. */
  get lastEnd(): string | null {
    return this.#lastEnd;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Resolves when the service has printed that it is ready; rejects with what it said instead. */
  async start(): Promise<void> {
    const args = ['service', '--data', this.dataDir, '--control', text(this.#control), '--data-port', text(this.#data)];
    for (const volume of this.#options.volumes ?? []) args.push('--volume', volume);
    this.#stderr = '';
    const child = this.#spawn(args, {});
    this.#child = child;
    child.once('close', (code, signal) => {
      if (this.#child === child) this.#child = null;
      this.#lastEnd = `ended with ${String(code ?? signal)}${this.#stderr === '' ? '' : `: ${this.#stderr.trim()}`}`;
    });
    const ready = await this.#readyLine(child);
    this.#control = parseAddress(ready.control, 0);
    this.#data = parseAddress(ready.data, 0);
    this.#fingerprint = ready.fingerprint;
  }

  /** A session of the administrator; the caller closes it. */
  async session(): Promise<ControlSession> {
    const session = await openControlSession({ ...this.#control, fingerprint: this.#fingerprint });
    await session.call('session.login', { user: ADMIN, password: this.#options.password });
    return session;
  }

  /** A clean stop; a service that does not end in time is killed, and that is an error. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.kill('SIGTERM');
    await exit(child);
    clearTimeout(timer);
    if (child.signalCode === 'SIGKILL') throw this.#failure(`did not stop within ${STOP_TIMEOUT_MS / 1000} s`);
  }

  /** The end without any warning: `kill -9`. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    child.kill('SIGKILL');
    await exit(child);
  }

  #spawn(args: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
    const [command = process.execPath, ...words] = [
      ...(this.#options.launcher ?? []),
      process.execPath,
      this.#options.program,
      ...args,
    ];
    const child = spawn(command, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        UNDERSTUDY_HOME: join(this.#options.folder, 'home'),
        ...this.#options.environment,
        ...environment,
      },
    });
    child.stderr.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-4000)));
    return child;
  }

  #readyLine(child: ChildProcess): Promise<z.infer<typeof readyLine>> {
    return new Promise((resolve, reject) => {
      const fail = (text: string) => {
        clearTimeout(timer);
        reject(this.#failure(text));
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(`was not ready within ${START_TIMEOUT_MS / 1000} s`);
      }, START_TIMEOUT_MS);
      child.once('error', (error) => fail(error.message));
      child.once('close', (code, signal) => fail(`ended with ${String(code ?? signal)} before it was ready`));
      if (child.stdout === null) throw new Error('spawned without its output');
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('{')) return;
        clearTimeout(timer);
        resolve(readyLine.parse(JSON.parse(line)));
      });
    });
  }

  #failure(what: string): ReplicationError {
    const said = this.#stderr.trim();
    return new ReplicationError('internal', { text: `the service “${this.name}” ${what}${said === '' ? '' : `: ${said}`}` });
  }
}

function text({ host, port }: Address): string {
  return `${host}:${port}`;
}

function exit(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('close', (code) => resolve(code)));
}
