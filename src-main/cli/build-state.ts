import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['src-main', 'src-renderer', 'resources', 'package-lock.json', 'electron.vite.config.ts'];
const PRODUCTS = ['dist/main/app.js', 'dist/main/understudy.js', 'dist/preload/index.cjs', 'dist/renderer/index.html'];
const STAMP = 'dist/.built';
const LOCK_WAIT_MS = 120_000;

/** Why `dist` must be built again, in words for the terminal; null when it is complete and not older than any source. */
export function whyBuild(root: string): string | null {
  const missing = PRODUCTS.find((product) => !existsSync(join(root, product)));
  if (missing !== undefined) return `${missing} is not there yet`;
  const builtAtMs = Number(readText(join(root, STAMP)));
  if (!(builtAtMs > 0)) return 'the last build did not finish';
  for (const source of SOURCES) {
    const newer = firstNewer(join(root, source), builtAtMs);
    if (newer !== null) return `${newer.slice(root.length + 1)} changed`;
  }
  return null;
}

/** Builds `dist` when it is missing or stale, one builder at a time; throws with the builder's output when the build fails. */
export function ensureBuilt(root: string, say: (line: string) => void): void {
  if (whyBuild(root) === null) return;
  const unlock = lock(root);
  try {
    const why = whyBuild(root);
    if (why === null) return;
    say(`Building: ${why}.`);
    runBuild(root);
  } finally {
    unlock();
  }
}

/** Builds `dist` in any case; throws with the builder's output when the build fails. */
export function build(root: string): void {
  const unlock = lock(root);
  try {
    runBuild(root);
  } finally {
    unlock();
  }
}

function runBuild(root: string): void {
  // Taken before the build: a file saved while it runs counts as newer and causes the next build.
  const startedAtMs = Date.now();
  rmSync(join(root, STAMP), { force: true });
  const script = join(root, 'node_modules/electron-vite/bin/electron-vite.js');
  const result = spawnSync(process.execPath, [script, 'build', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (result.status !== 0) throw new Error(`The build failed.\n${result.stdout}${result.stderr}`, { cause: result.error });
  writeFileSync(join(root, STAMP), String(startedAtMs));
}

/** A folder is a lock that needs no native call; one left by a builder that died is taken over. */
function lock(root: string): () => void {
  const folder = join(root, 'node_modules/.understudy-build');
  const owner = join(folder, 'pid');
  const giveUpAtMs = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      mkdirSync(folder);
      writeFileSync(owner, String(process.pid));
      return () => rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    if (Date.now() > giveUpAtMs)
      throw new Error(`Another build has held ${folder} for two minutes; delete that folder if none is running.`);
    const pid = Number(readText(owner));
    if (pid > 0 && !isAlive(pid)) rmSync(folder, { recursive: true, force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function firstNewer(path: string, thanMs: number): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return null;
  if (!stat.isDirectory()) return stat.mtimeMs > thanMs ? path : null;
  // A folder's own time changes with a deleted or renamed file, which no remaining file would show.
  if (stat.mtimeMs > thanMs) return path;
  for (const name of readdirSync(path)) {
    const newer = firstNewer(join(path, name), thanMs);
    if (newer !== null) return newer;
  }
  return null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there yet: the callers treat an empty text as "unknown".
    return '';
  }
}
