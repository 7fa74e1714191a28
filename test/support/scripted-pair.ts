import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { LocalService } from '../../src-main/cli/local-service.ts';

const program = (name: string) => join(import.meta.dirname, '../../dist/main', `${name}.js`);

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Two real services on loopback, alpha and beta, each with a folder as its volume C, and the real programs with a home that knows both. */
export class ScriptedPair {
  readonly alpha: LocalService;
  readonly beta: LocalService;
  readonly #folder: string;

  private constructor(folder: string, alpha: LocalService, beta: LocalService) {
    this.#folder = folder;
    this.alpha = alpha;
    this.beta = beta;
  }

  static async start(folder: string): Promise<ScriptedPair> {
    const service = async (name: string) => {
      const volume = join(folder, `${name}-c`);
      mkdirSync(volume, { recursive: true });
      const options = { program: program('understudy'), name, folder: join(folder, name), password: 'right' };
      const made = await LocalService.init({ ...options, volumes: [`C=${volume}`] });
      await made.start();
      return made;
    };
    const [alpha, beta] = await Promise.all([service('alpha'), service('beta')]);
    const pair = new ScriptedPair(folder, alpha, beta);
    for (const { name, control, fingerprint } of [alpha, beta]) {
      const added = await pair.run('understudy', [
        'server',
        'add',
        name,
        `${control.host}:${control.port}`,
        '--fingerprint',
        fingerprint,
      ]);
      if (added.code !== 0) throw new Error(added.err);
    }
    return pair;
  }

  get home(): string {
    return join(this.#folder, 'home');
  }

  /** A path inside the volume C of a server. */
  on(server: 'alpha' | 'beta', ...path: readonly string[]): string {
    return join(this.#folder, `${server}-c`, ...path);
  }

  run(name: 'understudy' | 'dtcl', args: readonly string[], input = ''): Promise<Finished> {
    const child = spawn(process.execPath, [program(name), ...args], {
      env: { ...process.env, UNDERSTUDY_HOME: this.home },
      cwd: this.#folder,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.stdin.end(input);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, out, err }));
    });
  }

  /** Runs commands after logging in to both servers and choosing alpha as the source. */
  dtcl(commands: string): Promise<Finished> {
    return this.run('dtcl', ['-c', `login alpha admin right; login beta admin right; source alpha; ${commands}`]);
  }

  async stop(): Promise<void> {
    await Promise.all([this.alpha.kill(), this.beta.kill()]);
  }
}

/** Each entry below a folder as one line that holds all that a replica must keep: kind, mode, time, size, link target and bytes. */
export function describeTree(root: string): readonly string[] {
  const lines: string[] = [];
  // Names with one character per byte: a name need not be UTF-8.
  const visit = (folder: string, inside: string) => {
    for (const name of readdirSync(bytes(folder), 'latin1').sort()) {
      const path = bytes(`${folder}/${name}`);
      const stat = lstatSync(path, { bigint: true });
      const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? `link to ${readlinkSync(path, 'latin1')}` : 'file';
      const time = stat.isSymbolicLink() ? '' : String(stat.mtimeNs);
      const content = stat.isFile() ? `${stat.size} ${createHash('sha256').update(readFileSync(path)).digest('hex')}` : '';
      lines.push(`${inside}${name} ${kind} ${(stat.mode & 0o7777n).toString(8)} ${time} ${content}`);
      if (stat.isDirectory()) visit(`${folder}/${name}`, `${inside}${name}/`);
    }
  };
  visit(root, '');
  return lines;
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}
