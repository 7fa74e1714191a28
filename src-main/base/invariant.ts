/** States what must hold. A failure is our bug: it is neither caught nor retried, it ends the stage that holds it. */
export function invariant(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${claim}`);
}

/** Ends a `switch` over a union; a new member then fails to compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
