import { describe, expect, test } from 'vitest';
import { History } from '../../../src-renderer/stores/history.svelte.ts';
import { sampleBetween } from '../../../src-renderer/stores/sample.ts';
import { FakeLink, snapshot } from '../fake-link.ts';

const { statistics } = snapshot('1');
const sent = (bytes: number) =>
  snapshot('1', { statistics: { ...statistics, sentBytes: bytes, appliedBytes: bytes / 2, queuedBytes: 5, inFlightBytes: 2 } });

describe('a sample', () => {
  test('is the rate over its time and the queue at its end', () => {
    expect(sampleBetween(sent(1000), sent(5000), 0, 2000)).toMatchObject({
      sentBytesPerSec: 2000,
      appliedBytesPerSec: 1000,
      queuedBytes: 7,
    });
  });

  test('counts from nothing after a restart of the service', () => {
    expect(sampleBetween(sent(9000), sent(500), 0, 1000).sentBytesPerSec).toBe(500);
  });
});

describe('the history of a connection', () => {
  test('goes on from what the console remembers, with one sample a second', async () => {
    const past = [sampleBetween(sent(0), sent(10), 0, 1000)];
    const history = new History(new FakeLink({ 'statistics.history': () => past }), 'alpha', '1');
    for (const ms of [2000, 2250, 2500, 3000, 3900, 4100]) history.observe(sent(ms), ms);
    await new Promise((done) => setTimeout(done));
    expect(history.samples.map(({ at }) => Date.parse(at))).toEqual([1000, 3000, 4100]);
  });

  test('forgets what is older than half an hour', () => {
    const history = new History(new FakeLink({ 'statistics.history': () => [] }), 'alpha', '1');
    for (let minute = 0; minute <= 40; minute++) history.observe(sent(minute), minute * 60_000);
    expect(history.samples).toHaveLength(31);
  });

  test('without a memory the chart starts now', async () => {
    const history = new History(new FakeLink(), 'alpha', '1');
    await new Promise((done) => setTimeout(done));
    for (const ms of [0, 1000]) history.observe(sent(ms), ms);
    expect(history.samples).toHaveLength(1);
  });
});
