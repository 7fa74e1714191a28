import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The middle value; of an even number the upper middle one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? NaN;
}

const GIVE_UP_MS = 600_000;

/** Looks every `everyMs`; rejects when it takes longer than ten minutes. What looks takes from what it looks at: seconds need no millisecond. */
export async function until(what: string, isTrue: () => boolean, everyMs = 1): Promise<void> {
  const giveUpAtMs = performance.now() + GIVE_UP_MS;
  while (!isTrue()) {
    if (performance.now() > giveUpAtMs) throw new Error(`${what} took longer than ${GIVE_UP_MS / 1000} s`);
    await delay(everyMs);
  }
}

const nap = new Int32Array(new SharedArrayBuffer(4));

/** So long the thread is kept; more, and the services would take the bench, which answers none of them, for dead. */
const MOST_KEPT_MS = 1_000;

/**
 * How long it takes until `isTrue`, in ms, looked at five times each millisecond. Keeps the thread at first: for times so short that a timer
 * would blur them. Rejects after `timeoutMs`.
 */
export async function quickly(isTrue: () => boolean, timeoutMs = 60_000): Promise<number> {
  const startMs = performance.now();
  while (!isTrue()) {
    const waitedMs = performance.now() - startMs;
    if (waitedMs > timeoutMs) throw new Error(`it took longer than ${timeoutMs / 1000} s`);
    if (waitedMs < MOST_KEPT_MS) Atomics.wait(nap, 0, 0, 0.2);
    else await delay(1);
  }
  return performance.now() - startMs;
}

/**
 * Whether a copy is complete as far as two looks can tell: the entry that any walk reaches last is there, and the top folder, whose
 * time is set after its content, has its source's time. The whole is compared afterwards.
 */
export function looksComplete(source: string, target: string, last: string): boolean {
  const end = lstatSync(`${target}/${last}`, { throwIfNoEntry: false });
  const want = lstatSync(`${source}/${last}`);
  if (end === undefined || (!want.isDirectory() && end.size !== want.size) || end.mtimeMs !== want.mtimeMs) return false;
  return lstatSync(target).mtimeMs === lstatSync(source).mtimeMs;
}

/** Writes out what is dirty and empties the page cache; false when the system does not allow that. */
export async function coldCache(): Promise<boolean> {
  await promisify(execFile)('sync');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    // Not root, or a container: the bench says so and goes on with a warm cache.
    return false;
  }
}

/** Flushes the file system that holds `folder`: what makes a copy by a tool without flushes of its own durable. */
export function flush(folder: string): void {
  execFileSync('sync', ['-f', folder]);
}

/** The first line that a program says about its version, or null where it is not installed. */
export function versionOf(program: string, args: readonly string[]): string | null {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) return null;
  return (
    `${stdout}${stderr}`
      .split('\n')
      .find((line) => /\d\.\d/.test(line))
      ?.trim() ?? program
  );
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: string;
  readonly kernel: string;
  readonly node: string;
  readonly disk: string;
  /** How many threads wanted to run, on average over a minute: before the first piece of work, and after the last. */
  readonly load: readonly string[];
}

export function machine(folder: string): Omit<Machine, 'load'> {
  const df = execFileSync('df', ['--output=fstype,target', folder], { encoding: 'utf8' }).trim().split('\n')[1] ?? '';
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    // Without the builder's own suffix, which tells a reader nothing.
    kernel: `Linux ${release().split('-')[0] ?? ''}`,
    node: process.version,
    disk: `${df.trim().split(/\s+/).join(' on ')}${isRotational() ? '' : ', no rotating disk'}`,
  };
}

function isRotational(): boolean {
  try {
    return readFileSync('/sys/block/vda/queue/rotational', 'utf8').trim() === '1';
  } catch {
    // Another kind of machine: nothing is said about its disk.
    return true;
  }
}
