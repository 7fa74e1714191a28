import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionSettingsChange } from '../../src-main/api/index.ts';
import { toReplicationError } from '../../src-main/base/index.ts';
import { isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

type QueueChange = NonNullable<ConnectionSettingsChange['queue']>;

/** A mirrored replica whose queue holds a few hundred changes in memory. */
async function follow(name: string, queue: QueueChange): Promise<Replica> {
  const replica = new Replica(pair, name);
  writeFileSync(`${replica.source}/first`, 'first');
  mkdirSync(`${replica.source}/new`);
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await configure(replica, { memoryBytes: 64 * 1024, ...queue });
  return replica;
}
async function configure({ id: connectionId }: Replica, queue: QueueChange): Promise<void> {
  await pair.call('source', 'connection.configure', { connectionId, settings: { queue } });
}
async function pause(replica: Replica): Promise<void> {
  await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'backup' });
  await replica.when('paused', ({ transmission }) => transmission.kind === 'paused');
}
async function resume({ id: connectionId }: Replica): Promise<void> {
  await pair.call('source', 'transmission.resume', { connectionId });
}
function change(replica: Replica, files: number): void {
  for (let i = 0; i < files; i++) writeFileSync(`${replica.source}/new/${i}`, `content of ${i}`);
  writeFileSync(`${replica.source}/first`, 'changed');
}
async function becomesEqual(replica: Replica): Promise<void> {
  await replica.when('quiet', isQuiet);
  await eventually('equal', async () => (await replica.differences()).length === 0, 30_000);
  await replica.when('quiet again', isQuiet);
}
/** What the pagefile holds of a connection; null when there is nothing of it. */
function spilled({ id }: Replica): readonly string[] {
  const folder = `${pair.folder}/alpha/data/pagefile/${id}`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

test('what has no room in memory waits on disk, and a pause says how long it can last', { timeout: 90_000 }, async () => {
  const replica = await follow('spills', {});
  await pause(replica);
  change(replica, 1_500);
  const held = await replica.when('all is noticed', ({ statistics }) => statistics.queuedOps >= 1_501);
  const { queuedOps, queuedBytes, queuedDiskOps, queuedDiskBytes } = held.statistics;
  expect(queuedDiskOps).toBeGreaterThan(1_000);
  expect(queuedDiskOps).toBeLessThan(queuedOps);
  expect(queuedDiskBytes).toBeLessThan(queuedBytes);
  expect(held.queue.diskBytes).toBeGreaterThan(20_000);
  expect(held.queue.fullInMs).toBeGreaterThan(60_000);
  expect(spilled(replica)).not.toEqual([]);
  expect(readFileSync(`${replica.target}/first`, 'utf8')).toBe('first');
  await resume(replica);
  await becomesEqual(replica);
  expect(spilled(replica)).toEqual([]);
  expect((await replica.get()).queue).toMatchObject({ memoryBytes: 0, diskBytes: 0, percent: 0 });
});

test(
  'a full queue ends the connection; the pause stands, and after it a mirror makes the replica equal',
  { timeout: 90_000 },
  async () => {
    const replica = await follow('overflows', { diskBytes: 0, autoRemirror: 'different' });
    await pause(replica);
    const paused = await replica.get();
    change(replica, 1_500);
    const left = await replica.when('it leaves', ({ replication }) => replication === 'disconnected');
    expect(left).toMatchObject({
      transmission: paused.transmission,
      targetData: 'mirror-required',
      disconnection: { code: 'queue-full' },
      statistics: { queuedOps: 0 },
    });
    await replica.when('the link is closed', ({ link }) => link.kind === 'stopped');
    expect(readdirSync(`${replica.target}/new`)).toEqual([]);

    await pair.stop('source');
    await pair.start('source');
    const again = await replica.when('it is away and paused still', ({ link }) => link.kind === 'stopped');
    const cut = 'cut' in paused.transmission ? paused.transmission.cut : 'there is one';
    expect(again).toMatchObject({ replication: 'disconnected', transmission: { kind: 'paused', owner: 'admin', cut } });
    expect(readFileSync(`${replica.target}/first`, 'utf8')).toBe('first');

    await resume(replica);
    await becomesEqual(replica);
    expect(await replica.get()).toMatchObject({ replication: 'replicating', disconnection: null, targetData: 'good' });
    const told = (await pair.call('source', 'message.list', { afterId: 0, limit: 1_000 })).filter(
      ({ connectionId }) => connectionId === replica.id,
    );
    expect(told.map(({ text }) => text).join('\n')).toMatch(
      /no more room: 0 B on disk are allowed.*\n(.*\n)*.*The connection is back/,
    );
  },
);

test(
  'a cut line fills the queue; when it is back the connection comes back by itself with a mirror',
  { timeout: 90_000 },
  async () => {
    const replica = await follow('cut', { diskBytes: 0 });
    pair.proxy.cut();
    await replica.when('the link is lost', ({ link }) => link.kind === 'down');
    change(replica, 1_500);
    await replica.when('it leaves', ({ replication }) => replication === 'disconnected');
    pair.proxy.restore();
    await becomesEqual(replica);
    expect((await replica.get()).disconnection).toBeNull();
  },
);

test('without a mirror it comes back pending: nothing is sent before somebody starts one', { timeout: 90_000 }, async () => {
  const replica = await follow('pending', { diskBytes: 0, autoReconnect: false });
  await pause(replica);
  change(replica, 1_500);
  await replica.when('it leaves', ({ replication }) => replication === 'disconnected');
  await resume(replica);
  const reconnect = { connectionId: replica.id, mirror: null };
  await pair.call('source', 'connection.reconnect', reconnect);
  await replica.when('pending', ({ replication, link }) => replication === 'pending' && link.kind === 'up');
  writeFileSync(`${replica.source}/later`, 'later');
  await new Promise((done) => setTimeout(done, 300)); // nothing can be waited for: nothing is to happen
  expect(readdirSync(`${replica.target}/new`)).toEqual([]);
  expect(existsSync(`${replica.target}/later`)).toBe(false);
  expect((await replica.get()).targetData).toBe('mirror-required');
  await replica.mirror({ kind: 'different' });
  await becomesEqual(replica);
  const refused = await pair
    .call('source', 'connection.reconnect', reconnect)
    .catch((error: unknown) => toReplicationError(error).code);
  expect(refused).toBe('not-disconnected');
});

test('a connection that is not to come back by itself says so after a restart', { timeout: 90_000 }, async () => {
  const replica = await follow('restarted', { autoReconnect: false });
  await pair.stop('source');
  writeFileSync(`${replica.source}/first`, 'changed');
  await pair.start('source');
  const away = await replica.when('it is away', ({ replication }) => replication === 'disconnected');
  expect(away.disconnection).toMatchObject({ code: 'not-reconnected' });
  await pair.call('source', 'connection.reconnect', { connectionId: replica.id, mirror: { kind: 'different' } });
  await becomesEqual(replica);
});

test('a set that holds the folder of the queue, or of the service, is refused', async () => {
  const refusal = async (work: Promise<unknown>) =>
    work.then(
      () => 'nothing was refused',
      (error: unknown) => toReplicationError(error).code,
    );
  const connectTree = async (name: string, path: string) => {
    await pair.call('source', 'set.create', { name });
    await pair.call('source', 'set.add-rule', { name, rule: { path, verdict: 'include', recursive: true } });
    await pair.call('source', 'set.save', { name });
    return pair.call('source', 'connection.prepare', {
      setName: name,
      map: { kind: 'base', base: '/replicas' },
      targetFingerprint: pair.services.target.fingerprint,
    });
  };
  expect(await refusal(connectTree('everything', '/'))).toBe('queue-inside-set');
  const replica = await follow('holds-pagefile', {});
  const setPagefile = (folder: string | null) =>
    refusal(pair.call('source', 'service.configure', { settings: { pagefile: { folder } } }));
  expect(await setPagefile(`${replica.source}/pages`)).toBe('queue-inside-set');
  expect(await setPagefile(`${pair.folder}/pages`)).toBe('nothing was refused');
  expect(await refusal(connectTree('pages', `${pair.folder}/pages`))).toBe('queue-inside-set');
  expect(await setPagefile(null)).toBe('nothing was refused');
});
