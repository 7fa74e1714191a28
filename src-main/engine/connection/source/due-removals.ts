import type { SourceStages } from './assemble-source.ts';

/** Gives removals that were held back their turn, when it has been decided that they may go. Throws `mass-change`. */
export function queueDueRemovals({ guard, queue, mirrors }: Pick<SourceStages, 'guard' | 'queue' | 'mirrors'>): void {
  if (guard.heldCount === 0) return;
  // What waits in the queue may be further removals, told while this thread was busy or had no turn: it is not as quiet as the clock says.
  const next = queue.peek();
  if (next !== undefined && (guard.briefMs !== null || guard.isTogether(next.noticedAtMs))) return;
  const { places, isComplete } = guard.takeDue();
  for (const place of places) queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
  if (!isComplete) mirrors.compare();
}
