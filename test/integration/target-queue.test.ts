import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplicaSettingsChange } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

async function configure(replica: Replica, settings: ReplicaSettingsChange): Promise<void> {
  await eventually('the target shows the replica', () => replica.held());
  await pair.call('target', 'replica.configure', { connectionId: replica.id, settings });
}

test('a full target queue pauses the source, which says who holds it; when it is drained everything arrives', async () => {
  const replica = new Replica(pair, 'full');
  writeFileSync(`${replica.source}/first`, 'first');
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await configure(replica, { targetQueue: { maxBytes: 1024 * 1024 } });
  await pair.call('target', 'replica.hold', { connectionId: replica.id, reason: 'a backup' });
  await eventually('it is held', async () => (await replica.held()).state === 'held');

  writeFileSync(`${replica.source}/large`, Buffer.alloc(2 * 1024 * 1024, 7));
  const waiting = await replica.when('the source waits', ({ transmission }) => transmission.kind === 'waiting');
  expect(waiting.transmission).toMatchObject({ by: 'target-full', owner: 'beta' });
  const full = await eventually('the target shows it', async () => (await replica.held()).queue.full);
  expect(full.why).toContain('wait to be applied');
  writeFileSync(`${replica.source}/after`, 'after');
  const queued = await replica.when('what comes now stays on the source', ({ statistics }) => statistics.queuedOps > 0);
  expect(queued.holds.map(({ by }) => by)).toEqual(['target-full']);

  await pair.stop('source');
  await pair.start('source');
  await replica.when('a restarted source is told again', ({ transmission }) => transmission.kind === 'waiting');

  await pair.call('target', 'replica.resume', { connectionId: replica.id });
  await replica.becomesEqual();
  expect(readFileSync(`${replica.target}/after`, 'utf8')).toBe('after');
  await eventually('the target shows that it has room', async () => (await replica.held()).queue.full === null);
  expect((await replica.get()).holds).toEqual([]);
});

test('a target that is to leave more space than it has pauses the source until it need not', async () => {
  const replica = new Replica(pair, 'space');
  writeFileSync(`${replica.source}/first`, 'first');
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await configure(replica, { targetQueue: { keepFreeBytes: 1e15 } });
  await replica.when('the source waits', ({ transmission }) => transmission.kind === 'waiting');
  const full = await eventually('the target shows it', async () => (await replica.held()).queue.full);
  expect(full.why).toContain('are to be left');
  expect((await replica.held()).queue.freeBytes).toBeGreaterThan(0);
  writeFileSync(`${replica.source}/after`, 'after');
  await configure(replica, { targetQueue: { keepFreeBytes: 0 } });
  await replica.becomesEqual();
});

test('kept deleted files go by themselves when they take more than the replica allows, and stay while it is held', async () => {
  const replica = new Replica(pair, 'purged');
  for (const name of ['a', 'b']) writeFileSync(`${replica.source}/${name}`, name.repeat(1000));
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await pair.call('source', 'connection.configure', {
    connectionId: replica.id,
    settings: { deletes: { isIgnored: true } },
  });
  rmSync(`${replica.source}/a`);
  await eventually('it is kept', async () => (await replica.held()).kept.count === 1);
  await pair.call('target', 'replica.hold', { connectionId: replica.id, reason: 'a backup' });
  await configure(replica, { kept: { maxBytes: 0 } });
  expect((await replica.held()).kept.count).toBe(1);
  await pair.call('target', 'replica.resume', { connectionId: replica.id });
  await configure(replica, { kept: { maxBytes: 0 } });
  await eventually('it is gone', async () => (await replica.held()).kept.count === 0);
  expect(existsSync(`${replica.target}/a`)).toBe(false);
  expect(readFileSync(`${replica.target}/b`, 'utf8')).toBe('b'.repeat(1000));
});
