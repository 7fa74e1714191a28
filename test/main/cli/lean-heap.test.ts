import { expect, test } from 'vitest';
import { collectGarbageOfStart } from '../../../src-main/cli/lean-heap.ts';

test('what nothing refers to any more is gone from the heap at once, and programs find no way to collect', () => {
  const held = { objects: Array.from({ length: 200_000 }, (_, index) => ({ index })) };
  collectGarbageOfStart();
  const before = process.memoryUsage().heapUsed;
  expect(held.objects).toHaveLength(200_000);
  held.objects = [];
  collectGarbageOfStart();
  expect(before - process.memoryUsage().heapUsed).toBeGreaterThan(200_000 * 16);
  expect(globalThis.gc).toBeUndefined();
});
