import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { endWorker } from '../../../../../src-main/base/index.ts';
import { SourceThreads, type SourceSeat } from '../../../../../src-main/engine/connection/source/source-threads.ts';
import type { SourceWorkerData, ToSource } from '../../../../../src-main/engine/connection/source/source-protocol.ts';
import { eventually } from '../../../../support/eventually.ts';

/**
 * Serves connections that tell in which thread they are, stop when told to, and fail in a way that takes the thread with them. One without
 * memory closes its ports before it says so; it is played, since V8 that is really out of memory often aborts the whole process.
 */
const THREAD = `
  const { parentPort, threadId } = require('node:worker_threads');
  const ports = [];
  parentPort.on('message', (message) => {
    if (message.kind === 'end') process.exit();
    const { port } = message.data;
    ports.push(port);
    port.postMessage({ kind: 'event', severity: 'info', text: String(threadId) });
    port.on('message', ({ kind }) => {
      if (kind === 'disconnect') setImmediate(() => { throw new Error('a bug'); });
      if (kind === 'calculated') process.exit(1);
      if (kind === 'gate') {
        for (const one of ports) one.close();
        setTimeout(() => { throw new Error('out of memory'); }, 50);
      }
      if (kind !== 'stop') return;
      port.postMessage({ kind: 'stopped' });
      port.close();
    });
  });
`;

class Scene {
  readonly workers: Worker[] = [];
  readonly threads = new SourceThreads({
    most: 2,
    startWorker: () => {
      const worker = new Worker(THREAD, { eval: true });
      this.workers.push(worker);
      return worker;
    },
  });

  /** Opens a connection; resolves when it has told its thread. */
  async open(isAlone = false): Promise<{ readonly seat: SourceSeat; readonly thread: string }> {
    const data = { capturePort: new MessageChannel().port1 } as unknown as Omit<SourceWorkerData, 'port'>;
    const seat = this.threads.open(data, isAlone);
    const [told] = (await once(seat, 'message')) as [{ text: string }];
    return { seat, thread: told.text };
  }
}

const stop: ToSource = { kind: 'stop' };

test('connections share as many threads as there may be, evenly; one that is to be alone has its own', async () => {
  const scene = new Scene();
  const alone = await scene.open(true);
  const opened = [await scene.open(), await scene.open(), await scene.open(), await scene.open()];
  const [a, b, c, d] = opened.map(({ thread }) => thread);
  expect(new Set([a, b]).size).toBe(2);
  expect(new Set([c, d])).toEqual(new Set([a, b]));
  expect([a, b]).not.toContain(alone.thread);
  expect(opened.map(({ seat }) => seat.isShared)).toEqual([true, true, true, true]);
  expect(alone.seat.isShared).toBe(false);
  for (const { seat } of [alone, ...opened]) expect(await endWorker(seat, stop, 60_000)).toBe(true);
});

test('a connection that ends leaves the others in its thread alone; the thread ends with the last', async () => {
  const scene = new Scene();
  const [first, , third] = [await scene.open(), await scene.open(), await scene.open()];
  expect(third.thread).toBe(first.thread);
  const said: string[] = [];
  first.seat.on('message', ({ kind }) => said.push(kind));
  expect(await endWorker(first.seat, stop, 60_000)).toBe(true);
  expect([said, first.seat.threadId]).toEqual([['stopped'], -1]);
  const fourth = await scene.open();
  expect(fourth.thread).toBe(third.thread);
  const [worker] = scene.workers;
  const gone = new Promise((resolve) => worker?.once('exit', resolve));
  for (const { seat } of [third, fourth]) expect(await endWorker(seat, stop, 60_000)).toBe(true);
  await gone;
  const fresh = await scene.open();
  expect(scene.workers).toHaveLength(3);
  for (const one of scene.workers) one.unref();
  expect(fresh.seat.isShared).toBe(false);
});

test('an error that escapes is told to all in the thread, each then ends, and nobody comes into it any more', async () => {
  const scene = new Scene();
  const [first, second, third] = [await scene.open(), await scene.open(), await scene.open()];
  const told = [first, third].map(async ({ seat }) => {
    const [error] = (await once(seat, 'error')) as [Error];
    return error.message;
  });
  const ended = [first, third].map(({ seat }) => new Promise((resolve) => seat.once('exit', () => resolve('ended'))));
  third.seat.postMessage({ kind: 'disconnect' });
  expect(await Promise.all(told)).toEqual(['a bug', 'a bug']);
  expect(await Promise.all(ended)).toEqual(['ended', 'ended']);
  expect((await scene.open()).thread).not.toBe(first.thread);
  expect(second.seat.threadId).not.toBe(-1);
  for (const one of scene.workers) one.unref();
});

test.each([
  ['ends without a word', { kind: 'calculated', files: 0, bytes: 0 }],
  ['has no memory left', { kind: 'gate', isOpen: true }],
] as const)('a thread that %s tells all in it of an error before they end', async (_, order) => {
  const scene = new Scene();
  const [first, , third] = [await scene.open(), await scene.open(), await scene.open()];
  const told: string[] = [];
  for (const [name, { seat }] of [['first', first] as const, ['third', third] as const]) {
    seat.on('error', () => told.push(`${name} error`));
    seat.on('exit', () => told.push(`${name} exit`));
  }
  third.seat.postMessage(order);
  await eventually('both ended', () => told.length >= 4);
  expect(told).toEqual(['first error', 'third error', 'first exit', 'third exit']);
  for (const one of scene.workers) one.unref();
});
