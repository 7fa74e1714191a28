import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const sources = join(import.meta.dirname, '../../../src-main');
/** A thread that is in a call of the system for an hour, as on a volume that hangs; whoever starts it is told when it is. */
const HANGS = `
  const { parentPort, workerData } = require('node:worker_threads');
  const sleep = require(workerData).load('libc.so.6').func('unsigned int sleep(unsigned int)');
  parentPort.postMessage('hangs');
  sleep(3600);
`;
const PROGRAM = `
  import { once } from 'node:events';
  import { Worker } from 'node:worker_threads';
  import { untilStopped } from ${JSON.stringify(join(sources, 'cli/until-stopped.ts'))};
  const worker = new Worker(${JSON.stringify(HANGS)}, { eval: true, execArgv: [], workerData: ${JSON.stringify(createRequire(import.meta.url).resolve('koffi'))} });
  const stopped = untilStopped();
  await once(worker, 'message');
  process.stdout.write('hangs');
  await stopped;
  process.stdout.write('stopping');
  await once(worker, 'exit');
`;

test.runIf(process.platform === 'linux')('a second signal ends the process at once, whatever hangs', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  expect(await ended).toEqual([null, 'SIGKILL']);
});
