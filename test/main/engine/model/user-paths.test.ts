import { describe, expect, test } from 'vitest';
import { rawName, ReplicationError } from '../../../../src-main/base/index.ts';
import { resolveUserPath, typedText } from '../../../../src-main/engine/model/index.ts';

const volumes = [
  { name: 'C', folder: '/srv/c' },
  { name: 'd', folder: '/mnt/disk two/' },
  { name: 'R', folder: '/' },
];

describe('a typed path', () => {
  test.each([
    ['/srv/data', '/srv/data', null, 'srv/data'],
    ['/', '/', null, ''],
    ['//srv//data/', '/srv/data', null, 'srv/data'],
    ['/srv/./a/../data/.', '/srv/data', null, 'srv/data'],
    ['/../../etc', '/etc', null, 'etc'],
    ['/srv/with\\backslash', '/srv/with\\backslash', null, 'srv/with\\backslash'],
    ['c:\\data\\x.txt', '/srv/c/data/x.txt', 'C', 'data/x.txt'],
    ['C:/data/x.txt', '/srv/c/data/x.txt', 'C', 'data/x.txt'],
    ['C:\\data/mixed\\', '/srv/c/data/mixed', 'C', 'data/mixed'],
    ['c:', '/srv/c', 'C', ''],
    ['c:\\', '/srv/c', 'C', ''],
    ['c:\\..\\..\\etc', '/srv/c/etc', 'C', 'etc'],
    ['D:\\a b', '/mnt/disk two/a b', 'D', 'a b'],
    ['r:\\srv', '/srv', 'R', 'srv'],
    ['r:', '/', 'R', ''],
    ['/c:/data', '/c:/data', null, 'c:/data'],
    ['/new\nline', '/new\nline', null, 'new\nline'],
  ])('%j becomes %j', (text, absolute, volume, inside) => {
    expect(resolveUserPath(text, volumes)).toEqual({ absolute, volume, inside });
  });

  test.each([
    ['data', 'bad-path'],
    ['', 'bad-path'],
    ['./data', 'bad-path'],
    ['\\data', 'bad-path'],
    ['c:data', 'bad-path'],
    ['/a\0b', 'bad-path'],
    ['x:\\data', 'volume-unknown'],
    ['cc:\\data', 'bad-path'],
  ])('%j is refused with %s', (text, code) => {
    expect(() => resolveUserPath(text, volumes)).toThrow(expect.objectContaining({ code }) as ReplicationError);
  });

  test('names beyond ASCII become their UTF-8 bytes, and back', () => {
    const { absolute } = resolveUserPath('/srv/Größe/日本', volumes);
    expect(absolute).toBe(rawName('/srv/Größe/日本'));
    expect(typedText(absolute)).toBe('/srv/Größe/日本');
  });
});
