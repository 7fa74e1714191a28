import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { workerEntry } from '../../../../../src-main/base/index.ts';
import { ScoutThread } from '../../../../../src-main/engine/connection/source/scout.ts';
import { BUSY, ENDED, type ScoutData, type ToScout } from '../../../../../src-main/engine/connection/source/scout-protocol.ts';
import { eventually } from '../../../../support/eventually.ts';
import { dropFromCache, isCached } from '../../../../support/page-cache.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const names = (count: number) => Array.from({ length: count }, (_, i) => `f${i}`);

/** A thread that only notes what it is asked. */
class FakeWorker extends EventEmitter {
  readonly orders: ToScout[] = [];
  postMessage(order: ToScout): void {
    this.orders.push(order);
  }

  unref(): void {
    // Nothing would be kept alive.
  }
}

function scene() {
  const workers: FakeWorker[] = [];
  const shared: Int32Array[] = [];
  const scouts = new ScoutThread((data) => {
    shared.push(new Int32Array(data.shared));
    workers.push(new FakeWorker());
    return workers.at(-1) as FakeWorker & Worker;
  });
  onTestFinished(() => void workers.at(-1)?.emit('error', new Error('the test is over')));
  return { scouts, scout: scouts.ofWalk(), workers, shared };
}

test('small walks start no thread, however many they are; a larger one has its folders looked at', () => {
  const { scouts, scout, workers } = scene();
  for (let i = 0; i < 5; i++) scouts.ofWalk().look('/set/a', names(4_000));
  scout.look('/set/a', names(4_000));
  expect(workers).toHaveLength(0);
  scout.look('/set/b', names(4_000));
  scout.look('/', names(40));
  scout.look('/set/few', names(3));
  expect(workers).toHaveLength(1);
  expect(workers[0]?.orders).toMatchObject([
    { prefix: '/set/b/', names: names(4_000).join('\0'), isRead: false },
    { prefix: '/', names: names(40).join('\0'), isRead: false },
  ]);
});

test('what a thread that broke cannot do any more is done in place, and no other is started', () => {
  const { scout, workers } = scene();
  scout.read(names(8_000));
  expect(workers[0]?.orders).toMatchObject([{ prefix: '', isRead: true }]);
  workers[0]?.emit('error', new Error('it broke'));
  scout.read(names(5_000)); // of which none is there
  scout.look('/set', names(5_000));
  expect(workers).toHaveLength(1);
});

test('where no thread can be had, walks go on without one', () => {
  let tries = 0;
  const scout = new ScoutThread(() => {
    tries++;
    throw new Error('no room for another thread');
  }).ofWalk();
  scout.look('/set', names(9_000));
  scout.read(names(2)); // of which none is there
  expect(tries).toBe(1);
});

test('the thread has files brought into memory, passes over what is not there, and leaves alone what was asked long ago', async (context) => {
  const folder = tempFolder();
  for (const name of ['old', 'new']) writeFileSync(`${folder}/${name}`, name.repeat(2_000));
  if (!['old', 'new'].every((name) => dropFromCache(`${folder}/${name}`)))
    context.skip('this file system does not tell what it has in memory');
  const shared = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(workerEntry('scout-worker'), { workerData: { shared: shared.buffer } satisfies ScoutData });
  const order = (names: readonly string[], isRead: boolean, atMs = Date.now()) =>
    worker.postMessage({ prefix: `${folder}/`, names: names.join('\0'), isRead, atMs } satisfies ToScout);
  await once(worker, 'online');
  order(['old'], true, Date.now() - 60_000);
  // Until it has loaded its code nothing is done in time.
  await eventually('it is brought into memory', () => {
    order(['missing', 'new'], false);
    order(['missing', 'new'], true);
    return isCached(`${folder}/new`);
  });
  expect(isCached(`${folder}/old`)).toBe(false);
  expect(await eventually('it rests', () => Atomics.load(shared, BUSY) === 0)).toBe(true);
  Atomics.store(shared, ENDED, 1);
  order(['old'], true);
  const over = once(worker, 'exit');
  worker.postMessage('end' satisfies ToScout);
  expect(await over).toEqual([0]);
  expect(isCached(`${folder}/old`), 'what is asked of an ended one is not done').toBe(false);
});

test('whoever ends its thread waits for the call that the scout is in, and asks it nothing after that', () => {
  const { scouts, scout, workers, shared } = scene();
  scout.look('/set', names(8_000));
  const [both = expect.fail('no thread')] = shared;
  Atomics.store(both, BUSY, 1);
  const startMs = performance.now();
  scouts.stop();
  expect(performance.now() - startMs, 'a call that never ends is not waited for').toBeGreaterThan(900);
  expect(Atomics.load(both, ENDED)).toBe(1);
  Atomics.store(both, BUSY, 0);
  scouts.stop();
  scout.look('/set', names(8_000));
  expect(workers[0]?.orders).toHaveLength(1);
});
