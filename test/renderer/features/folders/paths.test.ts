import { expect, test } from 'vitest';
import { isAbsolutePath, joinPath, lastName, pathNames, trimPath } from '../../../../src-renderer/features/folders/paths.ts';

const volumes = [{ name: 'C', folder: '/srv/c' }];

test.each([
  ['/srv/data/', ['srv', 'data']],
  ['/', []],
  ['/odd\\name', ['odd\\name']],
  ['c:\\data\\x', ['srv', 'c', 'data', 'x']],
  ['C:/data', ['srv', 'c', 'data']],
  ['d:\\data', ['d:', 'data']],
])('%s is cut into its names', (path, names) => expect(pathNames(path, volumes)).toEqual(names));

test('paths are joined and trimmed in their own manner', () => {
  expect(joinPath('/srv', 'data')).toBe('/srv/data');
  expect(joinPath('/', 'data')).toBe('/data');
  expect(joinPath('c:\\', 'data')).toBe('c:\\data');
  expect(joinPath('c:\\data', 'x')).toBe('c:\\data\\x');
  expect(trimPath(' /srv/data// ')).toBe('/srv/data');
  expect(trimPath('/')).toBe('/');
  expect(trimPath('c:\\')).toBe('c:\\');
  expect(lastName('/srv/data/')).toBe('data');
  expect(lastName('c:\\data')).toBe('data');
});

test('only a path from the top is absolute', () => {
  expect(['/a', '/', 'c:\\', 'c:/a', 'a/b', '', 'c:a', '..'].filter(isAbsolutePath)).toEqual(['/a', '/', 'c:\\', 'c:/a']);
});
