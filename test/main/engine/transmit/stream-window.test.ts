import { expect, test } from 'vitest';
import { StreamWindow } from '../../../../src-main/engine/transmit/stream-window.ts';

/** A way that takes `bytesPerMs`, one piece after the other, each at least `leastMs` after it was sent. */
function afterSending(bytes: number, bytesPerMs: number, leastMs: number): { window: StreamWindow; mostQueuedMs: number } {
  let nowMs = 0;
  const window = new StreamWindow(() => nowMs);
  const underWay: { total: number; atMs: number }[] = [];
  let sent = 0;
  let freeAtMs = 0;
  let mostQueuedMs = 0;
  while (sent < bytes) {
    if (window.isFull) {
      const first = underWay.shift();
      if (first === undefined) throw new Error('full with nothing under way');
      nowMs = Math.max(nowMs, first.atMs);
      window.taken(first.total);
      continue;
    }
    const piece = window.pieceBytes;
    sent += piece;
    window.sent(piece);
    freeAtMs = Math.max(nowMs, freeAtMs) + piece / bytesPerMs;
    underWay.push({ total: sent, atMs: freeAtMs + leastMs });
    if (sent > bytes / 2) mostQueuedMs = Math.max(mostQueuedMs, freeAtMs - nowMs);
  }
  return { window, mostQueuedMs };
}

test('a slow way holds no more than goes in a moment, whatever it would take', () => {
  const { window, mostQueuedMs } = afterSending(64 * 1024 * 1024, 1_000, 1);
  expect(window.bytes).toBeLessThan(256 * 1024);
  expect(mostQueuedMs).toBeLessThan(250);
});

test('a fast way is not held up', () => {
  expect(afterSending(1024 * 1024 * 1024, 500_000, 1).window.bytes).toBeGreaterThan(10_000_000);
});

test('neither is one that is fast and far', () => {
  const { window } = afterSending(2 * 1024 * 1024 * 1024, 50_000, 200);
  expect(window.bytes).toBeGreaterThan(50_000 * 180);
});

test('a new link is another way', () => {
  const { window } = afterSending(64 * 1024 * 1024, 1_000, 1);
  window.open();
  expect([window.bytes, window.isFull]).toEqual([1024 * 1024, false]);
});
