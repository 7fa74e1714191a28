/**
 * How far another machine's clock is ahead of ours (negative: behind), in ms: at least so much. Its answer `theirMs` was given at some
 * moment between `askedMs` and `answeredMs` of our clock, so the skew lies between two bounds; the one nearer to zero is certain.
 */
export function clockSkew(askedMs: number, theirMs: number, answeredMs: number): number {
  const least = theirMs - answeredMs;
  const most = theirMs - askedMs;
  return least > 0 ? least : most < 0 ? most : 0;
}
