import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Catalog, type CatalogRow } from '../../../../src-main/engine/catalog/index.ts';
import type { EntryKind, EntryStat, Place } from '../../../../src-main/engine/model/index.ts';
import { readDatabase } from '../../../../src-main/store/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const NAMES = ['a', 'b', '\xff'];
/** Two levels of folders, with files beside them. */
const PATHS = ['', ...NAMES, ...NAMES.flatMap((folder) => NAMES.map((name) => `${folder}/${name}`))];
const at = (path: string): Place => ({ root: 0, path });
const folderOf = (path: string): string => path.slice(0, Math.max(0, path.indexOf('/')));

function stat(kind: EntryKind, ino: number, size: number, dev = 1n): EntryStat {
  const ns = 1_700_000_000_000_000_000n;
  return {
    ...{ kind, dev, ino: BigInt(ino), size, mtimeNs: ns, ctimeNs: ns, mode: 0o644, uid: 0, gid: 0, nlink: 1 },
    allocatedBytes: size,
  };
}

const step = fc.record({
  what: fc.constantFrom(
    'put',
    'put',
    'list',
    'confirm',
    'remove',
    'rename',
    'doubt',
    'doubt-tree',
    'rollback',
    'renumber',
    'fact',
  ),
  path: fc.constantFrom(...PATHS),
  to: fc.constantFrom(...PATHS),
  size: fc.nat(3),
  back: fc.nat(6),
});

test('whatever was remembered, each row is told as it is stored', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), (steps) => {
      const file = `${tempFolder()}/catalog`;
      const catalog = new Catalog(file);
      const stored = readDatabase(file);
      const child = stored.prepare('SELECT id, size, sequence, epoch, trust, dev FROM nodes WHERE parent = ? AND name = ?');
      const folders = stored.prepare('SELECT id FROM nodes UNION SELECT 0').pluck(true);
      const trusts = ['left', 'known', 'attributes', 'nothing'];
      const facts = (row: CatalogRow | null) =>
        row === null
          ? undefined
          : {
              ...{ id: Number(row.id), size: row.size, sequence: row.sequence, epoch: row.epoch },
              ...{ trust: trusts.indexOf(row.trust) - 1, dev: Number(row.dev) },
            };
      const removeTree = (row: CatalogRow, sequence: number): void => {
        if (row.kind === 'folder') for (const below of catalog.children(row.id)) removeTree(below, sequence);
        catalog.remove(row, sequence);
      };
      let [sequence, dev] = [0, 1n];
      const does = ({ what, path, to, size, back }: (typeof steps)[number]): void => {
        // As a walk does before it looks at what is in a folder.
        const folder = back % 2 === 0 ? null : catalog.lookup(at(folderOf(path)));
        if (folder !== null) catalog.children(folder.id);
        const row = catalog.lookup(at(path));
        const [parent, goal] = [folderOf(to), catalog.lookup(at(to))];
        const kind = path.includes('/') ? 'file' : 'folder';
        switch (what) {
          case 'put': {
            // A file that was renamed may stand where a folder was.
            const isHeld = path === '' || catalog.lookup(at(folderOf(path)))?.kind === 'folder';
            if (!isHeld || (row !== null && row.kind !== kind)) return;
            const known = { linkTarget: null, sequence: ++sequence, epoch: size, readAtMs: 0, extendedHash: 0n, flags: 0 };
            catalog.put(at(path), stat(kind, sequence, size, dev), known);
            return;
          }
          case 'list':
            if (row !== null) catalog.children(row.id);
            return;
          case 'confirm':
            if (row !== null)
              catalog.confirm(row, stat(row.kind, Number(row.ino), row.size, row.dev), {
                ...{ linkTarget: null, epoch: size, extendedHash: 0n, flags: 0 },
              });
            return;
          case 'remove':
            if (row !== null && path !== '') removeTree(row, ++sequence);
            return;
          case 'rename': {
            const isPossible = row !== null && goal === null && path !== '' && to !== '' && path !== parent;
            if (isPossible && catalog.lookup(at(parent))?.kind === 'folder' && (row.kind === 'file' || !to.includes('/')))
              catalog.rename(row, at(to), ++sequence);
            return;
          }
          case 'doubt':
            if (row !== null) catalog.doubt(row, size > 1 ? 'nothing' : 'attributes');
            return;
          case 'doubt-tree':
            if (row !== null) catalog.doubtTree(row);
            return;
          case 'rollback':
            if (back < 3) catalog.rollback(Math.max(0, sequence - 3));
            return;
          case 'renumber':
            if (back < 3) catalog.renumberDevice(dev, ++dev);
            return;
          case 'fact':
            catalog.setFact('x', String(size));
            return;
        }
      };
      try {
        for (const path of PATHS.filter((one) => !one.includes('\xff'))) does({ what: 'put', path, to: path, size: 1, back: 0 });
        for (const one of steps) {
          does(one);
          const again = catalog.lookup(at(one.to));
          catalog.lookup(at(''));
          expect(again, `${one.what} ${one.path}`).toEqual(catalog.lookup(at(one.to)));
          catalog.commit();
          for (const id of folders.all() as number[])
            for (const name of ['0', ...NAMES])
              expect(facts(catalog.child(BigInt(id), name)), `${one.what} ${one.path}`).toEqual(child.get(id, name));
          for (const path of PATHS) {
            const row = catalog.lookup(at(path));
            expect(row === null ? path : catalog.placeOf(row).path).toBe(path);
          }
        }
      } finally {
        catalog.close();
        stored.close();
      }
    }),
    { numRuns: 40 },
  );
});
