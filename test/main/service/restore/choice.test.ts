import { describe, expect, test } from 'vitest';
import type { ReplicaSnapshot, RestoreChoice } from '../../../../src-main/api/index.ts';
import { namesInside, resolveChoice } from '../../../../src-main/service/restore/choice.ts';
import { mirrorOf } from '../../../../src-main/service/restore/parts.ts';

const roots = [
  { from: '/data', to: '/replica/data' },
  { from: '/srv/logs', to: '/replica/srv/logs' },
];
const replica = { connectionId: 'c1', setName: 'accounts', sourceName: 'alpha', roots } as unknown as ReplicaSnapshot;
const from = { kind: 'replica', connectionId: 'c1' } as const;
const resolve = (choice: RestoreChoice) => resolveChoice(choice, [replica], [{ name: 'C', folder: '/srv/c' }]);
const paths = (choice: RestoreChoice) => resolve(choice).rules.map(({ path }) => path);

describe('a choice', () => {
  test('turns the map of its replica round, for all of it or for what is named by its place on either side', () => {
    const whole = resolve({ from, paths: [], to: { kind: 'origin' } });
    expect(whole.name).toBe('“accounts” from alpha');
    expect(whole.rules).toEqual(roots.map(({ to }) => ({ path: to, verdict: 'include', recursive: true })));
    expect(whole.map).toEqual({ kind: 'pairs', pairs: roots.map(({ from: source, to }) => ({ from: to, to: source })) });
    const named = ['/data/a/b', '/srv/logs', '/replica/data/c', '/data/../data/./d'];
    expect(paths({ from, paths: named, to: { kind: 'origin' } })).toEqual([
      '/replica/data/a/b', '/replica/srv/logs', '/replica/data/c', '/replica/data/d',
    ]); // prettier-ignore
  });

  test.each([
    ['/restored', ['/restored/data', '/restored/srv/logs']],
    ['/restored/', ['/restored/data', '/restored/srv/logs']],
    ['d:\\restored', ['d:\\restored\\data', 'd:\\restored\\srv\\logs']],
  ])('below %s keeps each path of the source', (path, arrivals) => {
    const { map } = resolve({ from, paths: [], to: { kind: 'folder', path } });
    expect(map.kind === 'pairs' ? map.pairs.map(({ to }) => to) : []).toEqual(arrivals);
  });

  test('of a folder arrives right in another one, and needs one', () => {
    const folder = { kind: 'folder', path: 'c:\\snap' } as const;
    const { name, rules, map } = resolve({ from: folder, paths: ['c:\\snap\\x'], to: { kind: 'folder', path: '/back' } });
    expect({ name, rules, map }).toEqual({
      name: '/srv/c/snap',
      rules: [{ path: '/srv/c/snap/x', verdict: 'include', recursive: true }],
      map: { kind: 'pairs', pairs: [{ from: '/srv/c/snap', to: '/back' }] },
    });
    expect(() => resolve({ from: folder, paths: [], to: { kind: 'origin' } })).toThrow('say in which folder');
  });

  test('tells how much of each path lies in the tree, and in the place where it arrives', () => {
    const inside = (to: RestoreChoice['to'], ...chosen: string[]) =>
      namesInside(
        chosen.map((place) => ({ from: place, to: '' })),
        { from, paths: [], to },
        roots,
      );
    const chosen = ['/replica/data', '/replica/data/a/b', '/replica/srv/logs/x'];
    expect(inside({ kind: 'origin' }, ...chosen)).toEqual([0, 2, 1].map((names) => ({ here: names, there: names })));
    const below = inside({ kind: 'folder', path: '/back' }, ...chosen);
    expect(below).toEqual([{ here: 0, there: 1 }, { here: 2, there: 3 }, { here: 1, there: 3 }]); // prettier-ignore
  });

  test('of what is not in the replica, or of no replica, is refused', () => {
    expect(() => paths({ from, paths: ['/database/x'], to: { kind: 'origin' } })).toThrow('holds /data, /srv/logs');
    expect(() => paths({ from, paths: ['/data/*.txt'], to: { kind: 'origin' } })).toThrow('holds a wildcard');
    expect(() => paths({ from, paths: ['relative'], to: { kind: 'origin' } })).toThrow('bad-path');
    const gone = { kind: 'replica', connectionId: 'c2' } as const;
    expect(() => paths({ from: gone, paths: [], to: { kind: 'origin' } })).toThrow('unknown-connection');
  });
});

test.each([
  [{ overwrite: 'always', checksum: true }, { kind: 'all' }],
  [{ overwrite: 'different', checksum: false }, { kind: 'different' }],
  [{ overwrite: 'different', checksum: true }, { kind: 'checksum' }],
  [
    { overwrite: 'older', checksum: false },
    { kind: 'different', newer: true },
  ],
  [
    { overwrite: 'older', checksum: true },
    { kind: 'checksum', newer: true },
  ],
  [{ overwrite: 'never', checksum: false }, { kind: 'different' }],
] as const)('%o mirrors %o', (policy, options) => {
  expect(mirrorOf(policy)).toEqual(options);
});
