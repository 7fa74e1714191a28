import { expect, test } from 'vitest';
import type { SetRule } from '../../../../src-main/api/index.ts';
import { freeSetName, sameRules } from '../../../../src-renderer/features/sets/set-word.ts';

const rule = (path: string, change: Partial<SetRule> = {}): SetRule => ({ path, verdict: 'include', recursive: true, ...change });

test('rules are the same in any order, and differ in any part', () => {
  expect(sameRules([rule('/a'), rule('/b')], [rule('/b'), rule('/a')])).toBe(true);
  expect(sameRules([rule('/a')], [rule('/a', { recursive: false })])).toBe(false);
  expect(sameRules([rule('/a')], [rule('/a', { verdict: 'exclude' })])).toBe(false);
  expect(sameRules([rule('/a')], [rule('/a'), rule('/a')])).toBe(false);
});

test('a name that is taken, in any case, gets a number', () => {
  expect(freeSetName('Documents', [])).toBe('Documents');
  expect(freeSetName('Documents', ['documents', 'Documents 2'])).toBe('Documents 3');
  expect(freeSetName('x'.repeat(200), ['x'.repeat(90)]).length).toBeLessThanOrEqual(100);
});
