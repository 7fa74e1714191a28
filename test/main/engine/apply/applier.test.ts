import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ApplyOutcome } from '../../../../src-main/engine/apply/index.ts';
import type { StoredOp, WireOp } from '../../../../src-main/engine/wire/index.ts';
import { applied, attributes, failed, makeReplica } from '../../../support/bare-replica.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { mountSmallDisk } from '../../../support/without-root.ts';
import { stagedFiles } from '../../../support/staged-files.ts';

/** What is put in the place of `p` before an op meets it. */
const obstacles: Record<string, (path: string) => void> = {
  nothing: () => undefined,
  file: (path) => writeFileSync(path, 'old'),
  symlink: (path) => symlinkSync('elsewhere', path),
  'empty folder': (path) => mkdirSync(path),
  'full folder': (path) => {
    mkdirSync(path);
    writeFileSync(join(path, 'inside'), 'x');
  },
};

describe('what an op does to what stands in its place', () => {
  const rows: [kind: 'write' | 'symlink' | 'folder' | 'link' | 'rename file' | 'rename folder', ...outcomes: string[]][] = [
    // nothing, file, symlink, empty folder, full folder
    ['write', 'applied', 'applied', 'applied', 'applied', 'not-empty'],
    ['symlink', 'applied', 'applied', 'applied', 'applied', 'not-empty'],
    ['link', 'applied', 'applied', 'applied', 'applied', 'not-empty'],
    ['folder', 'applied', 'applied', 'applied', 'applied', 'applied'],
    ['rename file', 'applied', 'applied', 'applied', 'applied', 'not-empty'],
    ['rename folder', 'applied', 'applied', 'applied', 'applied', 'not-empty'],
  ];
  const cases = rows.flatMap(([kind, ...outcomes]) =>
    Object.keys(obstacles).map((obstacle, i) => ({ kind, obstacle, outcome: outcomes[i] ?? '' })),
  );

  test.each(cases)('$kind onto $obstacle: $outcome', async ({ kind, obstacle, outcome }) => {
    const replica = makeReplica();
    const path = join(replica.root, 'p');
    writeFileSync(join(replica.root, 'file'), 'moved');
    mkdirSync(join(replica.root, 'folder'));
    writeFileSync(join(replica.root, 'folder/deep'), 'moved');
    obstacles[obstacle]?.(path);
    const ops: Record<typeof kind, () => Promise<ApplyOutcome>> = {
      write: () => replica.apply({ kind: 'write', path: 'p' }, 'new'),
      symlink: () => replica.apply({ kind: 'symlink', path: 'p', target: 'there' }),
      folder: () => replica.apply({ kind: 'folder', path: 'p' }),
      link: () => replica.apply({ kind: 'link', path: 'p', existingRoot: 0, existing: 'file' }),
      'rename file': () => replica.apply({ kind: 'rename', path: 'p', fromRoot: 0, from: 'file' }),
      'rename folder': () => replica.apply({ kind: 'rename', path: 'p', fromRoot: 0, from: 'folder' }),
    };
    const result = await ops[kind]();
    if (outcome !== 'applied') {
      expect(result).toEqual(failed(outcome));
      expect(readFileSync(join(path, 'inside'), 'utf8')).toBe('x');
      return;
    }
    expect(result).toEqual(applied);
    const shown: Record<typeof kind, () => string> = {
      write: () => readFileSync(path, 'utf8'),
      symlink: () => readlinkSync(path),
      folder: () => (statSync(path).isDirectory() ? 'folder' : 'other'),
      link: () => readFileSync(path, 'utf8'),
      'rename file': () => readFileSync(path, 'utf8'),
      'rename folder': () => readFileSync(join(path, 'deep'), 'utf8'),
    };
    expect(shown[kind]()).toBe(
      { write: 'new', symlink: 'there', folder: 'folder', link: 'moved', 'rename file': 'moved', 'rename folder': 'moved' }[kind],
    );
    expect(existsSync(join(replica.root, 'file'))).toBe(kind !== 'rename file');
    expect(stagedFiles(replica.stageFolder)).toEqual([]);
  });
});

describe('remove', () => {
  test.each([
    ['file', 'file', 'applied'],
    ['file', 'symlink', 'applied'],
    ['file', 'nothing', 'applied'],
    ['file', 'empty folder', 'changed-on-target'],
    ['folder', 'empty folder', 'applied'],
    ['folder', 'full folder', 'not-empty'],
    ['folder', 'file', 'changed-on-target'],
    ['folder', 'nothing', 'applied'],
    ['symlink', 'symlink', 'applied'],
  ] as const)('a %s where there is %s: %s', async (entry, obstacle, outcome) => {
    const replica = makeReplica();
    obstacles[obstacle]?.(join(replica.root, 'p'));
    const result = await replica.apply({ kind: 'remove', path: 'p', entry });
    expect(result).toEqual(outcome === 'applied' ? applied : failed(outcome));
    expect(lstatSync(join(replica.root, 'p'), { throwIfNoEntry: false }) === undefined).toBe(outcome === 'applied');
  });

  test('below a folder that is not there is done already', async () => {
    expect(await makeReplica().apply({ kind: 'remove', path: 'a/b/c', entry: 'file' })).toEqual(applied);
  });
});

describe('attributes', () => {
  test.each([
    ['file', 'file', 'applied'],
    ['folder', 'full folder', 'applied'],
    ['symlink', 'symlink', 'applied'],
    ['file', 'nothing', 'missing-on-target'],
    ['file', 'symlink', 'missing-on-target'],
    ['folder', 'file', 'missing-on-target'],
  ] as const)('of a %s where there is %s: %s', async (entry, obstacle, outcome) => {
    const replica = makeReplica();
    const path = join(replica.root, 'p');
    obstacles[obstacle]?.(path);
    const result = await replica.apply({ kind: 'attributes', path: 'p', entry });
    expect(result).toEqual(outcome === 'applied' ? applied : failed(outcome));
    if (outcome !== 'applied') return;
    const now = lstatSync(path, { bigint: true });
    expect(now.mtimeNs).toBe(attributes.mtimeNs);
    if (entry !== 'symlink') expect(Number(now.mode) & 0o7777).toBe(0o640);
  });

  test('a time before 1970 and one far ahead are kept to the nanosecond', async () => {
    const replica = makeReplica();
    for (const mtimeNs of [-1n, -1_000_000_001n, 4_000_000_000_000_000_007n]) {
      await replica.apply({ kind: 'write', path: 'p', attributes: { ...attributes, mtimeNs } }, 'x');
      expect(lstatSync(join(replica.root, 'p'), { bigint: true }).mtimeNs).toBe(mtimeNs);
    }
  });

  test.runIf(process.getuid?.() === 0)('an owner is given together with set-uid bits, of files, folders and links', async () => {
    const replica = makeReplica();
    const owned = { ...attributes, uid: 1234, gid: 4321, mode: 0o4755 };
    await replica.apply({ kind: 'write', path: 'f', attributes: owned }, 'x');
    await replica.apply({ kind: 'folder', path: 'd', attributes: { ...owned, mode: 0o2775 } });
    await replica.apply({ kind: 'symlink', path: 'l', target: 'nowhere', attributes: owned });
    const seen = (path: string) => {
      const { uid, gid, mode } = lstatSync(join(replica.root, path));
      return [uid, gid, mode & 0o7777];
    };
    expect(seen('f')).toEqual([1234, 4321, 0o4755]);
    expect(seen('d')).toEqual([1234, 4321, 0o2775]);
    expect(seen('l').slice(0, 2)).toEqual([1234, 4321]);
    await replica.apply({ kind: 'attributes', path: 'f', entry: 'file', attributes: { ...owned, uid: 77, mode: 0o6711 } });
    expect(seen('f')).toEqual([77, 4321, 0o6711]);
  });

  test('a folder in a set-group-id parent has the mode it was sent with', async () => {
    const replica = makeReplica();
    chmodSync(replica.root, 0o2777);
    await replica.apply({ kind: 'folder', path: 'd', attributes: { ...attributes, mode: 0o755 } });
    expect(statSync(join(replica.root, 'd')).mode & 0o7777).toBe(0o755);
  });
});

describe('the way out', () => {
  const escapes: [string, Partial<WireOp> & { kind: WireOp['kind'] }][] = [
    ['write', { kind: 'write', path: 'trap/new' }],
    ['write deep', { kind: 'write', path: 'trap/a/b' }],
    ['folder', { kind: 'folder', path: 'trap/new' }],
    ['symlink', { kind: 'symlink', path: 'trap/new', target: 'x' }],
    ['link into', { kind: 'link', path: 'trap/new', existingRoot: 0, existing: 'own' }],
    ['link from', { kind: 'link', path: 'stolen', existingRoot: 0, existing: 'trap/secret' }],
    ['attributes', { kind: 'attributes', path: 'trap/secret', entry: 'file' }],
    ['rename into', { kind: 'rename', path: 'trap/new', fromRoot: 0, from: 'own' }],
    ['rename from', { kind: 'rename', path: 'stolen', fromRoot: 0, from: 'trap/secret' }],
    ['remove', { kind: 'remove', path: 'trap/secret', entry: 'file' }],
    ['unknown root', { kind: 'remove', root: 5, path: 'x', entry: 'file' }],
    ['our own stage folder', { kind: 'remove', path: 'a/.understudy-stage/x', entry: 'file' }],
  ];

  test.each(escapes)('%s through a link is refused and touches nothing outside', async (_name, op) => {
    const replica = makeReplica();
    const outside = join(replica.base, 'outside');
    mkdirSync(join(outside, 'a'), { recursive: true });
    writeFileSync(join(outside, 'secret'), 'untouched');
    utimesSync(join(outside, 'secret'), 1, 1);
    symlinkSync(outside, join(replica.root, 'trap'));
    writeFileSync(join(replica.root, 'own'), 'own');
    expect(await replica.apply(op, 'x')).toEqual(failed('outside-root'));
    expect(readdirSync(outside).sort()).toEqual(['a', 'secret']);
    expect(readdirSync(join(outside, 'a'))).toEqual([]);
    expect(statSync(join(outside, 'secret')).mtimeMs).toBe(1000);
    expect(readdirSync(replica.root).sort()).toEqual(['own', 'trap']);
  });

  test('a folder that an op replaces by a link is not a way out for the next op', async () => {
    const replica = makeReplica();
    const outside = join(replica.base, 'outside');
    mkdirSync(outside);
    await replica.apply({ kind: 'folder', path: 'd', attributes: { ...attributes, mode: 0o755 } });
    await replica.apply({ kind: 'write', path: 'd/one' }, 'x');
    await replica.apply({ kind: 'remove', path: 'd/one', entry: 'file' });
    await replica.apply({ kind: 'symlink', path: 'd', target: outside });
    expect(await replica.apply({ kind: 'write', path: 'd/two' }, 'x')).toEqual(failed('outside-root'));
    expect(readdirSync(outside)).toEqual([]);
  });

  test('a link that is moved to where a folder was proven is not a way out', async () => {
    const replica = makeReplica();
    const outside = join(replica.base, 'outside');
    mkdirSync(outside);
    for (const path of ['a', 'a/b']) await replica.apply({ kind: 'folder', path, attributes: { ...attributes, mode: 0o755 } });
    await replica.apply({ kind: 'write', path: 'a/b/f' }, 'x');
    await replica.apply({ kind: 'symlink', path: 'l', target: outside });
    await replica.apply({ kind: 'rename', path: 'gone', fromRoot: 0, from: 'a/b' });
    await replica.apply({ kind: 'rename', path: 'a/b', fromRoot: 0, from: 'l' });
    expect(await replica.apply({ kind: 'write', path: 'a/b/f' }, 'x')).toEqual(failed('outside-root'));
    expect(readdirSync(outside)).toEqual([]);
  });

  test('a write to a place where a link stands replaces the link, not what it leads to', async () => {
    const replica = makeReplica();
    writeFileSync(join(replica.base, 'victim'), 'untouched');
    symlinkSync(join(replica.base, 'victim'), join(replica.root, 'p'));
    expect(await replica.apply({ kind: 'write', path: 'p' }, 'mine')).toEqual(applied);
    expect(readFileSync(join(replica.base, 'victim'), 'utf8')).toBe('untouched');
    expect(lstatSync(join(replica.root, 'p')).isFile()).toBe(true);
  });
});

describe('names', () => {
  test.each([['\xff\xfe\x80'], ['new\nline'], ['#;\\"$'], ['x'.repeat(255)], ['-rf'], [' ']])('%j is a name', async (name) => {
    const replica = makeReplica();
    expect(await replica.apply({ kind: 'folder', path: name, attributes: { ...attributes, mode: 0o755 } })).toEqual(applied);
    expect(await replica.apply({ kind: 'write', path: `${name}/${name}` }, 'x')).toEqual(applied);
    expect(await replica.apply({ kind: 'rename', path: `${name}/moved`, fromRoot: 0, from: `${name}/${name}` })).toEqual(applied);
    expect(readdirSync(replica.root, { encoding: 'latin1' })).toEqual([name]);
  });

  test('one of 256 bytes is too long and says so', async () => {
    expect(await makeReplica().apply({ kind: 'write', path: 'x'.repeat(256) }, 'x')).toEqual(failed('name-too-long'));
  });
});

describe('an op applied once more after a crash', () => {
  test('finds its work done', async () => {
    const replica = makeReplica();
    const at = (kind: WireOp['kind'], more: object) =>
      ({ kind, path: 'p', ...more }) as Partial<WireOp> & { kind: WireOp['kind'] };
    await replica.apply(at('write', {}), 'new');
    expect(await replica.apply(at('write', { size: 3 }), '', true)).toEqual(applied);
    expect(readFileSync(join(replica.root, 'p'), 'utf8')).toBe('new');
    await replica.apply(at('rename', { path: 'q', fromRoot: 0, from: 'p' }));
    expect(await replica.apply(at('rename', { path: 'q', fromRoot: 0, from: 'p' }), '', true)).toEqual(applied);
    await replica.apply(at('link', { existingRoot: 0, existing: 'q' }));
    expect(await replica.apply(at('link', { existingRoot: 0, existing: 'q' }), '', true)).toEqual(applied);
    await replica.apply(at('remove', { entry: 'file' }));
    expect(await replica.apply(at('remove', { entry: 'file' }), '', true)).toEqual(applied);
  });

  test('does not take a foreign file for its work', async () => {
    const replica = makeReplica();
    writeFileSync(join(replica.root, 'p'), 'old');
    expect(await replica.apply({ kind: 'write', path: 'p', size: 3 }, '', true)).toEqual(failed('missing-on-target'));
    expect(await replica.apply({ kind: 'write', path: 'p', size: 3 }, '', false)).toEqual(applied);
  });
});

describe('moves', () => {
  test('of one name of a file onto another name of it leave one', async () => {
    const replica = makeReplica();
    writeFileSync(join(replica.root, 'a'), 'x');
    linkSync(join(replica.root, 'a'), join(replica.root, 'b'));
    expect(await replica.apply({ kind: 'rename', path: 'b', fromRoot: 0, from: 'a' })).toEqual(applied);
    expect(readdirSync(replica.root)).toEqual(['b']);
  });

  test('of something that is not there tell both places', async () => {
    const outcome = await makeReplica().apply({ kind: 'rename', path: 'b', fromRoot: 0, from: 'a' });
    expect(outcome).toMatchObject({
      kind: 'failed',
      places: [{ path: 'b' }, { path: 'a' }],
      error: { code: 'missing-on-target' },
    });
  });

  test('between two roots move files and trees', async () => {
    const base = tempFolder();
    const roots = [join(base, 'one'), join(base, 'two')];
    const replica = makeReplica(base, roots);
    mkdirSync(join(base, 'two'));
    mkdirSync(join(base, 'one/tree'));
    writeFileSync(join(base, 'one/tree/f'), 'x');
    expect(await replica.apply({ kind: 'rename', root: 1, path: 'tree', fromRoot: 0, from: 'tree' })).toEqual(applied);
    expect(readFileSync(join(base, 'two/tree/f'), 'utf8')).toBe('x');
  });

  test('onto another volume inside the replica carry a file whole', async ({ skip }) => {
    const replica = makeReplica();
    const disk = mountSmallDisk(join(replica.root, 'mounted'), 2);
    if (disk === null) {
      console.warn('SKIPPED: only root can mount the small disk of this test');
      skip();
      return;
    }
    try {
      expect(await replica.apply({ kind: 'write', path: 'mounted/f' }, 'content')).toEqual(applied);
      writeFileSync(join(replica.root, 'g'), 'moved');
      expect(await replica.apply({ kind: 'rename', path: 'mounted/g', fromRoot: 0, from: 'g' })).toEqual(applied);
      expect(readdirSync(disk.folder).sort()).toEqual(['f', 'g']);
      expect(lstatSync(join(disk.folder, 'f'), { bigint: true }).mtimeNs).toBe(attributes.mtimeNs);
      expect(readFileSync(join(disk.folder, 'g'), 'utf8')).toBe('moved');
      expect(existsSync(join(replica.root, 'g'))).toBe(false);
    } finally {
      disk.unmount();
    }
  });
});

test('a disk mounted read-only blocks and passes when it is writable again', async ({ skip }) => {
  const base = tempFolder();
  const disk = mountSmallDisk(join(base, 'disk'), 2);
  if (disk === null) {
    console.warn('SKIPPED: only root can mount the small disk of this test');
    skip();
    return;
  }
  try {
    const replica = makeReplica(base, [join(disk.folder, 'replica')]);
    const remount = (mode: string) => spawnSync('mount', ['-o', `remount,${mode}`, disk.folder]);
    const op: StoredOp = { op: { kind: 'write', sequence: 900, root: 0, path: 'p', size: 1, attributes }, end: null };
    replica.stage.writeFile(900, 0, [Buffer.from('x')], attributes);
    await replica.flusher.flush();
    remount('ro');
    expect(await replica.applier.apply(op, false)).toMatchObject({ kind: 'blocked', error: { code: 'read-only' } });
    expect(() => replica.stage.writeFile(901, 0, [Buffer.from('x')], attributes)).toThrow('read-only');
    remount('rw');
    expect(await replica.applier.apply(op, false)).toEqual(applied);
    expect(readFileSync(join(disk.folder, 'replica/p'), 'utf8')).toBe('x');
  } finally {
    disk.unmount();
  }
});

test('a failed op leaves nothing in the stage', async () => {
  const replica = makeReplica();
  const op: WireOp = { kind: 'write', sequence: 5, root: 0, path: 'no/where', size: 1, attributes };
  replica.stage.writeFile(5, 0, [Buffer.from('x')], attributes);
  expect(await replica.applier.apply({ op, end: null }, false)).toEqual(failed('missing-on-target'));
  replica.applier.discard({ op, end: null });
  expect(stagedFiles(replica.stageFolder)).toEqual([]);
});

test('a root may be a single file: written, replaced, given attributes and removed', async () => {
  const base = tempFolder();
  const replica = makeReplica(base, [join(base, 'folder'), join(base, 'single.txt')]);
  const single = join(base, 'single.txt');
  expect(await replica.apply({ kind: 'write', root: 1, path: '' }, 'one')).toEqual(applied);
  expect(await replica.apply({ kind: 'write', root: 1, path: '' }, 'two')).toEqual(applied);
  expect(
    await replica.apply({ kind: 'attributes', root: 1, path: '', entry: 'file', attributes: { ...attributes, mode: 0o600 } }),
  ).toEqual(applied);
  expect(readFileSync(single, 'utf8')).toBe('two');
  expect(statSync(single).mode & 0o777).toBe(0o600);
  expect(await replica.apply({ kind: 'write', root: 1, path: 'below' }, 'x')).toEqual(failed('missing-on-target'));
  expect(await replica.apply({ kind: 'remove', root: 1, path: '', entry: 'file' })).toEqual(applied);
  expect(existsSync(single)).toBe(false);
});

test('a link that a try before had made in the stage is made anew', async () => {
  const replica = makeReplica();
  await replica.apply({ kind: 'write', path: 'file' }, 'x');
  for (const sequence of [2, 3]) symlinkSync('stale', replica.stage.temporaryOf(0, sequence));
  expect(await replica.apply({ kind: 'symlink', path: 'symlink', target: 'there' })).toEqual(applied);
  expect(await replica.apply({ kind: 'link', path: 'other', existingRoot: 0, existing: 'file' })).toEqual(applied);
  expect(readlinkSync(join(replica.root, 'symlink'))).toBe('there');
  expect(readFileSync(join(replica.root, 'other'), 'utf8')).toBe('x');
  expect(stagedFiles(replica.stageFolder)).toEqual([]);
});
