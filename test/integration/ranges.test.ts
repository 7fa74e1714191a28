import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const MIB = 1024 * 1024;

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

test('with ranges a small change in a large file costs a small message, and the replica is equal', async ({ skip }) => {
  const replica = new Replica(pair, 'ranges');
  const file = `${replica.source}/large`;
  writeFileSync(file, Buffer.alloc(32 * MIB, 1));
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  const settings = { capture: { ranges: true, rangesFromBytes: 4 * MIB } };
  await pair.call('source', 'connection.configure', { connectionId: replica.id, settings });
  const { capture } = await replica.when(
    'captured anew',
    (now) => now.replication === 'replicating' && /range|bytes/.test(now.capture.method + now.capture.why),
  );
  if (capture.method !== 'fanotify with ranges') skip(`NOT TESTED HERE: ${capture.why}`);

  const change = (at: number): void => {
    const fd = openSync(file, 'r+');
    writeSync(fd, Buffer.alloc(4096, at % 251), 0, 4096, at);
    closeSync(fd);
  };
  // The first changes are found by comparing: until then nothing was recorded.
  for (const at of [0, MIB]) {
    change(at);
    await replica.settled();
  }
  const before = (await replica.get()).statistics.sentBytes;
  for (let i = 0; i < 20; i++) {
    change((i * 1_500_007) % (31 * MIB));
    if (i % 5 === 4) await replica.settled();
  }
  await replica.settled();
  const sent = (await replica.get()).statistics.sentBytes - before;
  expect(sent).toBeGreaterThanOrEqual(20 * 4096);
  // Blocks found by comparing are of 64 KiB. The comparison at rest may meet a change before its notice, so a few are allowed.
  expect(sent).toBeLessThan((20 * 64 * 1024) / 2);
  expect(await replica.differences()).toEqual([]);
});

test('with ranges a pause holds the writers of large files for a moment, bounded and counted, and loses nothing', async ({
  skip,
}) => {
  const replica = new Replica(pair, 'held');
  const file = `${replica.source}/large`;
  writeFileSync(file, Buffer.alloc(8 * MIB, 1));
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  const { id: connectionId } = replica;
  const settings = { capture: { ranges: true, rangesFromBytes: 4 * MIB, holdWritersMs: 20 } };
  await pair.call('source', 'connection.configure', { connectionId, settings });
  const { capture } = await replica.when(
    'captured anew',
    (now) => now.replication === 'replicating' && /range|bytes/.test(now.capture.method + now.capture.why),
  );
  if (capture.method !== 'fanotify with ranges') skip(`NOT TESTED HERE: ${capture.why}`);
  // Its first change begins the coverage of the file.
  writeFileSync(file, 'x', { flag: 'r+' });
  await replica.settled();
  const program = `const fs = require('node:fs'); const fd = fs.openSync(process.argv[1], 'r+'); let n = 0;
    setInterval(() => fs.writeSync(fd, Buffer.alloc(4096, ++n % 251), 0, 4096, (n * 7919 % 2000) * 4096), 1);`;
  const writer = spawn(process.execPath, ['-e', program, file]);
  onTestFinished(() => void writer.kill('SIGKILL'));
  for (let i = 0; i < 3; i++) {
    await pair.call('source', 'transmission.pause', { connectionId, reason: 'a test' });
    await replica.when('it is paused', ({ transmission }) => transmission.kind === 'paused');
    await pair.call('source', 'transmission.resume', { connectionId });
  }
  const { capture: after } = await replica.when('it is told', (now) => now.capture.writersHeld?.times === 3);
  // Bounded by 20 ms and by how late a busy machine wakes the thread that lets them go.
  expect(after.writersHeld?.mostMs).toBeGreaterThan(0);
  expect(after.writersHeld?.mostMs).toBeLessThan(500);
  writer.kill('SIGKILL');
  await replica.becomesEqual();
});
