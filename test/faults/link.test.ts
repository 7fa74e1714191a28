import { writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/** Changes the source without rest until `isOver`. */
async function changeUntil(replica: Replica, isOver: () => boolean): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    writeFileSync(`${replica.source}/${i % 20}`, `${i}`);
    await nextTurn();
  }
}

test('changes that never rest do not hasten the attempts to reach the target', async () => {
  const { proxy } = pair;
  const replica = new Replica(pair, 'hasty');
  await replica.connect({ kind: 'all' });
  await replica.becomesEqual();
  proxy.cut();
  const first = proxy.attempts;
  const startMs = performance.now();
  await changeUntil(replica, () => proxy.attempts >= first + 3);
  // 100, 200 and 400 ms.
  expect(performance.now() - startMs).toBeGreaterThan(650);
  proxy.restore();
  await replica.becomesEqual();
  await replica.disconnect();
});

test('one new link is enough after each loss, however busy the source is', async () => {
  const { proxy } = pair;
  const replica = new Replica(pair, 'busy');
  await replica.connect({ kind: 'all' });
  await replica.becomesEqual();
  const losses = 20;
  for (let i = 0; i < losses; i++) {
    const before = proxy.attempts;
    proxy.cut();
    proxy.restore();
    await changeUntil(replica, () => proxy.attempts > before);
    await replica.when('the link is up', ({ link }) => link.kind === 'up');
  }
  const after = proxy.attempts;
  await replica.becomesEqual();
  expect(proxy.attempts).toBe(after);
});
