import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionSettingsChange, ReplicaSettingsChange, SetRule } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

/** A mirrored replica of the given files, below `/`. */
async function mirrored(
  name: string,
  files: readonly string[],
  options: { settings?: ConnectionSettingsChange; rules?: (source: string) => readonly SetRule[] } = {},
): Promise<Replica> {
  const replica = new Replica(pair, name);
  for (const file of files) put(`${replica.source}/${file}`, `content of ${file}`);
  await replica.connect({ kind: 'all' }, options.rules?.(replica.source) ?? []);
  if (options.settings) await configure(replica, options.settings);
  await replica.mirrored();
  return replica;
}

function put(path: string, content: string): void {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, content);
}

async function configure(replica: Replica, settings: ConnectionSettingsChange): Promise<void> {
  await pair.call('source', 'connection.configure', { connectionId: replica.id, settings });
}

async function onTarget(replica: Replica, orphans: ReplicaSettingsChange['orphans']): Promise<void> {
  await pair.call('target', 'replica.configure', { connectionId: replica.id, settings: { orphans } });
}

async function kept(replica: Replica, search = ''): Promise<string[]> {
  const { entries } = await pair.call('target', 'replica.kept', { connectionId: replica.id, search, offset: 0, limit: 100 });
  return entries.map(({ path }) => path.slice(replica.target.length + 1));
}

/** Searches and gives what was found, with what became of it. */
async function search(replica: Replica): Promise<Record<string, string>> {
  await pair.call('source', 'orphans.start', { connectionId: replica.id });
  await replica.when('the search is over', ({ orphans }) => orphans?.state === 'done');
  return found(replica);
}

async function found(replica: Replica): Promise<Record<string, string>> {
  const { entries } = await pair.call('target', 'replica.orphans', { connectionId: replica.id, offset: 0, limit: 100 });
  return Object.fromEntries(
    entries.map(({ path, outcome, why }) => [path.slice(replica.target.length + 1), why === '' ? outcome : `${outcome}: ${why}`]),
  );
}

const ignoring = { deletes: { isIgnored: true } } as const;

describe('deletes that are ignored', () => {
  test('leave the file and list it; edits arrive; a file that comes back leaves the list', async () => {
    const replica = await mirrored('ignored', ['a', 'b', 'sub/c'], { settings: ignoring });
    rmSync(`${replica.source}/a`);
    rmSync(`${replica.source}/sub`, { recursive: true });
    writeFileSync(`${replica.source}/b`, 'edited');
    await replica.settled();
    expect(readFileSync(`${replica.target}/a`, 'utf8')).toBe('content of a');
    expect(readFileSync(`${replica.target}/sub/c`, 'utf8')).toBe('content of sub/c');
    expect(readFileSync(`${replica.target}/b`, 'utf8')).toBe('edited');
    expect(await kept(replica)).toEqual(['a', 'sub', 'sub/c']);
    expect(await kept(replica, 'sub/')).toEqual(['sub/c']);
    await eventually('the replica tells how many', async () => (await replica.held()).kept.count === 3);

    writeFileSync(`${replica.source}/a`, 'again');
    await replica.settled();
    expect(readFileSync(`${replica.target}/a`, 'utf8')).toBe('again');
    expect(await kept(replica)).toEqual(['sub', 'sub/c']);
    expect(await replica.get(), 'what is kept is no problem').toMatchObject({ problemCount: 0 });
  });

  test('a move out of the set goes all the same, unless moves out are kept; so does a move to an excluded name', async () => {
    const outside = `${pair.folder}/outside`;
    mkdirSync(outside, { recursive: true });
    const replica = await mirrored('moved', ['gone', 'tree/x', 'name', 'stays'], {
      settings: ignoring,
      rules: (source) => [{ path: `${source}/*.tmp`, verdict: 'exclude', recursive: true }],
    });
    renameSync(`${replica.source}/gone`, `${outside}/gone`);
    renameSync(`${replica.source}/tree`, `${outside}/tree`);
    renameSync(`${replica.source}/name`, `${replica.source}/name.tmp`);
    await replica.settled();
    expect(readdirSync(replica.target)).toEqual(['stays']);
    expect(await kept(replica)).toEqual([]);

    await configure(replica, { deletes: { movesOut: 'keep' } });
    renameSync(`${replica.source}/stays`, `${outside}/stays`);
    await replica.settled();
    expect(readdirSync(replica.target)).toEqual(['stays']);
    expect(await kept(replica)).toEqual(['stays']);
  });

  test('what was deleted while nothing followed it is kept too, and the list outlives the connection', async () => {
    const replica = await mirrored('stopped', ['a', 'b'], { settings: ignoring });
    await pair.stop('source');
    rmSync(`${replica.source}/a`);
    await pair.start('source');
    await replica.settled();
    expect(await kept(replica)).toEqual(['a']);

    await pair.kill('target');
    await pair.start('target');
    await replica.settled();
    expect(await kept(replica), 'after a kill of the target').toEqual(['a']);

    await replica.disconnect();
    await replica.connectAgain({ kind: 'checksum' });
    await replica.mirrored();
    await onTarget(replica, { action: 'delete' });
    expect(await search(replica)).toEqual({ a: 'stayed: The source deleted it, and deletes are ignored.' });
    expect(existsSync(`${replica.target}/a`)).toBe(true);
  });

  test('a kept folder follows its parent, and makes way for a file of its name', async () => {
    const replica = await mirrored('way', ['top/old/f', 'top/g'], { settings: ignoring });
    rmSync(`${replica.source}/top/old`, { recursive: true });
    await replica.settled();
    renameSync(`${replica.source}/top`, `${replica.source}/peak`);
    await replica.settled();
    expect(await kept(replica)).toEqual(['peak/old', 'peak/old/f']);

    writeFileSync(`${replica.source}/peak/old`, 'a file now');
    await replica.settled();
    expect(readFileSync(`${replica.target}/peak/old`, 'utf8')).toBe('a file now');
    const aside = readdirSync(`${replica.target}/peak`).find((name) => name.startsWith('old (deleted'));
    expect(readFileSync(`${replica.target}/peak/${aside ?? ''}/f`, 'utf8')).toBe('content of top/old/f');
    expect(await kept(replica)).toEqual([`peak/${aside ?? ''}`, `peak/${aside ?? ''}/f`]);
  });

  test('a purge removes the longest deleted first, until so much is left, and nothing that changed meanwhile', async () => {
    const replica = await mirrored('purged', ['1', '2', 'sub/3', 'changed'], { settings: ignoring });
    for (const name of ['1', '2', 'sub/3', 'changed']) {
      rmSync(`${replica.source}/${name}`);
      await replica.settled();
    }
    rmSync(`${replica.source}/sub`, { recursive: true });
    await replica.settled();
    writeFileSync(`${replica.target}/changed`, 'somebody works here');
    const purge = (more: { search?: string; olderThanDays?: number; untilBytes?: number | null }) =>
      pair.call('target', 'replica.purge-kept', {
        connectionId: replica.id,
        search: '',
        olderThanDays: 0,
        untilBytes: null,
        ...more,
      });

    expect(await purge({ olderThanDays: 1 })).toMatchObject({ removed: 0 });
    const { bytes } = await pair.call('target', 'replica.kept', { connectionId: replica.id, search: '', offset: 0, limit: 1 });
    expect(await purge({ untilBytes: bytes - 2 * 'content of 1'.length })).toMatchObject({ removed: 2 });
    expect(readdirSync(replica.target)).toEqual(['changed', 'sub']);
    expect(await purge({})).toMatchObject({ removed: 2, stayed: 1 });
    expect(readdirSync(replica.target)).toEqual(['changed']);
    expect(await kept(replica)).toEqual(['changed']);
  });
});

describe('orphans', () => {
  test('are only reported unless the target says otherwise; then deleted, folders after what is in them', async () => {
    const replica = await mirrored('orphans', ['mine', 'both/mine']);
    put(`${replica.target}/stray`, 'x');
    put(`${replica.target}/both/stray`, 'xy');
    put(`${replica.target}/tree/deep/stray`, 'xyz');
    const all = ['both/stray', 'stray', 'tree', 'tree/deep', 'tree/deep/stray'];
    expect(await search(replica)).toEqual(Object.fromEntries(all.map((path) => [path, 'reported'])));
    expect(existsSync(`${replica.target}/stray`)).toBe(true);
    const told = (figures: object) =>
      eventually('the figures', async () => {
        expect((await replica.held()).orphans).toMatchObject(figures);
        return true;
      });
    await told({ found: 5, foundBytes: 6, left: 5, deleted: 0 });

    await onTarget(replica, { action: 'delete' });
    expect(await search(replica)).toEqual(Object.fromEntries(all.map((path) => [path, 'deleted'])));
    await replica.settled();
    expect(await replica.differences(), 'also the times of the folders they were in').toEqual([]);
    await told({ found: 5, left: 0, deleted: 5 });
    const messages = await pair.call('target', 'message.list', { afterId: 0, limit: 1000 });
    expect(messages.at(-1)?.text).toMatch(/found 5 \(6 bytes\): 5 deleted, 0 moved, 0 left\.$/);
  });

  test('are never what the set leaves out, nor the folders that hold such files', async () => {
    const replica = await mirrored('excluded', ['mine'], {
      rules: (source) => [
        { path: `${source}/*.log`, verdict: 'exclude', recursive: true },
        { path: `${source}/private`, verdict: 'exclude', recursive: true },
      ],
    });
    put(`${replica.target}/a.log`, 'x');
    put(`${replica.target}/private/deep/file`, 'x');
    put(`${replica.target}/tree/b.log`, 'x');
    put(`${replica.target}/tree/stray`, 'x');
    await onTarget(replica, { action: 'delete' });
    expect(await search(replica)).toEqual({
      'tree/stray': 'deleted',
      tree: expect.stringMatching(/^stayed: .*not empty/) as string,
    });
    expect(existsSync(`${replica.target}/a.log`)).toBe(true);
    expect(existsSync(`${replica.target}/private/deep/file`)).toBe(true);
    expect(readdirSync(`${replica.target}/tree`)).toEqual(['b.log']);
  });

  test('are never reached through a link, and a link itself goes without what it points to', async () => {
    const outside = `${pair.folder}/precious`;
    put(`${outside}/file`, 'precious');
    const replica = await mirrored('links', ['mine', 'folder/mine']);
    symlinkSync(outside, `${replica.target}/link`);
    rmSync(`${replica.target}/folder`, { recursive: true });
    symlinkSync(outside, `${replica.target}/folder`);
    await onTarget(replica, { action: 'delete' });
    expect(await search(replica)).toEqual({ link: 'deleted' });
    expect(readFileSync(`${outside}/file`, 'utf8')).toBe('precious');
  });

  test('younger ones than the limit stay; moved ones keep their paths in the folder for them', async () => {
    const replica = await mirrored('moved-orphans', ['mine']);
    put(`${replica.target}/tree/stray`, 'x');
    await onTarget(replica, { action: 'delete', olderThanHours: 1 });
    utimesSync(`${replica.target}/tree/stray`, 1000, 1000); // an old date does not make it old: it was put there just now
    expect((await search(replica))['tree/stray']).toBe('stayed: It is younger than 1 hours.');

    await onTarget(replica, { action: 'move', olderThanHours: 0 });
    expect((await search(replica))['tree/stray']).toMatch(/^stayed: No folder is set/);
    await onTarget(replica, { moveTo: `${replica.target}/inside` });
    expect((await search(replica))['tree/stray']).toMatch(/^stayed: .* lies in a replica/);
    const folder = `${pair.folder}/moved to`;
    await onTarget(replica, { moveTo: folder });
    const to = `${folder}/moved-orphans/moved-orphans/tree/stray`;
    expect(await search(replica)).toEqual({ 'tree/stray': `moved: ${to}`, tree: 'moved' });
    expect(readFileSync(to, 'utf8')).toBe('x');
    expect(existsSync(`${replica.target}/tree`)).toBe(false);
    put(`${replica.target}/tree/stray`, 'y');
    await search(replica);
    expect(readFileSync(`${to} (2)`, 'utf8'), 'nothing is overwritten').toBe('y');
  });

  test('an emptied source folder makes orphans of nothing', async () => {
    const replica = await mirrored('emptied', []);
    put(`${replica.target}/all there is`, 'x');
    await onTarget(replica, { action: 'delete' });
    expect(await search(replica)).toEqual({});
    expect(existsSync(`${replica.target}/all there is`)).toBe(true);
  });

  test('a mirror looks for them at its end when told so, and goes on with that after a cut', async () => {
    const replica = await mirrored('by mirror', ['mine']);
    put(`${replica.target}/stray`, 'x');
    await onTarget(replica, { action: 'delete' });
    await replica.mirror({ kind: 'different' });
    expect(existsSync(`${replica.target}/stray`), 'not asked for').toBe(true);
    for (let i = 0; i < 300; i++) put(`${replica.target}/many/${i}/stray`, 'x');
    const before = (await replica.get()).mirror;
    await pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'different', orphans: true } });
    await replica.when('orphans are found', ({ orphans, mirror }) => (orphans?.found ?? 0) > 0 || mirror.kind === 'idle');
    pair.proxy.cut();
    pair.proxy.restore();
    await replica.mirrored(before.kind === 'idle' ? before.lastCompletedAt : null);
    expect(readdirSync(replica.target)).toEqual(['mine']);
    expect(await replica.differences()).toEqual([]);
  });
});
