import type { SourceStages } from './assemble-source.ts';

/**
 * What was undone when a link came up is looked at at once by the path that it had then; a move that waited in the queue may have changed
 * that before its turn came. When nothing waits any more the catalog has today's paths, and what is still in doubt is looked at by those.
 */
export class Doubts {
  readonly #stages: Pick<SourceStages, 'catalog' | 'queue'>;
  #isOpen = false;

  constructor(stages: Pick<SourceStages, 'catalog' | 'queue'>) {
    this.#stages = stages;
  }

  /** Ops were undone. */
  open(): void {
    this.#isOpen = true;
  }

  /** Nothing is to be said of a cut before this was called with nothing waiting. Returns whether it found anything, which waits now. */
  examine(): boolean {
    const { catalog, queue } = this.#stages;
    if (!this.#isOpen || queue.ops > 0) return false;
    this.#isOpen = false;
    for (const place of catalog.inDoubt()) queue.examine(place, { content: true, deep: true, isSettled: true }, Date.now());
    return queue.ops > 0;
  }
}
