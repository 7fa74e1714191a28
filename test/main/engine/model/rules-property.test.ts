import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SetRule } from '../../../../src-main/api/index.ts';
import { compileRules } from '../../../../src-main/engine/model/index.ts';

const name = fc.constantFrom('a', 'b', 'ab', 'x.t');
const part = fc.oneof({ weight: 4, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom('*', 'a*', '?', '*.t') });
const rule = fc.record<SetRule>({
  path: fc.array(part, { minLength: 0, maxLength: 4 }).map((parts) => `/${parts.join('/')}`),
  verdict: fc.constantFrom('include', 'exclude'),
  recursive: fc.boolean(),
});
const entry = fc.record({ names: fc.array(name, { minLength: 1, maxLength: 5 }), isFolder: fc.boolean() });

/** The rules as the documentation says them, one by one and without any cleverness. */
function verdict(rules: readonly SetRule[], names: readonly string[], isFolder: boolean): 'include' | 'exclude' | null {
  const weigh = (rule: SetRule) => split(rule).length * 4 + (isLiteral(rule) ? 2 : 0) + (rule.verdict === 'exclude' ? 1 : 0);
  const matching = rules.filter((rule) => matches(rule, names, isFolder)).toSorted((a, b) => weigh(b) - weigh(a));
  return matching[0]?.verdict ?? null;
}

function matches(rule: SetRule, names: readonly string[], isFolder: boolean): boolean {
  const parts = split(rule);
  const fits = (at: readonly string[]) => at.length === parts.length && at.every((text, i) => like(parts[i] ?? '', text));
  const above = names.map((_, i) => names.slice(0, i + 1));
  const isWildLast = parts.slice(0, -1).every((text) => !isWild(text)) && isWild(parts.at(-1) ?? '');
  if (isWildLast && rule.recursive) {
    const folder = parts.slice(0, -1);
    return (
      folder.every((text, i) => names[i] === text) && names.slice(folder.length).some((text) => like(parts.at(-1) ?? '', text))
    );
  }
  if (rule.recursive) return parts.length === 0 || above.some(fits);
  return fits(names) || (!isFolder && fits(names.slice(0, -1)));
}

function split(rule: SetRule): string[] {
  return rule.path.split('/').filter((text) => text !== '');
}
function isWild(text: string): boolean {
  return /[*?]/.test(text);
}
function isLiteral(rule: SetRule): boolean {
  return !isWild(rule.path);
}
function like(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}

function compiled(rules: readonly SetRule[]) {
  try {
    return compileRules(rules, []);
  } catch {
    return null;
  }
}

test('compiled rules decide about every file as the documented rules do', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), fc.array(entry, { maxLength: 30 }), (rules, entries) => {
      const set = compiled(rules);
      for (const { names, isFolder } of entries) {
        const expected = verdict(rules, names, isFolder) === 'include';
        const path = `/${names.join('/')}`;
        if (!isFolder) expect([path, set?.selects(path, false) ?? false]).toEqual([path, expected]);
        else if (expected) expect([path, set?.selects(path, true)]).toEqual([path, true]);
      }
    }),
    { numRuns: 500 },
  );
});

test('whatever is selected lies in a root, in folders that are selected and walked', () => {
  fc.assert(
    fc.property(fc.array(rule, { minLength: 1, maxLength: 6 }), fc.array(entry, { maxLength: 30 }), (rules, entries) => {
      const set = compiled(rules);
      for (const { names, isFolder } of set === null ? [] : entries) {
        const path = `/${names.join('/')}`;
        if (set?.selects(path, isFolder) !== true) continue;
        const root = set.roots.find(({ absolute }) => absolute === '/' || path === absolute || path.startsWith(`${absolute}/`));
        expect(root).toBeDefined();
        const above = names.map((_, i) => `/${names.slice(0, i).join('/')}`);
        for (const folder of above.filter((text) => text.length >= (root?.absolute.length ?? 0))) {
          expect([path, folder, set.descends(folder), set.selects(folder, true)]).toEqual([path, folder, true, true]);
        }
      }
    }),
    { numRuns: 500 },
  );
});
