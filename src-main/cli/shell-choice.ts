import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the console is shown, and for a browser the reason in words. */
export type ShellChoice =
  { readonly kind: 'electron'; readonly binary: string } | { readonly kind: 'browser'; readonly why: string };

export interface ShellSurroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isRoot: boolean;
  /** Electron's program if it is installed; never starts a download. */
  readonly findElectron: () => string | null;
  /** One bounded attempt to fetch it; null when it worked, else the reason in words. */
  readonly fetchElectron: () => Promise<string | null>;
}

/** The Electron window where it can open; otherwise a browser. Fetches Electron at most once, and only when it would be used. */
export async function chooseShell(surroundings: ShellSurroundings): Promise<ShellChoice> {
  const { platform, env } = surroundings;
  const forced = env.UNDERSTUDY_SHELL;
  if (forced === 'browser') return { kind: 'browser', why: 'UNDERSTUDY_SHELL=browser asks for it' };
  const hasDisplay = platform === 'win32' || platform === 'darwin' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
  if (!hasDisplay) return { kind: 'browser', why: 'this machine has no display' };
  // Chromium refuses to run as root unless its sandbox is switched off, and we do not switch it off.
  if (platform === 'linux' && surroundings.isRoot) return { kind: 'browser', why: 'Electron does not run as root' };
  let binary = surroundings.findElectron();
  if (binary === null) {
    const failure = await surroundings.fetchElectron();
    binary = surroundings.findElectron();
    if (binary === null)
      return { kind: 'browser', why: `Electron is not installed and ${failure ?? 'its download left no program'}` };
  }
  return { kind: 'electron', binary };
}

/** Electron's program under `root`, or null. Reads the two files that its package's own lookup reads; requiring it would download. */
export function findElectron(root: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const folder = join(root, 'node_modules/electron');
  let name: string;
  try {
    name = readFileSync(join(folder, 'path.txt'), 'utf8').trim();
  } catch {
    // Written by the download as its last step: without it there is no usable program.
    return null;
  }
  const binary = join(env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
  return name !== '' && existsSync(binary) ? binary : null;
}

/** Runs Electron's own installer, killed after `limitMs`. Null when it worked, else the reason in words. */
export async function fetchElectron(root: string, limitMs: number): Promise<string | null> {
  const installer = join(root, 'node_modules/electron/install.js');
  if (!existsSync(installer)) return 'its package is missing (run npm ci)';
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [installer], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    let isLate = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-20_000)));
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limitMs);
    const end = (reason: string | null): void => {
      clearTimeout(timer);
      resolve(reason);
    };
    child.once('error', (error) => {
      end(`its download could not start (${error.message})`);
    });
    child.once('close', (code) => {
      if (code === 0) end(null);
      else if (isLate) end(`its download did not finish within ${Math.round(limitMs / 1000)} s`);
      else end(`its download failed (${firstErrorLine(output)})`);
    });
  });
}

function firstErrorLine(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const line =
    lines.find((candidate) => /error/i.test(candidate)) ?? lines.find((candidate) => candidate !== '') ?? 'no reason given';
  return line.replace(/^(\w*Error: )+/, '').slice(0, 160);
}
