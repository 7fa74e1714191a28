import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MapSpec } from '../../src-main/api/index.ts';
import type { ReplicationError } from '../../src-main/base/index.ts';
import { eventually } from '../support/eventually.ts';
import { ServiceGroup } from '../support/service-group.ts';

const isRoot = process.getuid?.() === 0;

let group: ServiceGroup<'alpha' | 'beta' | 'gamma'>;
beforeAll(async () => {
  group = await ServiceGroup.start(['alpha', 'beta', 'gamma']);
});
afterAll(async () => {
  await group.close();
});

function tree(name: string, files: Readonly<Record<string, string>> = { 'a.txt': 'one', 'sub/b.txt': 'two' }): string {
  const folder = `${group.folder}/trees/${name}`;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ''), { recursive: true });
    writeFileSync(`${folder}/${path}`, content);
  }
  return folder;
}

const pair = (from: string, to: string): MapSpec => ({ kind: 'pairs', pairs: [{ from, to }] });
const base = (folder: string): MapSpec => ({ kind: 'base', base: folder });

async function refusal(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  return work.then(
    () => ({ code: 'nothing was refused', text: '' }),
    (error: unknown) => {
      const { code, details } = error as ReplicationError;
      return { code, text: String(details.text ?? '') };
    },
  );
}

describe('one source, many replicas', () => {
  test('two targets have queues and pauses of their own', async () => {
    const source = tree('one-to-many');
    await group.makeSet('alpha', 'one-to-many', [source]);
    const toBeta = `${group.folder}/beta-replica/one`;
    const toGamma = `${group.folder}/gamma-replica/one`;
    const beta = await group.connect('alpha', 'beta', 'one-to-many', pair(source, toBeta));
    const gamma = await group.connect('alpha', 'gamma', 'one-to-many', pair(source, toGamma));
    await group.becomesEqual(source, toBeta);
    await group.becomesEqual(source, toGamma);
    await group.call('alpha', 'transmission.pause', { connectionId: beta.id, reason: 'backup' });
    await eventually('beta is paused', async () => (await group.get('alpha', beta.id)).transmission.kind === 'paused');
    writeFileSync(`${source}/during`, 'the pause');
    await group.becomesEqual(source, toGamma);
    expect(existsSync(`${toBeta}/during`)).toBe(false);
    expect((await group.get('alpha', gamma.id)).transmission.kind).toBe('active');
    await eventually('beta has a queue', async () => (await group.get('alpha', beta.id)).statistics.queuedOps > 0);
    await eventually('gamma has none', async () => (await group.get('alpha', gamma.id)).statistics.queuedOps === 0);
    await group.call('alpha', 'transmission.resume', { connectionId: beta.id });
    await group.becomesEqual(source, toBeta);
    await group.call('alpha', 'connection.disconnect', { connectionId: gamma.id });
    writeFileSync(`${source}/after`, 'gamma left');
    await group.becomesEqual(source, toBeta);
    expect(existsSync(`${toGamma}/after`)).toBe(false);
  });

  test('the same set goes to two bases of one target, each with a state of its own', async () => {
    const source = tree('two-bases');
    await group.makeSet('alpha', 'two-bases', [source]);
    const noon = await group.connect('alpha', 'beta', 'two-bases', base(`${group.folder}/noon`));
    const midnight = await group.connect('alpha', 'beta', 'two-bases', base(`${group.folder}/midnight`));
    const twin = await refusal(group.connect('alpha', 'beta', 'two-bases', base(`${group.folder}/noon`)));
    expect(twin.code).toBe('connection-exists');
    await group.becomesEqual(source, `${group.folder}/noon${source}`);
    await group.becomesEqual(source, `${group.folder}/midnight${source}`);
    await group.call('alpha', 'transmission.pause', { connectionId: noon.id, reason: 'backup' });
    await eventually('noon is paused', async () => (await group.get('alpha', noon.id)).transmission.kind === 'paused');
    writeFileSync(`${source}/later`, 'x');
    await group.becomesEqual(source, `${group.folder}/midnight${source}`);
    expect(existsSync(`${group.folder}/noon${source}/later`)).toBe(false);
    expect((await group.get('alpha', midnight.id)).transmission.kind).toBe('active');
  });
});

describe('many sources, one target', () => {
  test('two sources share a base folder with a warning, and keep out of each other', async () => {
    const one = tree('many/one');
    const two = tree('many/two', { 'c.txt': 'three' });
    await group.makeSet('alpha', 'many-one', [one]);
    await group.makeSet('beta', 'many-two', [two]);
    const shared = `${group.folder}/shared`;
    const first = await group.connect('alpha', 'gamma', 'many-one', pair(one, `${shared}/one`));
    expect(first.warnings).toEqual([]);
    const second = await group.connect('beta', 'gamma', 'many-two', pair(two, `${shared}/two`));
    expect(second.warnings).toEqual([
      `${shared} also holds “many-one” from alpha, at ${shared}/one: put the name of the source into the base folder to keep the data of two servers apart.`,
    ]);
    await group.becomesEqual(one, `${shared}/one`);
    await group.becomesEqual(two, `${shared}/two`);
    for (const place of [`${shared}/one`, `${shared}/one/below`, shared]) {
      const third = await refusal(group.connect('beta', 'gamma', 'many-two', pair(two, place)));
      expect(third.code).toBe('map-loop');
      expect(third.text).toContain('many-one');
    }
  });
});

describe('chains', () => {
  test('a replica is replicated on; what is staged on the way is not', async () => {
    const first = tree('chain/a', { 'a.txt': 'one', 'sub/b.txt': 'two', large: 'l'.repeat(3_000_000) });
    const second = `${group.folder}/chain-b/data`;
    const third = `${group.folder}/chain-c/data`;
    mkdirSync(second, { recursive: true });
    await group.makeSet('alpha', 'chain-ab', [first]);
    // The folder around the replica, so that the stage folder beside it is inside the set.
    await group.makeSet('beta', 'chain-bc', [`${group.folder}/chain-b`]);
    await group.connect('alpha', 'beta', 'chain-ab', pair(first, second));
    await group.connect('beta', 'gamma', 'chain-bc', pair(`${group.folder}/chain-b`, `${group.folder}/chain-c`));
    await group.becomesEqual(first, third);
    for (let i = 0; i < 30; i++) writeFileSync(`${first}/sub/file ${i}`, `${i}`.repeat(20_000));
    writeFileSync(`${first}/large`, 'm'.repeat(3_000_000));
    rmSync(`${first}/a.txt`);
    await group.becomesEqual(first, third);
    expect(readdirSync(`${group.folder}/chain-b`).some((name) => name.includes('stage'))).toBe(true);
    expect(readdirSync(`${group.folder}/chain-c`)).toEqual(['data']);
    expect(readFileSync(`${third}/large`, 'utf8')).toBe(readFileSync(`${first}/large`, 'utf8'));
  });
});

describe('circles and maps that contain themselves are refused, whatever address leads there', () => {
  test('back to where the data come from', async () => {
    const here = tree('circle/a');
    const there = `${group.folder}/circle/b`;
    await group.makeSet('alpha', 'circle-ab', [here]);
    await group.connect('alpha', 'beta', 'circle-ab', pair(here, there));
    await group.becomesEqual(here, there);
    await group.makeSet('beta', 'circle-ba', [there]);
    for (const place of [here, `${here}/sub`, `${group.folder}/trees/circle`]) {
      const back = await refusal(group.connect('beta', 'alpha', 'circle-ba', pair(there, place)));
      expect(back).toEqual({ code: 'map-loop', text: `the data come from ${here} on alpha, and would arrive there again` });
    }
    await group.connect('beta', 'alpha', 'circle-ba', pair(there, `${group.folder}/circle/elsewhere`));
    await group.becomesEqual(here, `${group.folder}/circle/elsewhere`);
  });

  test.each([
    ['one after the other', ['ab', 'bc', 'ca']],
    ['the first two before the one that joins them', ['ab', 'ca', 'bc']],
    ['against the flow', ['ca', 'bc', 'ab']],
  ] as const)('over three servers, made %s', async (how, order) => {
    const where = `three-${order.join('-')}`;
    const a = tree(`${where}/a`);
    const b = tree(`${where}/b`, { x: 'x' });
    const c = tree(`${where}/c`, { y: 'y' });
    const edges = { ab: ['alpha', 'beta', a, b], bc: ['beta', 'gamma', b, c], ca: ['gamma', 'alpha', c, a] } as const;
    const codes: string[] = [];
    for (const edge of order) {
      const [source, target, from, to] = edges[edge];
      await group.makeSet(source, `${where} ${edge}`, [from]);
      codes.push((await refusal(group.connect(source, target, `${where} ${edge}`, pair(from, to)))).code);
    }
    expect(codes, how).toEqual(['nothing was refused', 'nothing was refused', 'map-loop']);
  });

  const address = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
  if (address === undefined) console.warn('No network address but loopback: that test goes over 127.0.0.2 instead.');

  test('into the set itself, on another service of the machine under another address', async () => {
    const source = tree('self');
    await group.makeSet('alpha', 'self', [source]);
    for (const place of [source, `${source}/inside`, `${group.folder}/trees`]) {
      const self = await refusal(group.connect('alpha', 'beta', 'self', pair(source, place), { host: address ?? '127.0.0.2' }));
      expect(self.code).toBe('map-loop');
    }
    expect(existsSync(`${source}/inside`)).toBe(false);
    // The target's worker lets the refused replica go in its own time.
    await eventually('no admission is left', async () => {
      const replicas = await group.call('beta', 'replica.list', null);
      return replicas.every(({ setName }) => setName !== 'self');
    });
  });

  test.skipIf(!isRoot)('into the set itself by way of a bind mount, where no path tells', async () => {
    const source = tree('bound');
    const other = `${group.folder}/bind`;
    mkdirSync(other);
    if (spawnSync('mount', ['--bind', source, other]).status !== 0) throw new Error('a bind mount could not be made');
    onTestFinished(() => void spawnSync('umount', ['-l', other]));
    await group.makeSet('alpha', 'bound', [source]);
    const self = await refusal(group.connect('alpha', 'beta', 'bound', pair(source, `${other}/new/folder`)));
    expect(self.code).toBe('map-loop');
  });

  test('a place that the set leaves out may hold its replica', async () => {
    const source = tree('left-out');
    await group.makeSet('alpha', 'left-out', [source]);
    const rule = { path: `${source}/replica`, verdict: 'exclude', recursive: true } as const;
    await group.call('alpha', 'set.add-rule', { name: 'left-out', rule });
    await group.call('alpha', 'set.save', { name: 'left-out' });
    await group.connect('alpha', 'beta', 'left-out', pair(source, `${source}/replica/copy`));
    await eventually('the copy', () => existsSync(`${source}/replica/copy/sub/b.txt`));
    writeFileSync(`${source}/more`, 'x');
    await eventually('the change', () => existsSync(`${source}/replica/copy/more`));
    expect(readdirSync(`${source}/replica/copy`).sort()).toEqual(['a.txt', 'more', 'sub']);
  });
});
