import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Cut } from '../../../../../../src-main/api/index.ts';
import { FreezeTurns, MEET_MS, type Need } from '../../../../../../src-main/engine/connection/source/hooks/freeze-turns.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function need(): Need & { readonly end: (cut: Cut | null) => void } {
  const { promise: ended, resolve: end } = Promise.withResolvers<Cut | null>();
  return { answer: () => undefined, ended, end };
}

test('the first of two that need one rest is the host, the second the guest, who hears when it is over', async () => {
  const turns = new FreezeTurns();
  const [one, other] = [need(), need()];
  const first = turns.meet('key', one);
  const second = await turns.meet('key', other);
  const meeting = await first;
  if (meeting.role !== 'host' || second.role !== 'guest') throw new Error(`${meeting.role} and ${second.role}`);
  expect(meeting.guest).toBe(other);
  meeting.end(null);
  expect(await second.over).toBeNull();
});

test('who comes in the moment in which the first one waits no more is nobody’s guest, and waits for another', async () => {
  const turns = new FreezeTurns();
  const first = turns.meet('key', need());
  vi.advanceTimersByTime(MEET_MS);
  const second = turns.meet('key', need());
  expect((await first).role).toBe('alone');
  vi.advanceTimersByTime(MEET_MS);
  expect((await second).role).toBe('alone');
});

const never: Need = { answer: () => undefined, ended: new Promise(() => undefined) };

test('one that comes in the very turn in which the other gives up is nobody’s guest', async () => {
  const turns = new FreezeTurns();
  const given = Promise.withResolvers<null>();
  // It hears of the same end, one step behind the first one.
  let second: ReturnType<FreezeTurns['meet']> | undefined;
  const first = turns.meet('key', { ...never, ended: given.promise });
  void given.promise.then(() => (second = turns.meet('key', never)));
  given.resolve(null);
  expect(await first).toEqual({ role: 'alone' });
  const third = turns.meet('key', never);
  expect([(await second)?.role, (await third).role]).toEqual(['host', 'guest']);
});
