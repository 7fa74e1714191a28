import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly failure?: string;
  readonly errorBox?: { readonly title: string; readonly text: string };
}

/** The built desktop program, running against the stand-in of Electron in a process of its own and a home folder of its own. */
export class DesktopShell {
  readonly home: string;
  readonly errorBoxes: { readonly title: string; readonly text: string }[] = [];
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #output = '';
  #lastId = 0;

  static start(options: { home?: string; isSecond?: boolean } = {}): DesktopShell {
    return new DesktopShell(options.home ?? mkdtempSync(join(tmpdir(), 'understudy-desktop-')), options.isSecond ?? false);
  }

  private constructor(home: string, isSecond: boolean) {
    this.home = home;
    const register = join(ROOT, 'test/support/electron-stand-in/register.ts');
    this.#child = spawn(process.execPath, ['--import', register, join(ROOT, 'dist/main/app.js')], {
      cwd: home,
      env: {
        ...process.env,
        UNDERSTUDY_HOME: join(home, 'understudy'),
        STAND_IN_HOME: home,
        STAND_IN_SECOND: isSecond ? '1' : '0',
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    this.#child.on('message', (reply: Reply) => {
      this.#take(reply);
    });
    this.ended = new Promise((done) => {
      this.#child.once('close', (code) => {
        for (const { reject } of this.#waiting.values()) reject(new Error(`the program ended (${code})\n${this.#output}`));
        this.#waiting.clear();
        done(code);
      });
    });
  }

  get output(): string {
    return this.#output;
  }

  /** What a person or a page does, and what they then see; the actions are those of the stand-in's driver. */
  ask<T>(action: string, ...values: unknown[]): Promise<T> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#child.send({ id, action, values }, (error) => {
        if (error !== null) reject(error);
      });
    });
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async dispose(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    rmSync(this.home, { recursive: true, force: true });
  }

  #take(reply: Reply): void {
    if (reply.errorBox !== undefined) this.errorBoxes.push(reply.errorBox);
    if (reply.id === undefined) return;
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.failure === undefined) waiting?.resolve(reply.result);
    else waiting?.reject(new Error(reply.failure));
  }
}
