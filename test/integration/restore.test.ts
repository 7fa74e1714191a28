import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OriginalFile, RestoreSnapshot } from '../../src-main/api/index.ts';
import { rawName } from '../../src-main/base/index.ts';
import { fileSecretBox, openRegistry } from '../../src-main/console/index.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { attributesOf, setAttributes } from '../support/extended-attributes.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { PairRestores } from '../support/restores.ts';
import { ServicePair } from '../support/service-pair.ts';
import { mountSmallDisk, withoutRoot } from '../support/without-root.ts';

const launcher = withoutRoot();
const mayBeRefused = launcher !== null && process.getuid?.() === 0;
let pair: ServicePair;
let restores: PairRestores;
beforeAll(async () => {
  // The receiver may not write everywhere, as a service that does not run as root.
  pair = await ServicePair.start({ source: { launcher: launcher ?? [] } });
  restores = new PairRestores(pair);
});
afterAll(() => pair.close());

async function mirrored(name: string, write: (folder: string) => void): Promise<Replica> {
  const replica = new Replica(pair, name);
  write(replica.source);
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  return replica;
}

const files =
  (...names: string[]) =>
  (folder: string) => {
    for (const name of names) writeFileSync(`${folder}/${name}`, `content of ${name}`);
  };
const from = (replica: Replica) => ({ kind: 'replica', connectionId: replica.id }) as const;
const origin = { kind: 'origin' } as const;
const differences = async (one: string, other: string) =>
  (await compareTrees([{ from: rawName(one), to: rawName(other) }], { bytes: true })).list;
const text = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : null);

/** From now on the source may do what it likes: nothing of it reaches the replica. */
async function pause(replica: Replica): Promise<void> {
  await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'a test' });
  await replica.when('it is paused', ({ transmission }) => transmission.kind === 'paused');
}

/** Nothing of a restore of it is left on either side. */
async function isClean(replica: Replica): Promise<void> {
  const isOfIt = ({ setName }: { setName: string }) => setName.includes(`“${replica.name}”`);
  await eventually('the replica may go on', async () => (await replica.held()).hold === null);
  await eventually('the admission is gone', async () => !(await pair.call('source', 'replica.list', null)).some(isOfIt));
  expect((await pair.call('target', 'connection.list', null)).filter(isOfIt)).toEqual([]);
  const isRead = async () =>
    (await pair.call('target', 'backup.list', null)).some(({ connectionId }) => connectionId === replica.id);
  await eventually('its window is gone', async () => !(await isRead()));
}

test.concurrent(
  'a whole set comes back elsewhere and over its source, with all that belongs to its files, and replication goes on',
  async () => {
    const replica = await mirrored('whole', (folder) => {
      mkdirSync(`${folder}/sub/deep`, { recursive: true });
      files('a', 'b', 'sub/c', 'sub/deep/d')(folder);
      symlinkSync('a', `${folder}/link`);
      linkSync(`${folder}/b`, `${folder}/sub/twin`);
      execFileSync('truncate', ['-s', '1M', `${folder}/sub/hole`]);
      setAttributes(`${folder}/a`, { 'user.note': 'kept' });
      utimesSync(`${folder}/a`, 1_600_000_000, 1_500_000_000.123456);
    });
    const base = `${pair.folder}/elsewhere`;
    const moved = await restores.run({ from: from(replica), paths: [], to: { kind: 'folder', path: base } });
    expect(moved.result).toMatchObject({ outcome: 'restored', why: '', verify: { outcome: 'equal', options: { bytes: true } } });
    expect(moved.cut).not.toBeNull();
    const elsewhere = `${base}${replica.source}`;
    expect(await differences(replica.source, elsewhere)).toEqual([]);
    expect(statSync(`${elsewhere}/b`).ino).toBe(statSync(`${elsewhere}/sub/twin`).ino);
    expect(statSync(`${elsewhere}/sub/hole`).blocks).toBe(0);
    expect(attributesOf(`${elsewhere}/a`)).toEqual({ 'user.note': 'kept' });
    await isClean(replica);

    await pause(replica);
    rmSync(`${replica.source}/sub`, { recursive: true });
    writeFileSync(`${replica.source}/a`, 'spoilt');
    writeFileSync(`${replica.source}/new`, 'made after the cut');
    const back = await restores.run({ from: from(replica), paths: [], to: origin });
    expect(back.result).toMatchObject({ outcome: 'restored' });
    expect((await differences(replica.target, replica.source)).map(({ what }) => what)).toEqual(['extra']);
    expect(text(`${replica.source}/new`), 'a restore deletes nothing').toBe('made after the cut');
    await pair.call('source', 'transmission.resume', { connectionId: replica.id });
    await replica.becomesEqual();
    expect(existsSync(`${replica.target}/new`)).toBe(true);
    await isClean(replica);
  },
);

test.concurrent(
  'only what is chosen comes back, as the policy says, after a plan that can be read, kept, carried out or dropped',
  async () => {
    const replica = await mirrored('chosen', files('missing', 'newer', 'older', 'same', 'other'));
    await pause(replica);
    const at = (name: string) => `${replica.source}/${name}`;
    for (const name of ['newer', 'older', 'other']) writeFileSync(at(name), `edited ${name}`);
    utimesSync(at('older'), 1, 1);
    rmSync(at('missing'));
    const paths = ['missing', 'newer', 'older', 'same'].map(at);

    const kept = await restores.begin({ from: from(replica), paths, to: origin }, { plan: true, overwrite: 'older' });
    const planned = await restores.when(kept.id, 'it is planned', ({ state }) => state === 'planned');
    expect(await restores.planned(planned, replica.target)).toEqual([
      'create /missing: not on the target',
      'leave /newer: not newer on the source',
      'update /older: another size',
    ]);
    expect(text(at('missing')), 'a plan does nothing').toBeNull();
    await expect(pair.call('target', 'replica.resume', { connectionId: replica.id }), 'it reads').rejects.toThrow('window-open');
    const carrier = await pair.call('target', 'connection.get', { connectionId: kept.connectionId });
    expect(carrier.capture, 'a replica that stands still is not watched').toMatchObject({ method: 'none' });
    await pair.call('target', 'restore.go', { restoreId: kept.id });
    const older = await restores.ended(kept.id);
    expect(older.result).toMatchObject({ outcome: 'restored', mirror: { sentFiles: 2, leftFiles: 1 } });
    expect(['missing', 'newer', 'older', 'other'].map((name) => text(at(name)))).toEqual([
    'content of missing', 'edited newer', 'content of older', 'edited other',
  ]); // prettier-ignore

    const never = await restores.run({ from: from(replica), paths, to: origin }, { overwrite: 'never' });
    expect(never.result).toMatchObject({ outcome: 'restored', mirror: { sentFiles: 0, leftFiles: 1 } });
    // Each path is a root of its own, and a file.
    const bytes = paths.reduce((sum, path) => sum + statSync(path.replace(replica.source, replica.target)).size, 0);
    expect((await restores.run({ from: from(replica), paths, to: origin })).result).toMatchObject({
      mirror: { sentFiles: 1 },
      verify: { files: 4, bytes },
    });
    expect(text(at('newer'))).toBe('content of newer');
    expect(text(at('other')), 'it was not chosen').toBe('edited other');

    const dropped = await restores.begin({ from: from(replica), paths, to: origin }, { plan: true, overwrite: 'always' });
    await pair.call('target', 'restore.cancel', { restoreId: dropped.id });
    expect((await restores.ended(dropped.id)).result).toMatchObject({
      outcome: 'cancelled',
      why: expect.stringMatching(/^admin cancelled it\./) as string,
    });
    await isClean(replica);
    const outside = restores.begin({ from: from(replica), paths: ['/etc/passwd'], to: origin });
    await expect(outside).rejects.toThrow('is not in what is restored');
    const audit = await pair.call('target', 'audit.list', { limit: 100 });
    expect(audit.some(({ action, details }) => action === 'restore.start' && details.includes(replica.id))).toBe(true);
  },
);

test.concurrent(
  'a receiver without room is waited for and says so; with room it goes on, and a cancelled restore leaves whole files only',
  async () => {
    const disk = mountSmallDisk(`${pair.folder}/small`, 1);
    if (disk === null) {
      console.warn('left out: a disk cannot be mounted here');
      return;
    }
    try {
      const replica = await mirrored('room', (folder) => writeFileSync(`${folder}/big`, Buffer.alloc(3_000_000, 'y')));
      const to = { kind: 'folder', path: disk.folder } as const;
      const { id } = await restores.begin({ from: from(replica), paths: [], to });
      const full = await restores.when(
        id,
        'it says what is missing',
        ({ waitsFor }) => waitsFor !== '' && !waitsFor.includes('comes to rest'),
      );
      expect(full.waitsFor).toMatch(/full|room|space/i);
      expect(existsSync(`${disk.folder}${replica.source}/big`)).toBe(false);
      disk.resize(20);
      expect((await restores.ended(id)).result).toMatchObject({ outcome: 'restored' });
      await isClean(replica);
    } finally {
      disk.unmount();
    }
  },
);

test.concurrent(
  'a drill passes on a sound replica and finds a file whose bytes were changed behind its size and date',
  async () => {
    const replica = await mirrored('drilled', (folder) => {
      files('one', 'two', 'three', 'four', 'five')(folder);
      utimesSync(`${folder}/two`, 1_000_000_000, 1_000_000_000);
    });
    const drill = async (count: number, seed: string, asksSource: boolean): Promise<RestoreSnapshot> => {
      const sample = await pair.call('target', 'restore.sample', { from: from(replica), files: count, seed });
      const originals: OriginalFile[] = [];
      for (const { path } of sample.files)
        originals.push(await pair.call('source', 'connection.hash-file', { connectionId: replica.id, path }));
      const to = { kind: 'folder', path: `${pair.folder}/scratch-${seed}` } as const;
      const order = { overwrite: 'always', drill: { sample, originals: asksSource ? originals : null } } as const;
      return restores.run({ from: from(replica), paths: sample.files.map(({ path }) => path), to }, order);
    };
    const passed = await drill(3, 'seed', true);
    expect(passed.result).toMatchObject({
      outcome: 'restored',
      drill: { isPassed: true, proven: 3, failed: 0, certificateId: null, sample: { seed: 'seed', population: { files: 5 } } },
    });
    const drawn = passed.result?.drill?.sample.files ?? [];
    expect(passed.result?.drill?.files).toHaveLength(3);
    expect(passed.result?.verify?.bytes, 'every byte of a file that is a root of its own counts as compared').toBe(
      drawn.reduce((sum, { bytes }) => sum + bytes, 0),
    );
    const again = await pair.call('target', 'restore.sample', { from: from(replica), files: 3, seed: 'seed' });
    expect(again.files, 'a seed draws the same again').toEqual(passed.result?.drill?.sample.files);

    await pair.call('target', 'replica.hold', { connectionId: replica.id, reason: 'a certificate' });
    await eventually('it is held', async () => (await replica.held()).hold?.isEffective);
    await pair.call('target', 'certificate.make', { connectionId: replica.id, full: true });
    await eventually('it is made', async () => (await replica.held()).certificates.last !== null);
    await pair.call('target', 'replica.resume', { connectionId: replica.id });
    const damaged = `${replica.target}/two`;
    writeFileSync(damaged, 'Content of two');
    utimesSync(damaged, 1_000_000_000, 1_000_000_000);
    const byCertificate = await drill(5, 'all', false);
    const found = byCertificate.result?.drill?.files
      .filter(({ why }) => why !== null)
      .map(({ path }) => path.slice(replica.source.length));
    expect(found).toEqual(['/two']);
    expect(byCertificate.result).toMatchObject({ drill: { isPassed: false, failed: 1, proven: 4 } });
    const bySource = (await drill(5, 'other', true)).result?.drill?.files.find(({ path }) => path.endsWith('/two'));
    expect(bySource?.why).not.toBeNull();
    await isClean(replica);
  },
);

test.concurrent('the command plans, restores, drills and tells of it, with exit codes and reports as text and JSON', async () => {
  const replica = await mirrored('commanded', files('x', 'y'));
  const home = `${pair.folder}/home`;
  const registry = openRegistry(home, { box: fileSecretBox(home) });
  for (const { name, control, fingerprint } of Object.values(pair.services)) {
    registry.add({ name, address: `${control.host}:${control.port}`, fingerprint });
    registry.storeLogin(name, { user: 'admin', password: pair.password });
  }
  registry.close();
  const between = ['commanded', '--from', 'beta', '--to', 'alpha'];
  const plan = await understudy(['restore', 'plan', ...between, '--overwrite', 'always', '--path', `${replica.source}/x`]);
  expect(plan).toMatchObject({ code: 0, err: '' });
  expect(plan.out).toMatch(/update {5}.*\/x {2}\(file, 12 bytes\): every file is sent/);
  await isClean(replica);
  const base = `${pair.folder}/commanded`;
  const run = await understudy(['restore', 'run', ...between, '--base', base]);
  expect(run).toMatchObject({ code: 0 });
  expect(run.out).toMatch(/Verified: +2 files, .*, 0 differences\nOutcome: +restored/);
  expect(text(`${base}${replica.source}/y`)).toBe('content of y');
  writeFileSync(`${replica.target}/y`, 'spoilt');
  const drill = await understudy(['restore', 'drill', ...between, '--base', base, '--source', 'alpha', '--seed', 's', '--json']);
  expect(drill.code).toBe(1);
  const report = JSON.parse(drill.out) as { restore: RestoreSnapshot; sha256: string; isIntact: boolean };
  expect(report).toMatchObject({ isIntact: true, restore: { result: { drill: { isPassed: false, failed: 1, proven: 1 } } } });
  const byScript = `${pair.folder}/by-script`;
  const script = `login beta stored; login alpha stored; $r = restore commanded from beta to alpha only "${replica.source}/x" base ${byScript}; wait on restore $r on beta for 60;`;
  const [scripted, shown, listed, unknown, wrong] = await Promise.all([
    program('dtcl', ['-e', '-c', script]),
    understudy(['restore', 'status', report.restore.id, '--from', 'beta']),
    understudy(['restore', 'status', '--from', 'beta']),
    understudy(['restore', 'run', 'nothing', '--from', 'beta', '--to', 'alpha']),
    understudy(['restore', 'run', 'commanded']),
  ]);
  expect(shown.code).toBe(1);
  expect(shown.out).toMatch(/FAILED .*\/y .*the replica holds other bytes than its source/);
  expect(shown.out).toMatch(/Folder: .*\/commanded\/drill-.* on alpha; it stays/);
  expect(listed.out).toContain('drill of “commanded” from alpha to alpha, by admin: failed');
  expect([unknown.code, wrong.code]).toEqual([1, 2]);
  expect(scripted).toMatchObject({ code: 0, out: expect.stringMatching(/Over: .*: restored/) as string });
  expect(text(`${byScript}${replica.source}/x`)).toBe('content of x');
});

test.concurrent(
  'what stands in the way is neither followed nor removed, and what cannot be written is told by name',
  async () => {
    const replica = await mirrored('hindered', (folder) => {
      for (const name of ['linked', 'closed']) mkdirSync(`${folder}/${name}`);
      files('linked/x', 'closed/x', 'full', 'well')(folder);
    });
    await pause(replica);
    const at = (name: string) => `${replica.source}/${name}`;
    const outside = `${pair.folder}/outside`;
    mkdirSync(outside);
    for (const name of ['linked', 'full', 'well']) rmSync(at(name), { recursive: true });
    symlinkSync(outside, at('linked'));
    mkdirSync(at('full'));
    writeFileSync(at('full/mine'), 'made since');
    const begin = (name: string) => restores.begin({ from: from(replica), paths: [at(name)], to: origin });
    await expect(begin('linked/x')).rejects.toThrow('outside-root');
    expect(readdirSync(outside)).toEqual([]);
    if (mayBeRefused) {
      chownSync(at('closed'), 65_534, 65_534);
      await expect(begin('closed/x')).rejects.toThrow(/permission-denied.*\/closed/);
    } else console.warn('left out: nothing can be kept from this user');
    const paths = ['full', 'well'].map(at);
    const { result } = await restores.run({ from: from(replica), paths, to: origin }, { overwrite: 'always' });
    expect(result).toMatchObject({ outcome: 'different' });
    expect(text(at('full/mine')), 'a folder that is not empty stays').toBe('made since');
    expect(text(at('well')), 'the others come').toBe('content of well');
    const told = JSON.stringify(result?.problems);
    expect(told).toContain('/full');
    await isClean(replica);
  },
);

test.concurrent('a restore whose window is taken away by force fails, whatever it has read', async () => {
  const replica = await mirrored('forced', files('x'));
  const { id } = await restores.begin({ from: from(replica), paths: [], to: origin }, { plan: true });
  await restores.when(id, 'it is planned', ({ state }) => state === 'planned');
  const window = { side: 'target', name: replica.id, target: null, owner: `restore ${id}` } as const;
  await pair.call('target', 'backup.end', window);
  const { result } = await restores.ended(id);
  expect(result).toMatchObject({ outcome: 'failed', why: expect.stringContaining('may be a mixture') as string });
  await isClean(replica);
});

test('a restore whose servers are both killed in the middle goes on, and no name ever shows half a file', async () => {
  const replica = await mirrored('killed', (folder) => {
    for (let i = 0; i < 40; i++) writeFileSync(`${folder}/f${i}`, Buffer.alloc(100_000, i + 1));
    writeFileSync(`${folder}/large`, Buffer.alloc(8_000_000, 'x'));
  });
  const base = `${pair.folder}/after-kill`;
  const folder = `${base}${replica.source}`;
  const limit = (bytesPerSec: number | null) =>
    pair.call('target', 'line.configure', {
      targetFingerprint: pair.services.source.fingerprint,
      settings: { limits: { bytesPerSec } },
    });
  await limit(2_000_000);
  const { id } = await restores.begin({ from: from(replica), paths: [], to: { kind: 'folder', path: base } });
  await eventually('some of it is there', () => existsSync(folder) && readdirSync(folder).length > 3);
  await Promise.all([pair.kill('target'), pair.kill('source')]);
  const there = readdirSync(folder).filter((name) => !name.startsWith('.'));
  expect(there.length).toBeLessThan(41);
  for (const name of there)
    expect(readFileSync(`${folder}/${name}`).equals(readFileSync(`${replica.target}/${name}`)), name).toBe(true);
  await Promise.all([pair.start('target'), pair.start('source')]);
  await limit(null);
  expect((await restores.ended(id)).result).toMatchObject({ outcome: 'restored', why: '', verify: { files: 41 } });
  expect(await differences(replica.target, folder)).toEqual([]);
  await isClean(replica);
});

test('while the source is gone a target restores to itself, and to nowhere that lies in the replica', async () => {
  const replica = await mirrored('orphaned', files('left'));
  await pair.kill('source');
  const receiverFingerprint = pair.services.target.fingerprint;
  const inside = { from: from(replica), paths: [], to: { kind: 'folder', path: replica.target } } as const;
  await expect(pair.call('target', 'restore.prepare', { choice: inside, receiverFingerprint })).rejects.toThrow('map-loop');
  const base = `${pair.folder}/rescued`;
  const choice = { from: from(replica), paths: [], to: { kind: 'folder', path: base } } as const;
  const { offer } = await pair.call('target', 'restore.prepare', { choice, receiverFingerprint });
  const admission = await pair.call('target', 'replica.admit', { offer });
  const how = { overwrite: 'different', checksum: false, owners: 'number', plan: false, drill: null } as const;
  const { id } = await pair.call('target', 'restore.start', { choice, offer, admission, receiverHost: '127.0.0.1', ...how });
  expect((await restores.ended(id)).result).toMatchObject({ outcome: 'restored' });
  expect(text(`${base}${replica.source}/left`)).toBe('content of left');
  await pair.start('source');
  await isClean(replica);
});

const understudy = (args: readonly string[]) => program('understudy', args);

async function program(name: 'understudy' | 'dtcl', args: readonly string[]) {
  const environment = { ...process.env, UNDERSTUDY_HOME: `${pair.folder}/home` };
  const child = spawn(process.execPath, [resolve(import.meta.dirname, `../../dist/main/${name}.js`), ...args], {
    env: environment,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  child.stdin.end();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
