import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const START_TIMEOUT_MS = 60_000;

/** The real `understudy console` of the build as a process of its own; everything of it lies below `folder`. */
export class ConsoleProcess {
  /** Works once: the first page that opens it is the person's browser. */
  readonly address: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  /** `name` is what its own service is called; the name of the machine if not given. */
  static async start(folder: string, name?: string): Promise<ConsoleProcess> {
    const program = resolve(import.meta.dirname, '../../dist/main/understudy.js');
    const env = { ...process.env, UNDERSTUDY_HOME: join(folder, 'home') };
    if (name !== undefined) {
      const args = [program, 'init', '--data', join(folder, 'home', 'service'), '--admin', 'admin', '--name', name];
      const init = spawnSync(process.execPath, args, {
        env: { ...env, UNDERSTUDY_ADMIN_PASSWORD: randomUUID() },
        encoding: 'utf8',
      });
      if (init.status !== 0) throw new Error(`init ended with ${String(init.status)}\n${init.stderr}`);
    }
    const child = spawn(process.execPath, [program, 'console', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'], env });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    const address = await new Promise<string>((done, fail) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail(new Error(`the console was not ready in time\n${said}`));
      }, START_TIMEOUT_MS);
      child.once('close', (code) => {
        clearTimeout(timer);
        fail(new Error(`the console ended with ${String(code)}\n${said}`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        said += `${line}\n`;
        const found = /http:\/\/\S+/.exec(line);
        if (found === null) return;
        clearTimeout(timer);
        done(found[0]);
      });
    });
    return new ConsoleProcess(child, address);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((done) => this.#child.once('close', done));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(timer);
  }
}
