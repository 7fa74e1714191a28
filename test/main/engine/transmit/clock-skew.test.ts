import { expect, test } from 'vitest';
import { clockSkew } from '../../../../src-main/engine/transmit/clock-skew.ts';

test.each([
  ['equal clocks', 1_000, 1_010, 1_020, 0],
  ['a slow answer proves nothing', 1_000, 4_000, 9_000, 0],
  ['a clock that is ahead, less what the answer may have taken', 1_000, 6_020, 1_020, 5_000],
  ['a clock that is behind', 10_000, 4_000, 10_020, -6_000],
])('%s', (_, askedMs, theirMs, answeredMs, skewMs) => {
  expect(clockSkew(askedMs, theirMs, answeredMs)).toBe(skewMs);
});
