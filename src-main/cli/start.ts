import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ensureBuilt } from './build-state.ts';
import { chooseShell, fetchElectron, findElectron } from './shell-choice.ts';

const ELECTRON_FETCH_LIMIT_MS = 60_000;
const ELECTRON_EARLY_END_MS = 15_000;

/** `npm start`: builds what is missing, then opens the console as a window or, where that cannot be, in a browser. */
async function start(root: string, args: readonly string[]): Promise<number> {
  ensureBuilt(root, say);
  const choice = await chooseShell({
    platform: process.platform,
    env: process.env,
    isRoot: process.getuid?.() === 0,
    findElectron: () => findElectron(root, process.env),
    fetchElectron: () => {
      say(`Electron is not installed; trying to fetch it (at most ${ELECTRON_FETCH_LIMIT_MS / 1000} s) ...`);
      return fetchElectron(root, ELECTRON_FETCH_LIMIT_MS);
    },
  });
  let why = choice.kind === 'browser' ? choice.why : null;
  if (choice.kind === 'electron') {
    const startedAtMs = Date.now();
    const code = await run(choice.binary, [root, ...args], root);
    // Electron that cannot open a window (no sandbox, no usable display) ends at once; the console is still wanted.
    if (code === 0 || Date.now() - startedAtMs > ELECTRON_EARLY_END_MS) return code;
    why = `the Electron window ended at once (exit code ${code})`;
  }
  say(`No desktop window: ${why ?? 'unknown'}. The console is served to a browser instead:`);
  return run(process.execPath, [join(root, 'dist/main/understudy.js'), 'console', ...args], root);
}

/** Runs a program in this terminal until it ends. A signal that ends us ends it first, cleanly. */
function run(program: string, args: readonly string[], cwd: string): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { cwd, stdio: 'inherit' });
    // Ctrl-C reaches the child by itself, as part of the terminal's foreground group; we only must outlive it.
    const onInterrupt = (): void => undefined;
    const onTerminate = (): void => void child.kill('SIGTERM');
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate);
    const forget = (): void => void process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate);
    child.once('error', (error) => {
      forget();
      fail(error);
    });
    child.once('close', (code, signal) => {
      forget();
      done(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1));
    });
  });
}

function say(line: string): void {
  console.log(line);
}

try {
  process.exitCode = await start(resolve(import.meta.dirname, '../..'), process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
