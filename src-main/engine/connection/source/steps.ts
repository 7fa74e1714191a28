/** Runs steps to their end, with a rest after each, or none where it gives nothing to wait for; gives them up when the rest does not return. */
export async function toEnd<T>(steps: Generator<void, T>, rest: () => Promise<void> | null): Promise<T> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      const resting = rest();
      if (resting !== null) await resting;
    }
  } catch (error) {
    // Lets it close what it has open.
    steps.return(undefined as never);
    throw error;
  }
}
