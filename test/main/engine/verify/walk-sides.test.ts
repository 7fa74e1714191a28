import { expect, test } from 'vitest';
import type { EntryKind, EntryStat, Place } from '../../../../src-main/engine/model/index.ts';
import { differingProperties, walkSides, type Sides, type TargetEntry } from '../../../../src-main/engine/verify/index.ts';

const attributes = { mode: 0o644, uid: 1, gid: 1, mtimeNs: 5n };

function stat(kind: EntryKind): EntryStat {
  return { kind, dev: 1n, ino: 1n, size: 1, ctimeNs: 5n, nlink: 1, allocatedBytes: 0, ...attributes };
}

/** A tree as paths, those of folders with a slash at the end. */
function tree(...paths: string[]): Map<string, EntryKind> {
  return new Map(paths.map((path) => (path.endsWith('/') ? [path.slice(0, -1), 'folder'] : [path, 'file'])));
}

function namesIn(of: ReadonlyMap<string, EntryKind>, folder: string): string[] {
  const inside = [...of.keys()].filter((path) => path !== '' && path.slice(0, Math.max(0, path.lastIndexOf('/'))) === folder);
  return inside.map((path) => path.slice(path.lastIndexOf('/') + 1)).sort();
}

function sidesOf(source: ReadonlyMap<string, EntryKind>, target: ReadonlyMap<string, EntryKind>, asked: string[] = []): Sides {
  return {
    names: ({ path }) => {
      if (path.endsWith('locked')) throw new Error('no');
      return namesIn(source, path);
    },
    see: ({ path }) => {
      const kind = source.get(path);
      return kind === undefined ? null : path.endsWith('.tmp') ? 'excluded' : stat(kind);
    },
    selects: ({ path }) => !path.endsWith('.tmp'),
    listing: ({ path }) => {
      asked.push(path);
      if (path !== '' && target.get(path) !== 'folder') return Promise.resolve(null);
      const join = (name: string) => (path === '' ? name : `${path}/${name}`);
      return Promise.resolve(
        namesIn(target, path).map((name): TargetEntry => ({
          name,
          kind: target.get(join(name)) ?? 'other',
          size: 1,
          attributes,
          extendedHash: 0n,
          linkTarget: null,
        })),
      );
    },
    entersExtra: ({ path }) => !path.endsWith('ignored'),
  };
}

async function walked(sides: Sides): Promise<string[]> {
  const seen: string[] = [];
  const root: Place = { root: 0, path: '' };
  for await (const pairs of walkSides(sides, [root]))
    for (const { place, source, target, error } of pairs)
      seen.push(`${place.path} ${error === null ? `${source?.kind ?? '-'} ${target?.kind ?? '-'}` : 'error'}`);
  return seen;
}

test('both trees are walked folder by folder in the order of names, whatever either lacks; excluded entries on either side are passed over', async () => {
  const source = tree('a', 'b/', 'b/x', 'b/y.tmp', 'c/', 'c/d/', 'c/d/e', 'k/', 'z');
  const target = tree('a', 'aa', 'b/', 'b/w', 'b/x', 'extra/', 'extra/deep', 'ignored/', 'ignored/deep', 'k', 'q.tmp');
  const asked: string[] = [];
  expect(await walked(sidesOf(source, target, asked))).toEqual([
    'a file file',
    'aa - file',
    'b folder folder',
    'c folder -',
    'extra - folder',
    'ignored - folder',
    'k folder file',
    'z file -',
    'b/w - file',
    'b/x file file',
    'c/d folder -',
    'c/d/e file -',
    'extra/deep - file',
  ]);
  // Folders that the target is known not to have are not asked for.
  expect(asked.sort()).toEqual(['', 'b', 'extra']);
});

test('a folder that cannot be read is told once, and what the target has in it is not called extra', async () => {
  const seen = await walked(sidesOf(tree('locked/', 'z'), tree('locked/', 'locked/secret', 'z')));
  expect(seen).toEqual(['locked folder folder', 'z file file', 'locked error']);
});

test('properties are compared as far as they mean anything for the kind', () => {
  const file = { kind: 'file' as const, size: 1, attributes, extendedHash: 0n, linkTarget: null };
  const owners = { owners: true };
  const other = { ...attributes, mode: 0o600, uid: 9 };
  expect(differingProperties(file, { ...file, attributes: other }, owners)).toEqual(['mode', 'owner']);
  expect(differingProperties(file, { ...file, attributes: other }, { owners: false })).toEqual(['mode']);
  expect(differingProperties(file, { ...file, kind: 'folder' }, owners)).toEqual(['kind']);
  const folder = { ...file, kind: 'folder' as const };
  expect(differingProperties(folder, { ...folder, size: 4096 }, owners)).toEqual([]);
  const link = { ...file, kind: 'symlink' as const, linkTarget: 'a' };
  expect(differingProperties(link, { ...link, attributes: { ...attributes, mode: 0o777 }, linkTarget: 'b' }, owners)).toEqual([
    'link text',
  ]);
});
