import { expect, test } from 'vitest';
import { initialConnectionSettings, type ConnectionSettings } from '../../../../src-main/api/index.ts';
import { excessOf, hasLimits, PlanTally } from '../../../../src-main/engine/mirror/index.ts';

const tally = new PlanTally();
for (let i = 0; i < 90; i++) tally.add('keep', 10);
for (let i = 0; i < 10; i++) tally.add('delete', 10);
for (let i = 0; i < 4; i++) tally.add('create', 100);
for (let i = 0; i < 94; i++) tally.sawFile(20);
const { counts, sourceBytes } = tally;
const limits = (change: Partial<ConnectionSettings['mirror']>) => ({ ...initialConnectionSettings.mirror, ...change });

test('without a limit a mirror is not planned first', () => {
  expect(hasLimits(initialConnectionSettings.mirror)).toBe(false);
  expect(hasLimits(limits({ maxDeletes: 0 }))).toBe(true);
});

test.each([
  [{ maxDeletes: 10 }, []],
  [{ maxDeletes: 9 }, ['maxDeletes']],
  [{ maxDeletesPercent: 10 }, []],
  [{ maxDeletesPercent: 9 }, ['maxDeletesPercent']],
  [{ maxBytes: 400 }, []],
  [{ maxBytes: 399 }, ['maxBytes']],
  [{ maxBytesPercent: 22 }, []],
  [{ maxBytesPercent: 21 }, ['maxBytesPercent']],
  [{ maxDeletes: 0, maxBytes: 0 }, ['maxDeletes', 'maxBytes']],
])('%o is gone beyond in %o', (change, expected) => {
  const found = excessOf({ counts, sourceBytes }, limits(change));
  expect(found.map(({ limit }) => limit)).toEqual(expected);
  for (const { text } of found) expect(text).toContain('allowed');
});

test('a little is never rounded to nothing: a limit of none is a limit of none', () => {
  const little = new PlanTally();
  for (let i = 0; i < 100_000; i++) little.add('keep', 0);
  little.add('delete', 0);
  expect(excessOf(little, limits({ maxDeletesPercent: 0 }))).toHaveLength(1);
});
