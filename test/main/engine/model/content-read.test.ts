import { expect, test } from 'vitest';
import { isSurelyRead } from '../../../../src-main/engine/model/index.ts';

const second = 1_000_000_000n;
const fine = 1_700_000_000n * second + 5_000_000n;
const whole = 1_700_000_000n * second;

test.each([
  ['in the tick of its change', fine, 19, false],
  ['after it', fine, 20, true],
  ['in the second of its change, where whole seconds are kept', whole, 900, false],
  ['in the two seconds of its change, as FAT keeps them', whole, 1_999, false],
  ['after those', whole, 2_020, true],
])('content that was read %s may hide another change or not', (_, ctimeNs, afterMs, isSure) => {
  expect(isSurelyRead({ ctimeNs, readAtMs: Number(ctimeNs / 1_000_000n) + afterMs })).toBe(isSure);
});
