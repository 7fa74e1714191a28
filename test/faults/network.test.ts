import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { eventually } from '../support/eventually.ts';
import { LossyNetwork } from '../support/lossy-network.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

/** A peer is taken for gone after five beats of five seconds; the rest is for a busy machine. */
const SILENCE_MS = 45_000;

function change(root: string, round: number): void {
  mkdirSync(`${root}/round ${round}`);
  for (let i = 0; i < 30; i++) writeFileSync(`${root}/round ${round}/${i}`, `file ${i} of ${round}`);
  appendFileSync(`${root}/log`, `${round}\n`.repeat(2_000));
}

describe('a peer that vanishes without a word', () => {
  let pair: ServicePair;
  beforeAll(async () => {
    pair = await ServicePair.start();
  });
  afterAll(async () => {
    await pair.close();
  });

  test('is noticed by both sides within seconds, and all that changed meanwhile arrives later', async () => {
    const replica = new Replica(pair, 'swallowed');
    change(replica.source, 1);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    pair.proxy.swallow();
    change(replica.source, 2);
    await replica.when('the source says that the link is down', ({ link }) => link.kind !== 'up', SILENCE_MS);
    const waits = async () => {
      const replicas = await pair.call('target', 'replica.list', null);
      return replicas.some(({ connectionId, state }) => connectionId === replica.id && state === 'waiting-for-source');
    };
    await eventually('the target waits for its source', waits, SILENCE_MS);
    pair.proxy.restore();
    await replica.becomesEqual();
  });

  test('and a deletion that it never received happens although the folder around it moved before the link was back', async () => {
    const replica = new Replica(pair, 'moved meanwhile');
    mkdirSync(`${replica.source}/folder/inner/deleted`, { recursive: true });
    writeFileSync(`${replica.source}/folder/inner/deleted/file`, 'to be deleted');
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    const { sentSequence } = (await replica.get()).statistics;
    pair.proxy.swallow();
    rmSync(`${replica.source}/folder/inner/deleted`, { recursive: true });
    await replica.when('the deletion is sent', ({ statistics }) => statistics.sentSequence > sentSequence + 1);
    await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'test' });
    renameSync(`${replica.source}/folder`, `${replica.source}/moved`);
    await replica.when('the move waits', ({ statistics }) => statistics.queuedOps > 0);
    pair.proxy.restore();
    await replica.when('the link is back', ({ link, transmission }) => link.kind === 'up' && transmission.kind === 'paused');
    await pair.call('source', 'transmission.resume', { connectionId: replica.id });
    await replica.when('nothing is under way', isQuiet);
    expect(await replica.differences()).toEqual([]);
  });
});

const network = await LossyNetwork.open();
if (typeof network === 'string') console.warn(`The tests of bad networks are left out: ${network}.`);

describe.skipIf(typeof network === 'string')('over a bad network between two network namespaces', () => {
  let pair: ServicePair;
  let net: LossyNetwork;
  beforeAll(async () => {
    if (typeof network === 'string') return;
    net = network;
    pair = await ServicePair.start({ target: { launcher: net.launcher, address: net.address } });
  });
  afterAll(async () => {
    net.set({ loss: 0, delayMs: 0, isDown: false });
    await pair.close();
    net.close();
  });

  test('a cable that is pulled and put back loses nothing', async () => {
    const replica = new Replica(pair, 'cable');
    change(replica.source, 1);
    await replica.connect({ kind: 'all' }, [], net.address);
    await replica.becomesEqual();
    net.set({ isDown: true });
    change(replica.source, 2);
    await replica.when('the link is down', ({ link }) => link.kind !== 'up', SILENCE_MS);
    change(replica.source, 3);
    net.set({ isDown: false });
    await replica.becomesEqual(60_000);
  });

  test('30 % lost packets and 200 ms delay make it slow, and nothing else', { timeout: 300_000 }, async () => {
    const replica = new Replica(pair, 'storm');
    change(replica.source, 1);
    await replica.connect({ kind: 'all' }, [], net.address);
    await replica.becomesEqual();
    net.set({ loss: 0.3, delayMs: 200 });
    for (let round = 2; round < 5; round++) change(replica.source, round);
    await replica.becomesEqual(240_000);
    expect((await replica.get()).problems).toEqual([]);
  });
});
