import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { initialReplicaSettings, type ReplicaSettings } from '../../../../../src-main/api/index.ts';
import { QueueRoom } from '../../../../../src-main/engine/connection/target/queue-room.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function make(change: Partial<ReplicaSettings['targetQueue']>) {
  const state = { settings: { ...initialReplicaSettings.targetQueue, ...change }, queued: 0, free: 1e12 };
  const told: (string | null)[] = [];
  const room = new QueueRoom({
    settings: () => state.settings,
    queuedBytes: () => state.queued,
    folders: ['/queue', '/stage'],
    onChanged: (full) => told.push(full?.why ?? null),
    freeBytesOf: (folder) => (folder === '/queue' ? state.free : state.free * 2),
    nowMs: () => Date.now(),
  });
  const at = (queued: number, free = state.free) => {
    Object.assign(state, { queued, free });
    vi.advanceTimersByTime(1_000);
    room.check();
    return room.isFull;
  };
  return { state, told, room, at };
}

test('without limits it is never full, and the free space is not asked for', () => {
  const { at, room } = make({});
  expect(at(1e15, 0)).toBe(false);
  expect(room.figures).toEqual({ freeBytes: null, full: null });
});

test('it is full at its limit, and has room when half of it is free', () => {
  const { at, told } = make({ maxBytes: 1000 });
  expect([at(999), at(1000), at(600), at(501), at(500), at(999)]).toEqual([false, true, true, true, false, false]);
  expect(told).toHaveLength(2);
  expect(told[0]).toContain('wait to be applied');
});

test('it is full while less is free than is to be left, on the volume that has least, and looks again by itself', () => {
  const { state, room, at, told } = make({ keepFreeBytes: 1000 });
  expect([at(0, 1000), at(0, 999)]).toEqual([false, true]);
  expect(room.figures.freeBytes).toBe(999);
  expect(told[0]).toContain('are to be left');
  state.free = 1050;
  vi.advanceTimersByTime(1_000);
  expect(room.isFull, 'a little more is wanted, so that it does not come and go').toBe(true);
  state.free = 1100;
  vi.advanceTimersByTime(1_000);
  expect(room.isFull).toBe(false);
});

test('a limit that is lifted lets go at once', () => {
  const { state, at, told } = make({ maxBytes: 1000 });
  expect(at(5000)).toBe(true);
  state.settings = initialReplicaSettings.targetQueue;
  expect(at(5000)).toBe(false);
  expect(told.at(-1)).toBeNull();
});
