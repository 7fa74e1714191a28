import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { Socket } from 'node:net';
import type { HookRun } from '../../../../api/index.ts';

/** Between the request to end and the end by force. */
const GRACE_MS = 2_000;
/** A process that even force does not end (it waits for a disk) is not waited for any longer than this. */
const LOST_MS = 1_000;
/** Of what a program prints, the end is kept. */
const KEPT_CHARACTERS = 400;
const WORLD_WRITABLE = 0o002;
const GROUP_WRITABLE = 0o020;

export interface ProgramRun {
  /** An absolute path; started without a shell and without arguments. */
  readonly program: string;
  /** All that it gets of an environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** Once it aborts the program is ended as if its time were over. */
  readonly signal?: AbortSignal;
  /** Called once it runs: the group in which it and all that it starts are. */
  readonly onStarted?: (processGroup: number) => void;
  readonly nowMs?: () => number;
}

/** Why a service that may do everything does not start this program; null when it may. */
export function whyNotRun(program: string): string | null {
  try {
    const { uid, gid, mode } = statSync(program);
    accessSync(program, constants.X_OK);
    if (!statSync(program).isFile()) return 'it is no file';
    const own = [0, process.getuid?.() ?? 0];
    if (!own.includes(uid)) return 'it belongs to a user who is neither root nor the one of the service';
    if ((mode & WORLD_WRITABLE) !== 0) return 'everybody may change it';
    if ((mode & GROUP_WRITABLE) !== 0 && gid !== 0 && gid !== process.getgid?.()) return 'a group of other users may change it';
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'it is not there' : `it cannot be started (${code ?? String(error)})`;
  }
}

/**
 * Runs a program of the administrator's to its end, at most for `limitMs`: then it is ended with everything that it started. Never rejects.
 * What a program that ended well left running (a session that keeps a lock, say) goes on.
 */
export async function runProgram({ program, environment, limitMs, signal, onStarted, nowMs }: ProgramRun): Promise<HookRun> {
  const now = nowMs ?? (() => performance.now());
  const startedAt = new Date().toISOString();
  const startedMs = now();
  const ended = (outcome: HookRun['outcome'], text: string): HookRun => {
    return { startedAt, tookMs: Math.round(now() - startedMs), outcome, text };
  };
  const refusal = whyNotRun(program);
  if (refusal !== null) return ended('refused', `${program} was not started: ${refusal}.`);
  let printed = '';
  const child = spawn(program, [], { cwd: '/', env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      printed = (printed + text).slice(-KEPT_CHARACTERS);
    });
    stream.on('error', () => undefined);
    // Whoever goes on after the program's end may keep the pipe; that does not keep the service.
    if (stream instanceof Socket) stream.unref();
  }
  const exit = exitOf(child);
  if (child.pid !== undefined) onStarted?.(child.pid);
  const isOver = await within(exit, limitMs, signal);
  if (!isOver) {
    endGroup(child.pid, 'SIGTERM');
    await within(exit, GRACE_MS);
    endGroup(child.pid, 'SIGKILL'); // also for those that it started and that did not hear
    await within(exit, LOST_MS);
    const why = signal?.aborted === true ? 'was no longer waited for' : `did not end within ${limitMs / 1000} s`;
    return ended('timed-out', withOutput(`${program} ${why} and was ended by force.`, printed));
  }
  const result = await exit;
  if (result.kind === 'not-started') return ended('failed', `${program} could not be started: ${result.why}.`);
  if (result.code === 0) return ended('ok', '');
  const how = result.code === null ? `was ended by ${result.signal ?? 'a signal'}` : `ended with ${result.code}`;
  return ended('failed', withOutput(`${program} ${how}.`, printed));
}

/** Ends every process of a group that we may end; one that is gone already, or runs as another user (`sudo`), is no error: the thaw must follow. */
export function endGroup(processGroup: number | undefined, signal: NodeJS.Signals): void {
  if (processGroup === undefined) return;
  try {
    process.kill(-processGroup, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

type Exit =
  | { readonly kind: 'ended'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'not-started'; readonly why: string };

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      // Its last words may still be in the pipe.
      setImmediate(() => resolve({ kind: 'ended', code, signal }));
    });
    child.once('error', (error) => resolve({ kind: 'not-started', why: error.message }));
  });
}

async function within(exit: Promise<Exit>, limitMs: number, signal?: AbortSignal): Promise<boolean> {
  const late = Promise.withResolvers<false>();
  const giveUp = () => late.resolve(false);
  const timer = setTimeout(giveUp, limitMs);
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted === true) giveUp();
  const isOver = await Promise.race([exit.then(() => true), late.promise]);
  clearTimeout(timer);
  signal?.removeEventListener('abort', giveUp);
  return isOver;
}

function withOutput(text: string, printed: string): string {
  const said = printed.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return said === '' ? text : `${text} It said: ${said}`;
}
