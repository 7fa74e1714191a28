import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionSnapshot } from '../../src-main/api/index.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const FILES = 40;
const FILE_BYTES = 100_000;
const ALL_BYTES = FILES * FILE_BYTES;

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

/** Its mirror takes some seconds, so that it can be stopped in its middle. */
async function slowReplica(name: string): Promise<Replica> {
  const replica = new Replica(pair, name);
  for (let i = 0; i < FILES; i++) writeFileSync(`${replica.source}/${i}`, Buffer.alloc(FILE_BYTES, i));
  await replica.connect(null);
  const { targetFingerprint } = await replica.get();
  await pair.call('source', 'line.configure', { targetFingerprint, settings: { limits: { bytesPerSec: 1_500_000 } } });
  return replica;
}

const order = (replica: Replica, verb: 'pause' | 'resume' | 'stop') =>
  pair.call('source', `mirror.${verb}`, { connectionId: replica.id });
const start = (replica: Replica) => pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'all' } });
const sentOf = ({ mirror }: ConnectionSnapshot) =>
  mirror.kind === 'idle' ? (mirror.lastResult?.sentBytes ?? 0) : mirror.sentBytes;
/** Looks until the mirror has sent so much; what each look shows has to add up. */
const until = async (replica: Replica, bytes: number) => {
  const misfits: unknown[] = [];
  const found = await replica.when(`${bytes} bytes are sent`, (now) => {
    const { mirror } = now;
    if (mirror.kind !== 'idle' && mirror.calculatedBytes !== null) {
      const sum = (mirror.remainingBytes ?? 0) + mirror.sentBytes + mirror.skippedBytes;
      if (sum !== mirror.calculatedBytes) misfits.push(mirror);
    }
    return sentOf(now) >= bytes || mirror.kind === 'idle';
  });
  expect(misfits).toEqual([]);
  return found;
};

test('a paused mirror keeps its place, and at each look remaining, sent and skipped add up to what was calculated', async () => {
  const replica = await slowReplica('paused');
  await start(replica);
  await until(replica, ALL_BYTES / 5);
  await order(replica, 'pause');
  const paused = await replica.when('it is paused', ({ mirror }) => mirror.kind === 'paused');
  expect(sentOf(paused)).toBeLessThan(ALL_BYTES);
  await order(replica, 'resume');
  const over = await until(replica, Infinity);
  // Remembered: all that was sent before the pause counts, and nothing was sent twice.
  expect(over.mirror).toMatchObject({ kind: 'idle', lastResult: { sentBytes: ALL_BYTES, sentFiles: FILES } });
  expect(over.statistics.sentMirrorBytes).toBe(ALL_BYTES);
  await replica.becomesEqual();
});

test('a stopped mirror forgets: the replica asks for another one, which sends everything anew', async () => {
  const replica = await slowReplica('stopped');
  await start(replica);
  await until(replica, ALL_BYTES / 5);
  await order(replica, 'stop');
  const stopped = await replica.when('it is stopped', ({ mirror }) => mirror.kind === 'idle');
  expect(stopped).toMatchObject({ targetData: 'mirror-required', mirror: { lastCompletedAt: null } });
  await replica.settled(); // an order shows at once, the figures a moment later
  const { statistics, targetFingerprint } = await replica.get();
  const before = statistics.sentMirrorBytes;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(ALL_BYTES);
  await pair.call('source', 'line.configure', { targetFingerprint, settings: { limits: { bytesPerSec: null } } });
  await start(replica);
  const over = await until(replica, Infinity);
  expect(over).toMatchObject({ targetData: 'good', mirror: { lastResult: { sentBytes: ALL_BYTES } } });
  expect(over.statistics.sentMirrorBytes - before).toBe(ALL_BYTES);
});
