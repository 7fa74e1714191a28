import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { endWorker } from '../../../src-main/base/index.ts';

const ANSWERS = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (message) => { if (message === 'end') process.exit(); });
`;
/** Hears nothing until it is let go, as a thread in a call of the system that takes long. */
const STUCK = `
  const { parentPort, workerData } = require('node:worker_threads');
  Atomics.wait(new Int32Array(workerData), 0, 0);
  parentPort.postMessage('went on');
`;

test('a thread that is asked to end is waited for', async () => {
  const worker = new Worker(ANSWERS, { eval: true });
  expect(await endWorker(worker, 'end', 60_000)).toBe(true);
  expect(worker.threadId).toBe(-1);
  expect(await endWorker(worker, 'end', 0)).toBe(true);
});

test('a thread that does not hear is left alone, never ended by force', async () => {
  const gate = new SharedArrayBuffer(4);
  const worker = new Worker(STUCK, { eval: true, workerData: gate });
  await once(worker, 'online');
  expect(await endWorker(worker, 'end', 10)).toBe(false);
  const said = once(worker, 'message');
  worker.ref();
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
  expect(await said).toEqual(['went on']);
  await once(worker, 'exit');
});
