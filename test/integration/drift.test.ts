import { appendFileSync, renameSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

async function made(name: string): Promise<Replica> {
  const replica = new Replica(pair, name);
  for (const file of ['a', 'b', 'c', 'd', 'e']) writeFileSync(`${replica.source}/${file}`, `content of ${file}`);
  writeFileSync(`${replica.source}/large`, Buffer.alloc(6_000_000, 'large'));
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await replica.settled();
  return replica;
}

test('what somebody else did to the replica is listed when the next change of that file comes, outlives a restart and can be accepted', async () => {
  const replica = await made('drift');
  const drift = async () => (await replica.held()).drift;
  const found = (path: string) => `${replica.target}/${path}`;
  appendFileSync(found('a'), ' and more');
  rmSync(found('b'));
  appendFileSync(found('c'), '!');
  utimesSync(found('d'), 1_600_000_000, 1_600_000_000);
  utimesSync(found('large'), 1_600_000_000, 1_600_000_000);
  expect(await drift()).toEqual({ count: 0, newest: [] });
  for (const name of ['a', 'b', 'd']) writeFileSync(`${replica.source}/${name}`, 'new');
  unlinkSync(`${replica.source}/c`);
  appendFileSync(`${replica.source}/large`, 'tail');
  await eventually('all are found', async () => (await drift()).count === 5);
  await replica.settled();
  expect(await replica.differences()).toEqual([]);
  const { newest } = await drift();
  const brief = newest.map(({ path, what, then }) => `${path.slice(replica.target.length + 1)} ${what} ${then}`);
  expect(brief.sort()).toEqual([
    'a changed replaced',
    'b missing replaced',
    'c changed removed',
    'd changed replaced',
    'large changed replaced',
  ]);
  expect(newest.find(({ path }) => path === found('a'))).toMatchObject({ expected: { size: 12 }, found: { size: 21 } });

  await pair.stop('target');
  await pair.start('target');
  await eventually('the list is there again', async () => (await drift()).count === 5);
  await pair.call('target', 'replica.accept-drift', { connectionId: replica.id });
  await eventually('the list begins anew', async () => (await drift()).count === 0);
});

test('what the source itself does is no drift, also through a lost link and kills of both sides', async () => {
  const replica = await made('quiet');
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 40; i++) {
      writeFileSync(`${replica.source}/f${i % 7}`, `round ${round} ${i}`.repeat(i));
      if (i % 9 === 3) renameSync(`${replica.source}/f${i % 7}`, `${replica.source}/g${i % 5}`);
      if (i % 11 === 5) rmSync(`${replica.source}/g${i % 5}`, { force: true });
      if (i % 13 === 6) appendFileSync(`${replica.source}/large`, `${i}`);
    }
    if (round === 2) {
      pair.proxy.cut();
      pair.proxy.restore();
    }
    if (round === 3) await pair.kill('target').then(() => pair.start('target'));
    if (round === 4) await pair.kill('source').then(() => pair.start('source'));
  }
  await replica.settled();
  expect(await replica.differences()).toEqual([]);
  expect((await replica.held()).drift).toEqual({ count: 0, newest: [] });
});
