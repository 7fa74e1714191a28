import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SetRule } from '../../src-main/api/index.ts';
import { compileRules } from '../../src-main/engine/model/index.ts';
import { RuleTicks } from '../../src-renderer/features/folders/ticks.ts';

/** The console shows with check boxes what the engine will do. Both decide by themselves, so that neither may drift away. */
const volumes = [{ name: 'C', folder: '/a/b' }];
const name = fc.constantFrom('a', 'b', 'c', 'ab');
const pattern = fc.constantFrom('*', 'a*', '?', '*b');
const plain = fc.array(name, { minLength: 1, maxLength: 4 });
const path = fc.oneof(
  plain.map((names) => `/${names.join('/')}`),
  fc.tuple(plain, pattern).map(([names, last]) => `/${[...names, last].join('/')}`),
  fc.tuple(pattern, plain).map(([first, names]) => `/a/${[first, ...names].join('/')}`),
  plain.map((names) => `c:\\${names.join('\\')}`),
);
const rule: fc.Arbitrary<SetRule> = fc.record({ path, verdict: fc.constantFrom('include', 'exclude'), recursive: fc.boolean() });
// Something is always included: a set without that is refused before anybody asks about files.
const rules = fc
  .array(rule, { maxLength: 5 })
  .map((some) => [...some, { path: '/zz', verdict: 'include' as const, recursive: true }]);

test('a file’s box is ticked exactly when the engine selects the file', () => {
  fc.assert(
    fc.property(rules, plain, (set, names) => {
      const file = `/${names.join('/')}`;
      const isTicked = new RuleTicks(set, volumes).tick(file, false).mark === 'all';
      expect(isTicked).toBe(compileRules(set, volumes).selects(file, false));
    }),
    { numRuns: 3000 },
  );
});

test('below a full box without a filter the engine selects every file, below an empty one none', () => {
  fc.assert(
    fc.property(rules, plain, plain, (set, names, below) => {
      const folder = `/${names.join('/')}`;
      const { mark, isFiltered } = new RuleTicks(set, volumes).tick(folder);
      if (mark === 'some' || isFiltered) return;
      const isSelected = compileRules(set, volumes).selects(`${folder}/${below.join('/')}`, false);
      expect(isSelected).toBe(mark === 'all');
    }),
    { numRuns: 3000 },
  );
});

test('a click makes the engine select everything below, or nothing but for filters', () => {
  fc.assert(
    fc.property(rules, plain, plain, (set, names, below) => {
      const folder = `/${names.join('/')}`;
      const before = new RuleTicks(set, volumes);
      const after = before.toggled(folder);
      const { isFiltered } = new RuleTicks(after, volumes).tick(folder);
      const isSelected = compileRules(after, volumes).selects(`${folder}/${below.join('/')}`, false);
      if (before.tick(folder).mark === 'all') expect(isSelected).toBe(false);
      else if (!isFiltered) expect(isSelected).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('a folder that is unticked stays out, also where a rule with wildcards from above would put something of it back', () => {
  const rules: SetRule[] = [
    { path: '/a', verdict: 'include', recursive: true },
    { path: '/a/*/a', verdict: 'include', recursive: false },
    { path: '/a/*/d/*b', verdict: 'include', recursive: true },
  ];
  const after = new RuleTicks(rules).toggled('/a/c');
  const engine = compileRules(after, []);
  for (const file of ['/a/c/f', '/a/c/a', '/a/c/a/f', '/a/c/d/xb']) expect(engine.selects(file, false), file).toBe(false);
  for (const file of ['/a/b/f', '/a/b/a', '/a/b/d/xb']) expect(engine.selects(file, false), file).toBe(true);
  expect(new RuleTicks(after).tick('/a/c')).toEqual({ mark: 'none', isFiltered: false });
  const again = new RuleTicks(after).toggled('/a/c');
  for (const file of ['/a/c/f', '/a/c/a', '/a/c/d/xb']) expect(compileRules(again, []).selects(file, false), file).toBe(true);
});
