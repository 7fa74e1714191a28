import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { ReplicationError } from '../../src-main/base/index.ts';
import type { EngineIdentity } from '../../src-main/engine/connection/index.ts';
import { STAGE_FOLDER } from '../../src-main/engine/model/index.ts';
import { DATA_VERSION } from '../../src-main/engine/wire/index.ts';
import { testIdentity } from '../support/test-identity.ts';
import { eventually } from '../support/eventually.ts';
import { FakeSource, plainAttributes } from '../support/fake-source.ts';
import { startTarget, type TargetFixture } from '../support/target-fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { mountSmallDisk } from '../support/without-root.ts';
import { stagedFiles } from '../support/staged-files.ts';

let ours: EngineIdentity;
let theirs: EngineIdentity;
beforeAll(async () => {
  ours = await testIdentity('beta');
  theirs = await testIdentity('alpha');
});

interface World extends TargetFixture {
  readonly base: string;
  readonly root: string;
}

/** A target with one replica at `base/replica`, whose source has made the root folder. */
async function start(): Promise<World & { source: FakeSource }> {
  const base = tempFolder();
  const root = join(base, 'replica');
  const target = await startTarget({ dataDir: join(base, 'data'), identity: ours, source: theirs, roots: [root] });
  const source = await target.join();
  source.folder('');
  return { ...target, base, root, source };
}

describe('ops', () => {
  test('files, folders, links and attributes arrive as sent', async () => {
    const { root, source } = await start();
    source.folder('sub', { mode: 0o750 });
    source.write('sub/a.txt', 'hello', { mode: 0o4711, mtimeNs: 1_234_567_890_987_654_321n });
    source.ops([
      { kind: 'symlink', root: 0, path: 'way', target: '../outside/é', attributes: { ...plainAttributes, mtimeNs: 5n } },
      { kind: 'link', root: 0, path: 'twin', existingRoot: 0, existing: 'sub/a.txt' },
      {
        kind: 'attributes',
        root: 0,
        path: 'sub',
        entry: 'folder',
        attributes: { ...plainAttributes, mode: 0o711, mtimeNs: 77n },
      },
    ]);
    await source.whenApplied(source.nextSequence - 1);
    const file = lstatSync(join(root, 'sub/a.txt'), { bigint: true });
    expect(readFileSync(join(root, 'sub/a.txt'), 'utf8')).toBe('hello');
    expect(file.mtimeNs).toBe(1_234_567_890_987_654_321n);
    expect(Number(file.mode) & 0o7777).toBe(0o4711);
    expect(lstatSync(join(root, 'twin'), { bigint: true }).ino).toBe(file.ino);
    expect(readlinkSync(join(root, 'way'), 'latin1')).toBe('../outside/é');
    expect(lstatSync(join(root, 'way'), { bigint: true }).mtimeNs).toBe(5n);
    expect(lstatSync(join(root, 'sub'), { bigint: true }).mtimeNs).toBe(77n);
    expect(statSync(join(root, 'sub')).mode & 0o7777).toBe(0o711);
    expect(source.messages).toEqual([]);
  });

  test('an unprintable name and one of 255 bytes are names like others', async () => {
    const { root, source } = await start();
    const names = ['a\nb#;\xff\xfe', 'x'.repeat(255), ' '];
    for (const name of names) source.write(name, name.slice(0, 3));
    await source.whenApplied(source.nextSequence - 1);
    expect(readdirSync(root, { encoding: 'latin1' }).sort()).toEqual([...names].sort());
  });

  test('a sparse file stays sparse, and a patch changes only its blocks', async () => {
    const { root, source } = await start();
    const size = 64 * 1024 * 1024;
    source.stream('big', [[size - 4096, Buffer.alloc(4096, 7)]], size);
    await source.whenApplied(source.nextSequence - 1);
    expect(statSync(join(root, 'big')).size).toBe(size);
    expect(statSync(join(root, 'big')).blocks * 512).toBeLessThan(1024 * 1024);
    source.stream('big', [[1_000_000, Buffer.from('patched')]], size + 10, size);
    await source.whenApplied(source.nextSequence - 1);
    const content = readFileSync(join(root, 'big'));
    expect(content.length).toBe(size + 10);
    expect(content.toString('latin1', 1_000_000, 1_000_007)).toBe('patched');
    expect(content[size - 1]).toBe(7);
    expect(statSync(join(root, 'big')).blocks * 512).toBeLessThan(2 * 1024 * 1024);
  });

  test('a stream that its source could not finish changes nothing and holds nothing up', async () => {
    const { root, source } = await start();
    source.write('a', 'old');
    const stream = source.openStream([[0, Buffer.from('half')]]);
    source.send({ kind: 'data-drop', stream });
    source.write('b', 'next');
    await source.whenApplied(source.nextSequence - 1);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('old');
    expect(readFileSync(join(root, 'b'), 'utf8')).toBe('next');
  });

  test('a failed op is told with its place and code, and later ops go on', async () => {
    const { root, source } = await start();
    mkdirSync(join(root, 'full'), { recursive: true });
    writeFileSync(join(root, 'full/foreign'), 'x');
    const sequence = source.write('full', 'file in place of a folder');
    source.ops([{ kind: 'remove', root: 0, path: 'full', entry: 'folder', isKept: false }]);
    source.write('after', 'yes');
    await source.whenApplied(source.nextSequence - 1);
    expect(await source.next('failed')).toMatchObject({ sequence, root: 0, path: 'full', code: 'not-empty' });
    expect(await source.next('failed')).toMatchObject({ sequence: sequence + 1, path: 'full', code: 'not-empty' });
    expect(readFileSync(join(root, 'full/foreign'), 'utf8')).toBe('x');
    expect(readFileSync(join(root, 'after'), 'utf8')).toBe('yes');
  });

  test('a link planted in the replica does not lead a write outside', async () => {
    const { base, root, source } = await start();
    await source.whenApplied(1);
    mkdirSync(join(base, 'outside'));
    symlinkSync(join(base, 'outside'), join(root, 'trap'));
    source.write('trap/file', 'escaped');
    source.ops([
      { kind: 'symlink', root: 0, path: 'own', target: join(base, 'outside'), attributes: plainAttributes },
      { kind: 'folder', root: 0, path: 'own/deep', attributes: plainAttributes },
      { kind: 'rename', root: 0, path: 'own/moved', fromRoot: 0, from: 'trap' },
    ]);
    await source.whenApplied(source.nextSequence - 1);
    expect(readdirSync(join(base, 'outside'))).toEqual([]);
    for (let i = 0; i < 3; i++) expect((await source.next('failed')).code).toBe('outside-root');
  });

  test('questions are answered after the ops before them', async () => {
    const { source } = await start();
    source.folder('d');
    const data = Buffer.alloc(70_000, 3);
    source.write('d/b', data);
    source.write('d/a', '');
    source.ops([{ kind: 'symlink', root: 0, path: 'd/l', target: 'b', attributes: plainAttributes }]);
    source.send({ kind: 'get-listing', requestId: 1, root: 0, path: 'd' });
    source.send({ kind: 'get-listing', requestId: 2, root: 0, path: 'none' });
    source.send({
      kind: 'get-signatures',
      requestId: 3,
      files: ['d/b', 'd/a', 'd/l', 'none'].map((path) => ({ root: 0, path })),
    });
    const listing = await source.next('listing');
    expect(listing.entries?.map(({ name, kind, size, linkTarget }) => [name, kind, size, linkTarget])).toEqual([
      ['a', 'file', 0, null],
      ['b', 'file', 70_000, null],
      ['l', 'symlink', 1, 'b'],
    ]);
    expect((await source.next('listing')).entries).toBeNull();
    await eventually('the signatures arrive', () => source.messages.length > 0);
    expect(source.payloads[0]?.length).toBe(32);
    expect((await source.next('signatures')).files).toEqual([
      { size: 70_000, blocks: 2 },
      { size: 0, blocks: 0 },
      { size: null, blocks: 0 },
      { size: null, blocks: 0 },
    ]);
  });

  test('a write to a name of a hard-linked file leaves the other name as it was', async () => {
    const { root, source } = await start();
    source.write('one', 'old');
    await source.whenApplied(source.nextSequence - 1);
    linkSync(join(root, 'one'), join(root, 'two'));
    source.write('one', 'new');
    await source.whenApplied(source.nextSequence - 1);
    expect(readFileSync(join(root, 'two'), 'utf8')).toBe('old');
  });
});

describe('links', () => {
  test('a second link of the same source takes the place of the first, and nothing complete is asked for twice', async () => {
    const world = await start();
    world.source.write('a', '1');
    const first = world.source;
    const open = first.nextSequence;
    first.openStream([[0, Buffer.from('incomplete')]]);
    await first.whenApplied(open - 1);
    await eventually('the data came', () => first.takenBytes > 0);
    const second = await world.join();
    expect(second.nextSequence).toBe(open);
    await eventually('the first link is closed', () => first.isClosed);
    second.write('b', 'whole');
    await second.whenApplied(second.nextSequence - 1);
    expect(readFileSync(join(world.root, 'b'), 'utf8')).toBe('whole');
    expect(stagedFiles(join(world.base, STAGE_FOLDER, world.spec.connectionId))).toEqual([]);
  });

  test('what cannot be applied is told again to the next link, until something succeeds at that place', async () => {
    const world = await start();
    world.source.write('missing/file', 'x');
    await world.source.whenApplied(world.source.nextSequence - 1);
    const second = await world.join();
    expect(await second.next('failed')).toMatchObject({ path: 'missing/file', code: 'missing-on-target' });
    second.folder('missing');
    second.write('missing/file', 'x');
    await second.whenApplied(second.nextSequence - 1);
    const third = await world.join();
    third.write('last', 'x');
    await third.whenApplied(third.nextSequence - 1);
    expect(third.messages).toEqual([]);
  });

  test('a source with another certificate, without one, of another version or unknown is refused with the reason', async () => {
    const { port, spec } = await start();
    const stranger = await testIdentity('mallory');
    const { connectionId } = spec;
    const refusal = async (options: Parameters<typeof FakeSource.connect>[0]) =>
      (await FakeSource.connect(options)).next('refused');
    expect(await refusal({ port, connectionId, identity: stranger })).toMatchObject({ code: 'not-admitted' });
    expect(await refusal({ port, connectionId, identity: null })).toMatchObject({ code: 'not-admitted' });
    expect(await refusal({ port, connectionId: 'no-such', identity: theirs })).toMatchObject({ code: 'not-admitted' });
    expect(await refusal({ port, connectionId, identity: theirs, version: 99 })).toMatchObject({
      code: 'protocol-error',
      details: { expected: DATA_VERSION, found: 99 },
    });
  });

  test('bytes that are no message close that link only', async () => {
    const world = await start();
    await new Promise<void>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: world.port, rejectUnauthorized: false }, () =>
        socket.write('GET / HTTP/1.1\r\n\r\n'),
      );
      socket.resume().on('error', () => undefined);
      socket.on('close', () => resolve());
    });
    world.source.write('still', 'here');
    await world.source.whenApplied(world.source.nextSequence - 1);
  });

  test('a gap in the sequences is a broken protocol: the link is closed with the reason', async () => {
    const world = await start();
    world.source.nextSequence += 5;
    world.source.write('a', 'x');
    expect(await world.source.next('refused')).toMatchObject({ code: 'protocol-error' });
    await eventually('the link is closed', () => world.source.isClosed);
    expect((await world.join()).nextSequence).toBe(2);
  });

  test('the replica shows who it waits for and how far it is', async () => {
    const world = await start();
    world.source.write('a', '1');
    await world.source.whenApplied(2);
    await eventually('the figures are shown', () => world.replica()?.appliedSequence === 2);
    expect(world.replica()).toMatchObject({
      state: 'receiving',
      receivedSequence: 2,
      queuedOps: 0,
      queuedBytes: 0,
      problem: null,
    });
    world.source.cut();
    await eventually('it waits', () => world.replica()?.state === 'waiting-for-source');
  });
});

describe('the end of a replica', () => {
  test('a release by the source applies what came, answers, and leaves only the files', async () => {
    const world = await start();
    world.source.write('a', 'kept');
    world.source.send({ kind: 'release' });
    await world.source.next('released');
    await eventually('the service hears of it', () => world.released.length === 1);
    expect(readFileSync(join(world.root, 'a'), 'utf8')).toBe('kept');
    expect(readdirSync(world.base).sort()).toEqual(['data', 'replica']);
    const left = readdirSync(join(world.base, 'data/target')).filter((name) => !name.startsWith('records.db'));
    expect(left, 'beside the list of what other replicas keep').toEqual([]);
    const late = await FakeSource.connect({ port: world.port, connectionId: world.spec.connectionId, identity: theirs });
    expect(await late.next('refused')).toMatchObject({ code: 'not-admitted' });
  });

  test('a release by the target refuses the source and leaves only the files', async () => {
    const world = await start();
    const last = world.source.write('a', 'kept');
    await world.source.whenReceived(last);
    await world.host.release(world.spec.connectionId);
    expect(await world.source.next('refused')).toMatchObject({ code: 'not-admitted' });
    expect(readFileSync(join(world.root, 'a'), 'utf8')).toBe('kept');
    expect(existsSync(join(world.base, STAGE_FOLDER))).toBe(false);
  });

  test('after a clean stop the next start goes on where it was', async () => {
    const world = await start();
    const last = world.source.write('a', '1');
    await world.source.whenReceived(last);
    await world.host.close();
    const again = await startTarget({
      dataDir: join(world.base, 'data'),
      identity: ours,
      source: theirs,
      roots: [world.root],
      connectionId: world.spec.connectionId,
    });
    const source = await again.join();
    expect(source.nextSequence).toBe(last + 1);
    source.write('b', '2');
    await source.whenApplied(last + 1);
    expect(readdirSync(world.root).sort()).toEqual(['a', 'b']);
  });
});

describe('a disk without room', () => {
  test('a full disk is told, nothing is lost, and work goes on when there is room', async ({ skip }) => {
    const base = tempFolder();
    const disk = mountSmallDisk(join(base, 'disk'), 2);
    if (disk === null) {
      console.warn('SKIPPED: only root can mount the small disk of this test');
      skip();
      return;
    }
    try {
      const root = join(disk.folder, 'replica');
      const target = await startTarget({ dataDir: join(base, 'data'), identity: ours, source: theirs, roots: [root] });
      const source = await target.join();
      source.folder('');
      for (let i = 0; i < 8; i++) source.write(`f${i}`, Buffer.alloc(512 * 1024, i + 1));
      const last = source.stream('stream', [[0, Buffer.alloc(600_000, 9)]], 600_000);
      const told = await source.next('retrying');
      expect(told.problem?.code).toBe('disk-full');
      await eventually('the console shows it', () => target.replica()?.state === 'retrying');
      expect(target.replica()?.problem?.cause).toContain('full');
      disk.resize(16);
      await source.whenApplied(last);
      expect((await source.next('retrying')).problem).toBeNull();
      for (let i = 0; i < 8; i++) expect(readFileSync(join(root, `f${i}`)).equals(Buffer.alloc(512 * 1024, i + 1))).toBe(true);
      expect(readFileSync(join(root, 'stream')).equals(Buffer.alloc(600_000, 9))).toBe(true);
      await target.host.close();
    } finally {
      disk.unmount();
    }
  });

  test('a replica whose folder cannot be made says so to source and console, and opens when it can', async () => {
    const base = tempFolder();
    writeFileSync(join(base, 'file'), 'in the way');
    const root = join(base, 'file/replica');
    const target = await startTarget({ dataDir: join(base, 'data'), identity: ours, source: theirs, roots: [root] });
    const refused = await FakeSource.connect({ port: target.port, connectionId: target.spec.connectionId, identity: theirs });
    expect((await refused.next('refused')).code).toBe('not-a-folder');
    expect(target.events.some(({ severity }) => severity === 'error')).toBe(true);
    rmSync(join(base, 'file'));
    await eventually('it opens', () => target.replica()?.state === 'waiting-for-source');
    const source = await target.join();
    source.folder('');
    source.write('a', 'x');
    await source.whenApplied(2);
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('x');
  });
});

test('whatever keeps a replica from opening, the source is told to come again, and work goes on when it opens', async () => {
  const base = tempFolder();
  const [dataDir, root] = [join(base, 'data'), join(base, 'replica')];
  const connectionId = 'c1';
  const obstacle = join(dataDir, 'target', connectionId, 'failures');
  mkdirSync(obstacle, { recursive: true });
  const target = await startTarget({ dataDir, identity: ours, source: theirs, roots: [root], connectionId });
  const refused = await FakeSource.connect({ port: target.port, connectionId, identity: theirs });
  const { code } = await refused.next('refused');
  expect(new ReplicationError(code).retry).toBe('soon');
  rmSync(obstacle, { recursive: true });
  await eventually('the replica opens', () => target.replica()?.problem === null);
  const source = await target.join();
  source.folder('');
  const last = source.write('a', 'arrived');
  await source.whenApplied(last);
  expect(readFileSync(join(root, 'a'), 'utf8')).toBe('arrived');
});
