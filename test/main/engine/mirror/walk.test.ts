import { expect, test } from 'vitest';
import { Walk, type WalkTree } from '../../../../src-main/engine/mirror/index.ts';
import type { Place } from '../../../../src-main/engine/model/index.ts';

type Tree = Readonly<Record<string, readonly string[]>>;
interface Named {
  readonly name: string;
}

/** A disk of folders (path → names); what is a key is a folder. */
function recorder(disk: Tree, known: Tree, listed?: Tree, fail?: (path: string) => boolean) {
  const log: string[] = [];
  const named = (names: readonly string[] | undefined): Named[] => (names ?? []).map((name) => ({ name }));
  const tree: WalkTree<Named, Named> = {
    names: ({ path }) => disk[path] ?? null,
    known: ({ path }) => named(known[path]),
    listing: ({ path }) =>
      listed === undefined ? undefined : Promise.resolve(new Map(named(listed[path]).map((entry) => [entry.name, entry]))),
    visit: ({ path }, row, entry) => {
      if (fail?.(path) === true) throw new Error('lost');
      log.push(
        `visit ${path}${row === null ? '' : ' known'}${entry === undefined ? '' : entry === null ? ' absent' : ' listed'}`,
      );
      return path in disk ? 'enter' : 'done';
    },
    vanished: ({ path }) => void log.push(`vanished ${path}`),
    leave: ({ path }) => void log.push(`leave ${path}`),
  };
  return { tree, log };
}
const top: Place = { root: 0, path: '' };
async function finish(walk: Walk<Named, Named>): Promise<void> {
  while (await walk.step(1000, () => false));
}

test('disk, catalog and listing are merged name by name, deepest first', async () => {
  const { tree, log } = recorder({ '': ['a', 'b', 'd'], b: ['x'] }, { '': ['a', 'c'] }, { '': ['b'], b: [] });
  await finish(new Walk(tree, [top]));
  expect(log).toEqual([
    'visit ',
    'visit a known absent',
    'visit b listed',
    'visit b/x absent',
    'leave b',
    'vanished c',
    'visit d absent',
    'leave ',
  ]);
});

test('a walk that rests goes on where it was', async () => {
  const names = Array.from({ length: 100 }, (_, i) => `f${String(i).padStart(3, '0')}`);
  const { tree, log } = recorder({ '': names }, {});
  const walk = new Walk(tree, [top]);
  let steps = 0;
  while (await walk.step(0, () => false)) steps++;
  expect(steps).toBeGreaterThan(3);
  expect(log.filter((line) => line.startsWith('visit f'))).toEqual(names.map((name) => `visit ${name}`));
});

test('an entry whose visit failed is visited again, and none is skipped', async () => {
  let failures = 2;
  const { tree, log } = recorder({ '': ['a', 'b', 'c'] }, {}, undefined, (path) => path === 'b' && failures-- > 0);
  const walk = new Walk(tree, [top]);
  for (let i = 0; i < 5; i++) await walk.step(1000, () => false).catch(() => undefined);
  expect(log).toEqual(['visit ', 'visit a', 'visit b', 'visit c', 'leave ']);
});

test('a tree that moved meanwhile is walked at its new place too', async () => {
  const { tree, log } = recorder({ '': ['a'], z: ['f'] }, {});
  const walk = new Walk(tree, [top]);
  walk.add({ root: 0, path: 'z' });
  await finish(walk);
  expect(log).toContain('visit z/f');
});
