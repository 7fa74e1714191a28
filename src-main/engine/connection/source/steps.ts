/** Runs steps to their end, with a rest after each; gives them up when the rest does not return. */
export async function toEnd<T>(steps: Generator<void, T>, rest: () => Promise<void>): Promise<T> {
  try {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await rest();
    }
  } catch (error) {
    // Lets it close what it has open.
    steps.return(undefined as never);
    throw error;
  }
}
