import { describe, expect, test } from 'vitest';
import type { MapSpec, SetRule } from '../../../../src-main/api/index.ts';
import { compileRules, findLoop, resolveMap, resolveTargetPath } from '../../../../src-main/engine/model/index.ts';

const volumes = [
  { name: 'C', folder: '/srv/c' },
  { name: 'D', folder: '/mnt/d' },
];
const exact: MapSpec = { kind: 'exact' };
const base = (path: string): MapSpec => ({ kind: 'base', base: path });
const pairs = (...list: [string, string][]): MapSpec => ({ kind: 'pairs', pairs: list.map(([from, to]) => ({ from, to })) });

function include(...paths: string[]): SetRule[] {
  return paths.map((path) => ({ path, verdict: 'include', recursive: true }));
}
function mapped(paths: string[], map: MapSpec): Record<string, string> {
  return Object.fromEntries(resolveMap(compileRules(include(...paths), volumes), map, volumes).map(({ from, to }) => [from, to]));
}

describe('a map', () => {
  test.each<[string, string[], MapSpec, Record<string, string>]>([
    ['exact keeps the volume form for the target to resolve', ['c:\\data'], exact, { '/srv/c/data': 'c:\\data' }],
    ['exact keeps a plain path', ['/srv/data/'], exact, { '/srv/data': '/srv/data' }],
    [
      'base has the letter without its colon',
      ['c:\\data'],
      base('c:\\noon_mirror'),
      { '/srv/c/data': 'c:\\noon_mirror\\c\\data' },
    ],
    ['base with a plain folder', ['C:/data/a'], base('/noon/'), { '/srv/c/data/a': '/noon/c/data/a' }],
    ['base of a path without a letter', ['/data/x'], base('/noon'), { '/data/x': '/noon/data/x' }],
    ['base of a path without a letter in volume form', ['/data/x'], base('D:\\keep\\'), { '/data/x': 'D:\\keep\\data\\x' }],
    ['base of a whole volume', ['c:\\'], base('/noon'), { '/srv/c': '/noon/c' }],
    ['base of the whole disk', ['/'], base('/noon'), { '/': '/noon' }],
    [
      'two volumes do not clash under one base',
      ['c:\\data', 'd:\\data'],
      base('/n'),
      { '/mnt/d/data': '/n/d/data', '/srv/c/data': '/n/c/data' },
    ],
    ['a pair moves a tree', ['c:\\data'], pairs(['c:\\data', 'e:\\keep']), { '/srv/c/data': 'e:\\keep' }],
    ['a pair above the root keeps the rest', ['d:\\a\\b'], pairs(['d:\\', 'e:\\']), { '/mnt/d/a/b': 'e:\\a\\b' }],
    ['a pair of a whole volume', ['d:\\'], pairs(['d:\\', 'e:']), { '/mnt/d': 'e:\\' }],
    ['the longest pair wins', ['/a/b/c'], pairs(['/a', '/x'], ['/a/b', '/y']), { '/a/b/c': '/y/c' }],
    ['names beyond ASCII stay as typed', ['/srv/Größe'], base('/ä'), { '/srv/Größe': '/ä/srv/Größe' }],
    ['a backslash in a name stays', ['/a\\b'], base('/n'), { '/a\\b': '/n/a\\b' }],
  ])('%s', (_name, paths, map, expected) => {
    expect(mapped(paths, map)).toEqual(expected);
  });

  test.each<[string, string[], MapSpec, string, RegExp]>([
    ['a root without a pair', ['/a', '/b'], pairs(['/a', '/x']), 'map-invalid', /\/b/],
    ['a pair for a part of a root', ['/a'], pairs(['/a/b', '/x']), 'map-invalid', /\/a\/b/],
    ['a pair that would split a root', ['/a'], pairs(['/a', '/x'], ['/a/b', '/y']), 'map-invalid', /\/a\/b/],
    ['two roots in one place', ['/a', '/b'], pairs(['/a', '/x'], ['/b', '/x/']), 'map-invalid', /both arrive/],
    ['a root inside another’s place', ['/a', '/b'], pairs(['/a', '/x'], ['/b', '/x/y']), 'map-invalid', /both arrive/],
    ['a letter folder that meets a plain path', ['c:\\data', '/c/data'], base('/n'), 'map-invalid', /both arrive/],
    ['a name with a backslash below a drive letter', ['/a\\b'], base('c:\\n'), 'map-invalid', /backslash/],
    ['a relative base', ['/a'], base('noon'), 'bad-path', /noon/],
    ['a base relative to a drive', ['/a'], base('c:noon'), 'bad-path', /c:noon/],
    ['a pair from an unknown volume', ['/a'], pairs(['q:\\', '/x']), 'volume-unknown', /Q/],
  ])('refuses %s', (_name, paths, map, code, text) => {
    expect(() => mapped(paths, map)).toThrow(expect.objectContaining({ code }) as Error);
    expect(() => mapped(paths, map)).toThrow(text);
  });

  test('the target resolves its own volumes', () => {
    expect(resolveTargetPath('c:\\noon_mirror\\c\\data', [{ name: 'c', folder: '/replicas' }])).toBe(
      '/replicas/noon_mirror/c/data',
    );
    expect(resolveTargetPath('/a/../ö', [])).toBe('/ö');
    expect(() => resolveTargetPath('e:\\keep', volumes)).toThrow(expect.objectContaining({ code: 'volume-unknown' }) as Error);
  });
});

describe('a replica on the same machine', () => {
  const rules = compileRules([...include('/data'), { path: '/data/replicas', verdict: 'exclude', recursive: true }], volumes);
  test.each([
    ['/data', '/data', true],
    ['/data', '/data/inner', true],
    ['/data', '/', true],
    ['/data', '/data/replicas/noon', false],
    ['/data', '/data2', false],
    ['/data', '/noon/data', false],
  ])('%s to %s is a loop: %s', (from, to, isLoop) => {
    expect(findLoop([{ from, to }], rules.selects.bind(rules))).toEqual(isLoop ? { from, to } : null);
  });
});
