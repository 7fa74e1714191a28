import type { Soon } from '../../../base/index.ts';

/** Runs steps to their end, with a rest after each, or none where it gives nothing to wait for; gives them up when the rest does not return. */
export function toEnd<T>(steps: Generator<void, T>, rest: () => Promise<void> | null): Soon<T> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      const resting = rest();
      if (resting !== null) return afterRest(resting, steps, rest);
    }
  } catch (error) {
    giveUp(steps);
    throw error;
  }
}

async function afterRest<T>(first: Promise<void>, steps: Generator<void, T>, rest: () => Promise<void> | null): Promise<T> {
  try {
    for (let resting: Promise<void> | null = first; ; resting = rest()) {
      if (resting !== null) await resting;
      const step = steps.next();
      if (step.done === true) return step.value;
    }
  } catch (error) {
    giveUp(steps);
    throw error;
  }
}

/** Lets it close what it has open. */
function giveUp(steps: Generator<void>): void {
  steps.return(undefined);
}
