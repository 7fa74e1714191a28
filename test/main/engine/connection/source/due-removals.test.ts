import { expect, test } from 'vitest';
import type { SourceStages } from '../../../../../src-main/engine/connection/source/assemble-source.ts';
import { queueDueRemovals } from '../../../../../src-main/engine/connection/source/due-removals.ts';

/** Ten removals are due that were told at 1000; the next item of the queue, if any, was told at `nextMs`. Returns what is queued. */
function queued(nextMs: number | null, briefMs: number | null): string[] {
  const paths: string[] = [];
  const places = [{ root: 0, path: 'gone' }];
  const stages = {
    guard: {
      heldCount: 10,
      briefMs,
      isTogether: (toldMs: number) => toldMs < 1_500,
      takeDue: () => ({ places, isComplete: true }),
    },
    queue: {
      peek: () => (nextMs === null ? undefined : { noticedAtMs: nextMs }),
      examine: ({ path }: { path: string }) => paths.push(path),
    },
    mirrors: {},
  };
  queueDueRemovals(stages as unknown as Pick<SourceStages, 'guard' | 'queue' | 'mirrors'>);
  return paths;
}

test('removals are decided about when nothing waits that was told soon after them, however long this thread had no turn', () => {
  expect(queued(1_499, null)).toEqual([]);
  expect(queued(1_500, null), 'changes that never cease do not hold them for ever').toEqual(['gone']);
  expect(queued(null, null)).toEqual(['gone']);
});

test('a few that may go early wait until nothing waits', () => {
  expect(queued(9_000, 0)).toEqual([]);
  expect(queued(null, 0)).toEqual(['gone']);
});
