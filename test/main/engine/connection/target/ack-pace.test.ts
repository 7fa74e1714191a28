import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AckPace } from '../../../../../src-main/engine/connection/target/ack-pace.ts';

let sent = 0;
let pace: AckPace;
beforeEach(() => {
  vi.useFakeTimers();
  sent = 0;
  pace = new AckPace(50, () => sent++);
});
afterEach(() => {
  pace.stop();
  vi.useRealTimers();
});

test('while work flows an acknowledgement goes out at most every interval, and at once when all is done', () => {
  for (let i = 0; i < 10; i++) pace.changed(false);
  expect(sent).toBe(1);
  vi.advanceTimersByTime(50);
  expect(sent).toBe(2);
  pace.changed(true);
  expect(sent).toBe(3);
});

test('without any work one goes out every five seconds, so that the source knows that we are there', () => {
  pace.changed(true);
  vi.advanceTimersByTime(20_000);
  expect(sent).toBe(5);
  pace.stop();
  vi.advanceTimersByTime(20_000);
  expect(sent).toBe(5);
});
