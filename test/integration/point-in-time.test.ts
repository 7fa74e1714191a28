import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

/** So many different states of the source must be held, each a point in time; a quiet machine needs some seconds for them. */
const HELD = Number(process.env.UNDERSTUDY_PAIRS ?? '15');
const MOST_MS = HELD * 5_000;

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

test(
  'a replica that is held at a point in time holds a state that the source had, while a writer never ceases',
  { timeout: MOST_MS + 20_000 },
  async () => {
    const replica = new Replica(pair, 'pairs');
    writeFileSync(`${replica.source}/log`, '');
    writeFileSync(`${replica.source}/data`, '0'.padStart(10, '0'));
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    const writer = spawn(process.execPath, [join(import.meta.dirname, '../support/pair-writer.js'), replica.source]);
    onTestFinished(() => void writer.kill('SIGKILL'));
    const connectionId = replica.id;
    const seen = new Set<number>();
    for (const endMs = Date.now() + MOST_MS; seen.size < HELD && Date.now() < endMs;) {
      await pair.call('target', 'replica.hold', { connectionId, reason: 'a test' });
      const held = await eventually('it is held', async () => {
        const replicas = await pair.call('target', 'replica.list', null);
        return replicas.find((one) => one.connectionId === connectionId && one.state === 'held') ?? null;
      });
      if (held.consistency === 'point-in-time') {
        const log = readFileSync(`${replica.target}/log`, 'utf8');
        const data = Number(readFileSync(`${replica.target}/data`, 'utf8'));
        // The log's record comes before the data's, and each whole: every state of the source is one of two.
        const records = log.split('\n').length - 1;
        expect(log.endsWith('\n') || log === '').toBe(true);
        expect([data, data + 1]).toContain(records);
        seen.add(records);
      }
      await pair.call('target', 'replica.resume', { connectionId });
    }
    expect(seen.size).toBe(HELD);
  },
);
