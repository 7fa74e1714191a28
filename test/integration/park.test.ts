import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConnectionSettingsChange, ConnectionSnapshot } from '../../src-main/api/index.ts';
import { toReplicationError } from '../../src-main/base/index.ts';
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

async function follow(name: string): Promise<Replica> {
  const replica = new Replica(pair, name);
  for (let i = 0; i < 20; i++) writeFileSync(`${replica.source}/${i}`, `content of ${i}`);
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  return replica;
}
async function park(replica: Replica) {
  await pair.call('source', 'connection.park', { connectionId: replica.id, reason: 'rotation' });
  return replica.when('parked', ({ replication, link }) => replication === 'parked' && link.kind === 'stopped');
}

test(
  'a parked replica is at rest at a cut, over restarts, until it is reconnected with what differs',
  { timeout: 60_000 },
  async () => {
    const replica = await follow('rest');
    writeFileSync(`${replica.source}/0`, 'the last change');
    const parked = await park(replica);
    expect(parked).toMatchObject({ park: { kind: 'parked', owner: 'admin', reason: 'rotation', isComplete: true } });
    expect(readFileSync(`${replica.target}/0`, 'utf8')).toBe('the last change');
    const cut = parked.park?.kind === 'parked' ? parked.park.cut : null;
    expect(cut?.sequence).toBeGreaterThan(0);
    await eventually('applied up to the cut', async () => (await replica.held()).appliedSequence === cut?.sequence);

    writeFileSync(`${replica.source}/1`, 'changed at rest');
    await Promise.all([pair.stop('source'), pair.stop('target')]);
    await Promise.all([pair.start('source'), pair.start('target')]);
    const again = await replica.when('known again', ({ replication }) => replication === 'parked');
    expect(again.park).toEqual(parked.park);
    expect(readFileSync(`${replica.target}/1`, 'utf8')).toBe('content of 1');
    const refused = pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'all' } });
    expect(toReplicationError(await refused.catch((error: unknown) => error)).code).toBe('parked');

    await pair.call('source', 'connection.reconnect', { connectionId: replica.id, mirror: { kind: 'checksum' } });
    const back = await replica.mirrored(again.mirror.kind === 'idle' ? again.mirror.lastCompletedAt : null);
    expect(back).toMatchObject({ park: null, disconnection: null, targetData: 'good' });
    expect(back.mirror).toMatchObject({ lastResult: { sentFiles: 1, skippedFiles: 19 } });
    await replica.becomesEqual();
  },
);

test('one that is parked comes back without a mirror, and sends nothing before one is started', { timeout: 60_000 }, async () => {
  const replica = await follow('without');
  await park(replica);
  writeFileSync(`${replica.source}/1`, 'changed at rest');
  await pair.call('source', 'connection.reconnect', { connectionId: replica.id, mirror: null });
  await replica.when('pending', ({ replication, link }) => replication === 'pending' && link.kind === 'up');
  expect(readFileSync(`${replica.target}/1`, 'utf8')).toBe('content of 1');
  await replica.mirror({ kind: 'checksum' });
  await replica.becomesEqual();
});

test('a parking that cannot reach its target yet is taken back by a reconnect', { timeout: 60_000 }, async () => {
  const replica = await follow('cut');
  pair.proxy.cut();
  await replica.when('the link is lost', ({ link }) => link.kind === 'down');
  const ordered = await pair.call('source', 'connection.park', { connectionId: replica.id, reason: 'rotation' });
  expect(ordered.park).toMatchObject({ kind: 'leaving' });
  const stays = await pair.call('source', 'connection.reconnect', { connectionId: replica.id, mirror: null });
  expect(stays.park).toBeNull();
  pair.proxy.restore();
  writeFileSync(`${replica.source}/1`, 'followed on');
  await replica.becomesEqual();
});

test(
  'the clock of the source parks a connection and brings it back, over a kill of the service',
  { timeout: 240_000 },
  async () => {
    const replica = await follow('by-the-clock');
    const set = (park: ConnectionSettingsChange['park']) =>
      pair.call('source', 'connection.configure', { connectionId: replica.id, settings: { park } });
    await set({ at: '* * * * *', mirror: 'different' });
    expect((await replica.get()).parkSchedule).toMatchObject({
      nextParkAt: expect.stringMatching(/:00\.000Z$/) as string,
      last: null,
    });
    const parked = await replica.when('the clock parked it', ({ park }) => park?.kind === 'parked', 90_000);
    expect(parked.park).toMatchObject({ owner: 'the schedule', isComplete: true });
    await set({ at: null, reconnectAt: '* * * * *' });
    await pair.kill('source');
    writeFileSync(`${replica.source}/1`, 'changed at rest');
    await pair.start('source');
    const before = parked.mirror.kind === 'idle' ? parked.mirror.lastCompletedAt : null;
    const isReconnected = ({ parkSchedule }: ConnectionSnapshot) => parkSchedule?.last?.what === 'reconnect';
    const back = await replica.when('the clock brought it back', isReconnected, 90_000);
    expect(back).toMatchObject({ park: null, parkSchedule: { last: { outcome: 'ordered' } } });
    const { mirror } = await replica.mirrored(before);
    expect(mirror).toMatchObject({ lastResult: { options: { kind: 'different' }, sentFiles: 1 } });
    await replica.becomesEqual();
    const texts = (await pair.call('source', 'message.list', { afterId: 0, limit: 1_000 })).map(({ text }) => text);
    for (const what of ['parked', 'reconnected'])
      expect(texts).toContainEqual(expect.stringContaining(`“by-the-clock” to beta is ${what} by the schedule`));
  },
);
