import { expect, test } from 'vitest';
import { formatBytes, formatDuration } from '../../../src-main/base/index.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

test.each([
  [0, '0.0 s'],
  [12_345, '12 s'],
  [61 * SECOND, '1 min 1 s'],
  [3_725 * SECOND, '1 h 2 min'],
  [47 * HOUR, '47 h 0 min'],
  [76 * HOUR, '3 days 4 h'],
  [1_260_703 * HOUR, '143 years'],
])('%i ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1_536, '1.5 KiB'],
  [100 * 1024 * 1024, '100 MiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
