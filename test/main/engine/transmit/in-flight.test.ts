import { expect, test } from 'vitest';
import { InFlight } from '../../../../src-main/engine/transmit/in-flight.ts';

function filled(): InFlight {
  const inFlight = new InFlight();
  for (let sequence = 1; sequence <= 4; sequence++) inFlight.sent({ sequence, bytes: 100, class: 'mirror', noticedAtMs: 1_000 });
  return inFlight;
}

test('each byte is in flight, in the target queue, or applied, and in one of them only', () => {
  const inFlight = filled();
  inFlight.acknowledged(3, 1, 1_005);
  expect([inFlight.unreceivedBytes, inFlight.queuedBytes, inFlight.appliedTotals.bytes]).toEqual([100, 200, 100]);
  inFlight.acknowledged(4, 4, 1_009);
  expect([inFlight.unreceivedBytes, inFlight.queuedBytes, inFlight.appliedTotals.bytes]).toEqual([0, 0, 400]);
  expect(inFlight.latencyMs()).toEqual({ p50: 9, p99: 9 });
});

test('after a lost link what the target did not receive is not counted as sent', () => {
  const inFlight = filled();
  inFlight.reset(2, 1);
  expect(inFlight.sentTotals.bytes).toBe(200);
  expect([inFlight.unreceivedBytes, inFlight.queuedBytes, inFlight.appliedTotals.bytes]).toEqual([0, 100, 100]);
});

test('a large file, which was let in piece by piece, does not close the window to what follows', () => {
  const inFlight = new InFlight();
  inFlight.sent({ sequence: 1, bytes: 2 ** 40, class: 'mirror', noticedAtMs: null });
  inFlight.sent({ sequence: 2, bytes: 100, class: 'replication', noticedAtMs: null });
  expect(inFlight.unreceivedBytes).toBe(2 ** 40 + 100);
  expect(inFlight.unreceivedCost).toBeLessThan(2 ** 21);
  inFlight.acknowledged(1, 0, 0);
  expect([inFlight.unreceivedBytes, inFlight.unreceivedCost]).toEqual([100, 100]);
});
