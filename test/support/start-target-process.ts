import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TargetProcessOptions } from './target-process.ts';

/** A target in a process of its own. */
export interface TargetProcess {
  readonly port: number;
  readonly process: ChildProcess;
  /** `kill -9`, and until it is gone. */
  kill(): Promise<void>;
}

/** Starts it and waits until it listens. Runs from the sources, so that nothing has to be built. `launcher` starts it in its turn. */
export async function startTargetProcess(
  folder: string,
  options: TargetProcessOptions,
  launcher: readonly string[] = [],
): Promise<TargetProcess> {
  const file = join(folder, 'target-process.json');
  writeFileSync(file, JSON.stringify(options), { mode: 0o600 });
  const [command, ...args] = [...launcher, process.execPath, resolve(import.meta.dirname, 'target-process.ts'), file];
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { port } = JSON.parse(line) as { port: number };
  return {
    port,
    process: child,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
