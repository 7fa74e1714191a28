import { expect, test } from 'vitest';
import { LineMeter } from '../../../../src-main/engine/transmit/index.ts';

/** A meter on a clock that a test moves; `send` sends as fast as it may for so long and gives the bytes. */
function meter(limits: Parameters<LineMeter['limit']>[0]) {
  const clock = { ms: 1_000_000 };
  const now = () => BigInt(Math.round(clock.ms * 1e6));
  const first = new LineMeter(undefined, now);
  first.limit(limits);
  const send = (seconds: number, meters: readonly LineMeter[] = [first]) => {
    const end = clock.ms + seconds * 1000;
    const before = first.totalBytes;
    while (clock.ms < end) {
      for (const one of meters) if (one.waitMs() === 0) one.charge(one.pieceBytes);
      clock.ms += 1;
    }
    return first.totalBytes - before;
  };
  return { first, second: new LineMeter(first.memory, now), clock, send };
}

test.each([20_000, 1_000_000, 50_000_000])('%d bytes per second are kept to', (bytesPerSec) => {
  const { send } = meter({ bytesPerSec, burst: null });
  const sent = send(20);
  expect(sent / 20).toBeGreaterThan(bytesPerSec * 0.95);
  expect(sent / 20).toBeLessThan(bytesPerSec * 1.1);
});

test('two connections share one limit', () => {
  const { first, second, send } = meter({ bytesPerSec: 1_000_000, burst: null });
  const sent = send(10, [first, second]);
  expect(sent / 10).toBeGreaterThan(950_000);
  expect(sent / 10).toBeLessThan(1_100_000);
});

test('a rest is not saved up', () => {
  const { send, clock } = meter({ bytesPerSec: 1_000_000, burst: null });
  send(1);
  clock.ms += 3_600_000;
  expect(send(1)).toBeLessThan(1_500_000);
});

test('a burst goes out at once, then the rest of its seconds is waited out', () => {
  const { first, send, clock } = meter({ bytesPerSec: null, burst: { bytes: 192_000, seconds: 5 } });
  const sent = send(0.1);
  expect(sent).toBeGreaterThanOrEqual(192_000);
  expect(sent).toBeLessThan(192_000 * 1.3);
  expect(first.waitMs()).toBeGreaterThan(4_800);
  expect(send(4.8)).toBe(0);
  clock.ms += 200;
  expect(send(0.1)).toBeGreaterThanOrEqual(192_000);
});

test('a burst begins with its first byte, not with the clock', () => {
  const { first, send, clock } = meter({ bytesPerSec: null, burst: { bytes: 64_000, seconds: 10 } });
  clock.ms += 9_900;
  send(0.1);
  expect(first.waitMs()).toBeGreaterThan(9_000);
});

test('a budget ends sending exactly, and a new one lets it go on', () => {
  const { first, send } = meter({ bytesPerSec: null, burst: null });
  first.setBudgetEnd(first.totalBytes + 100_000);
  expect(send(1)).toBeLessThanOrEqual(100_000 + first.pieceBytes);
  expect(first.waitMs()).toBeGreaterThan(0);
  first.setBudgetEnd(null);
  expect(first.waitMs()).toBe(0);
});

test('a limit that is lifted forgives what was owed', () => {
  const { first } = meter({ bytesPerSec: 1024, burst: null });
  first.charge(1_000_000);
  expect(first.waitMs()).toBeGreaterThan(900_000);
  first.limit({ bytesPerSec: null, burst: null });
  expect(first.waitMs()).toBe(0);
  first.limit({ bytesPerSec: 1024, burst: null });
  expect(first.waitMs()).toBe(0);
});
