import {
  chmodSync,
  cpSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { compareTrees } from '../../../../src-main/engine/verify/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

let from: string;
let to: string;

/** A small tree of every kind and its copy, equal to the nanosecond. */
beforeEach(() => {
  const folder = tempFolder();
  from = join(folder, 'from');
  to = join(folder, 'to');
  for (const root of [from, to]) {
    mkdirSync(join(root, 'a/b'), { recursive: true });
    writeFileSync(join(root, 'a/one'), 'first');
    linkSync(join(root, 'a/one'), join(root, 'a/b/same'));
    writeFileSync(join(root, 'a/two'), 'first');
    writeFileSync(Buffer.from(`${root}/odd\xff\n#;`, 'latin1'), Buffer.alloc(700_000, 7));
    symlinkSync('one', join(root, 'a/link'));
    mkdirSync(join(root, 'empty'));
    for (const name of ['a/one', 'a/two', 'a/b', 'a', 'empty']) utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
    utimesSync(Buffer.from(`${root}/odd\xff\n#;`, 'latin1'), 1_700_000_000, 1_700_000_000);
    lutimesSync(join(root, 'a/link'), 1_700_000_000, 1_700_000_000);
    settleFolders(root);
  }
});

function settleFolders(root: string): void {
  for (const name of ['a/b', 'a', 'empty', '']) utimesSync(join(root, name), 1_700_000_000, 1_700_000_000);
}

async function differences(bytes = true): Promise<string[]> {
  const result = await compareTrees([{ from, to }], { bytes });
  expect(result.differences).toBe(result.list.length);
  expect(result.isEqual).toBe(result.list.length === 0);
  return result.list.map(({ what, path }) => `${what} ${path.slice(from.length)}`);
}

describe('two trees', () => {
  test('that are equal are counted and found equal, with the same hash each time', async () => {
    const first = await compareTrees([{ from, to }], { bytes: true });
    expect(first).toMatchObject({ isEqual: true, files: 4, folders: 4, symlinks: 1, bytes: 700_015, differences: 0, list: [] });
    expect((await compareTrees([{ from, to }], { bytes: true })).hash).toBe(first.hash);
  });

  const content = { name: 'one byte of content, deep in a file', what: ['content /odd\xff\n#;'] };
  const table: readonly { name: string; change: () => void; what: string[] }[] = [
    { name: 'a missing file', change: () => rmSync(join(to, 'a/two')), what: ['missing /a/two'] },
    {
      name: 'a missing folder with all below it, once',
      change: () => rmSync(join(to, 'a'), { recursive: true }),
      what: ['missing /a'],
    },
    { name: 'an extra file', change: () => writeFileSync(join(to, 'a/zzz'), ''), what: ['extra /a/zzz'] },
    { name: 'another size', change: () => truncateSync(join(to, 'a/two'), 3), what: ['size /a/two'] },
    { name: 'another mode', change: () => chmodSync(join(to, 'empty'), 0o700), what: ['mode /empty'] },
    { name: 'another time of a symbolic link', change: () => lutimesSync(join(to, 'a/link'), 1, 1), what: ['modified /a/link'] },
    {
      name: 'another link text',
      change: () => {
        unlinkSync(join(to, 'a/link'));
        symlinkSync('two', join(to, 'a/link'));
        lutimesSync(join(to, 'a/link'), 1_700_000_000, 1_700_000_000);
      },
      what: ['link text /a/link'],
    },
    {
      name: 'another kind',
      change: () => {
        rmSync(join(to, 'empty'), { recursive: true });
        writeFileSync(join(to, 'empty'), '');
      },
      what: ['kind /empty'],
    },
    {
      name: 'a hard link that became a copy',
      change: () => {
        unlinkSync(join(to, 'a/b/same'));
        cpSync(join(to, 'a/one'), join(to, 'a/b/same'), { preserveTimestamps: true });
      },
      what: ['hard links /a/one'],
    },
    {
      name: 'two files that became one',
      change: () => {
        unlinkSync(join(to, 'a/two'));
        linkSync(join(to, 'a/one'), join(to, 'a/two'));
      },
      what: ['hard links /a/two'],
    },
    {
      name: content.name,
      change: () => {
        const bytes = Buffer.alloc(700_000, 7);
        bytes[600_001] = 8;
        const path = Buffer.from(`${to}/odd\xff\n#;`, 'latin1');
        writeFileSync(path, bytes);
        utimesSync(path, 1_700_000_000, 1_700_000_000);
      },
      what: content.what,
    },
  ];
  test.each(table)('that differ in $name', async ({ change, what }) => {
    change();
    settleKept();
    expect(await differences()).toEqual(what);
  });

  function settleKept(): void {
    for (const name of ['a/one', 'a/two', 'a/b', 'a', 'empty', ''])
      try {
        utimesSync(join(to, name), 1_700_000_000, 1_700_000_000);
      } catch {
        // removed by the case
      }
  }

  test('differ in content only when bytes are asked for', async () => {
    writeFileSync(join(to, 'a/two'), 'FIRST');
    settleFolders(to);
    utimesSync(join(to, 'a/two'), 1_700_000_000, 1_700_000_000);
    expect(await differences(false)).toEqual([]);
    expect(await differences(true)).toEqual(['content /a/two']);
  });

  test('are compared only where the set selects', async () => {
    rmSync(join(to, 'a/two'));
    writeFileSync(join(to, 'extra.tmp'), '');
    settleFolders(to);
    const selects = (path: string) => !path.endsWith('/two') && !path.endsWith('.tmp');
    const result = await compareTrees([{ from, to }], { bytes: true, selects });
    expect(result.list).toEqual([]);
  });

  test('can be single files', async () => {
    const pair = { from: join(from, 'a/one'), to: join(to, 'a/two') };
    expect((await compareTrees([pair], { bytes: true })).list.map(({ what }) => what)).toEqual([]);
  });

  test('a comparison reports its progress, leaves the thread free meanwhile, and can be stopped', async () => {
    const paths = [join(from, 'a/one'), join(to, 'a/one')];
    for (const path of paths) truncateSync(path, 256 * 1024 * 1024);
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ bytes }: { bytes: number }) => {
      seen.push(bytes);
      if (seen.length === 3) stop.abort(new Error('enough'));
    };
    await expect(compareTrees([{ from, to }], { bytes: true, onProgress, signal: stop.signal })).rejects.toThrow('enough');
    expect(seen).toHaveLength(3);
    expect(seen[2]).toBeGreaterThan(seen[0] ?? 0);
  });
});
