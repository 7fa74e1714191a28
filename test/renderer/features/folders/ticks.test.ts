import { describe, expect, test } from 'vitest';
import type { SetRule } from '../../../../src-main/api/index.ts';
import { RuleTicks } from '../../../../src-renderer/features/folders/ticks.ts';

/** `+ /a` includes, `- /a/b` excludes; `+1` and `-1` are not recursive. */
function rules(...lines: string[]): SetRule[] {
  return lines.map((line) => {
    const [sign = '', ...rest] = line.split(' ');
    return { path: rest.join(' '), verdict: sign.startsWith('+') ? 'include' : 'exclude', recursive: !sign.endsWith('1') };
  });
}

function lines(set: readonly SetRule[]): string[] {
  return set.map((rule) => `${rule.verdict === 'include' ? '+' : '-'}${rule.recursive ? '' : '1'} ${rule.path}`);
}

const volumes = [{ name: 'C', folder: '/srv/c' }];

describe('the box of a folder', () => {
  test.each([
    ['below a recursive include is full', ['+ /data'], '/data/a', 'all'],
    ['of another name is empty', ['+ /data'], '/data2', 'none'],
    ['above an include is partial', ['+ /data/a'], '/data', 'some'],
    ['above an exclude is partial', ['+ /data', '- /data/a'], '/data', 'some'],
    ['that is excluded is empty', ['+ /data', '- /data/a'], '/data/a/b', 'none'],
    ['excluded with an exception is partial', ['+ /data', '- /data/a', '+ /data/a/b'], '/data/a', 'some'],
    ['included and excluded alike is empty', ['+ /data', '- /data'], '/data', 'none'],
    ['of an include that is not recursive is partial', ['+1 /data'], '/data', 'some'],
    ['inside an include that is not recursive is empty', ['+1 /data'], '/data/a', 'none'],
    ['whose own files are excluded is partial', ['+ /data', '-1 /data/logs'], '/data/logs', 'some'],
    ['with a rule below that changes nothing is full', ['+ /data', '+ /data/a'], '/data', 'all'],
    ['that a wildcard excludes by name is empty', ['+ /data', '- /data/*.tmp'], '/data/x/cache.tmp', 'none'],
    ['where only wildcard files are included is partial', ['+ /data/*.txt'], '/data/sub', 'some'],
    ['of the whole disk is full', ['+ /'], '/', 'all'],
    ['on a volume is the folder behind it', ['+ c:\\data'], '/srv/c/data', 'all'],
    ['of a volume letter ignores its case', ['+ C:\\data'], 'c:\\data\\a', 'all'],
  ])('%s', (_name, set, path, mark) => {
    expect(new RuleTicks(rules(...set), volumes).tick(path).mark).toBe(mark);
  });

  test('wildcard exclusions leave it full and mark it as filtered', () => {
    const ticks = new RuleTicks(rules('+ /data', '- /data/*.tmp', '+ /data/raw'));
    expect(ticks.tick('/data')).toEqual({ mark: 'all', isFiltered: true });
    expect(ticks.tick('/data/a/b')).toEqual({ mark: 'all', isFiltered: true });
    // The literal rule for /data/raw is as deep as the wildcard and wins.
    expect(ticks.tick('/data/raw')).toEqual({ mark: 'all', isFiltered: false });
  });
});

describe('the box of a file', () => {
  test.each([
    ['directly in a folder whose own files are included', ['+1 /data'], '/data/x', 'all'],
    ['deeper than an include that is not recursive', ['+1 /data'], '/data/a/x', 'none'],
    ['that a wildcard excludes', ['+ /data', '- /data/*.tmp'], '/data/a/x.tmp', 'none'],
    ['kept by name beside a wildcard', ['+ /data', '- /data/*.tmp', '+ /data/keep.tmp'], '/data/keep.tmp', 'all'],
  ])('%s', (_name, set, path, mark) => {
    expect(new RuleTicks(rules(...set)).tick(path, false).mark).toBe(mark);
  });
});

describe('a click', () => {
  test.each([
    ['on an empty box includes the folder', [], '/data', ['+ /data']],
    ['on a full box removes its rule', ['+ /data'], '/data', []],
    ['on a child of an included folder excludes the child', ['+ /data'], '/data/a', ['+ /data', '- /data/a']],
    ['on an excluded child removes the exclusion', ['+ /data', '- /data/a'], '/data/a', ['+ /data']],
    ['on a partial box makes it full and drops the exceptions', ['+ /data', '- /data/a', '- /data/b/c'], '/data', ['+ /data']],
    ['on a partial box above includes replaces them', ['+ /data/a', '+ /data/b'], '/data', ['+ /data']],
    [
      'inside an excluded folder brings the child back',
      ['+ /data', '- /data/a'],
      '/data/a/b',
      ['+ /data', '- /data/a', '+ /data/a/b'],
    ],
    ['leaves wildcard exclusions alone', ['+ /data', '- /data/*.tmp'], '/data', ['- /data/*.tmp']],
    ['on a partial box makes an include recursive', ['+1 /data'], '/data', ['+ /data']],
    ['leaves rules of other folders alone', ['+ /data', '+ /etc', '- /etc/x'], '/data', ['+ /etc', '- /etc/x']],
  ])('%s', (_name, set, path, expected) => {
    expect(lines(new RuleTicks(rules(...set)).toggled(path))).toEqual(expected);
  });

  test('on a file writes a rule for that file only', () => {
    expect(lines(new RuleTicks(rules('+ /data')).toggled('/data/x', false))).toEqual(['+ /data', '-1 /data/x']);
  });

  test('always leads to a full or an empty box, whatever the rules were', () => {
    const sets = [
      [],
      ['+ /a'],
      ['- /a'],
      ['+1 /a'],
      ['+ /a', '- /a/b'],
      ['+ /a/*.x'],
      ['+ /', '- /a'],
      ['+ /a', '-1 /a'],
      ['- /*', '+ /a/b'],
    ];
    for (const set of sets) {
      for (const path of ['/', '/a', '/a/b', '/a/b/c']) {
        const before = new RuleTicks(rules(...set));
        const after = new RuleTicks(before.toggled(path));
        expect([set, path, after.tick(path).mark]).toEqual([set, path, before.tick(path).mark === 'all' ? 'none' : 'all']);
      }
    }
  });
});
