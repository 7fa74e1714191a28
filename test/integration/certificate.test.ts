import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CertificateSummary } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const program = (name: string) => resolve(import.meta.dirname, `../../dist/main/${name}.js`);
let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

/** The line between the services goes through this process, which must not stand still meanwhile. */
async function run(name: 'understudy' | 'dtcl', args: readonly string[], input = '') {
  const env = { ...process.env, UNDERSTUDY_HOME: join(pair.folder, 'home') };
  const child = spawn(process.execPath, [program(name), ...args], { env });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out: Buffer.concat(out).toString('latin1'), err: Buffer.concat(err).toString('latin1') };
}

function understudy(...args: string[]) {
  return run('understudy', args);
}

/** A replica of a tree with all that may be in one. */
async function start(name: string): Promise<Replica> {
  const replica = new Replica(pair, name);
  const { source } = replica;
  mkdirSync(`${source}/sub/empty`, { recursive: true });
  for (const file of ['a', 'b', 'sub/c', 'sub/d', 'sub/e']) writeFileSync(`${source}/${file}`, `content of ${file}`);
  writeFileSync(Buffer.from(`${source}/odd \xff\n"name"`, 'latin1'), 'x');
  symlinkSync('a', `${source}/link`);
  linkSync(`${source}/a`, `${source}/hard`);
  writeFileSync(`${source}/large`, Buffer.alloc(9_000_000, 'understudy '));
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await replica.becomesEqual();
  return replica;
}

async function hold(replica: Replica): Promise<void> {
  await pair.call('target', 'replica.hold', { connectionId: replica.id, reason: 'backup' });
  await eventually('it is held', async () => (await replica.held()).state === 'held');
}

async function resume(replica: Replica): Promise<void> {
  await pair.call('target', 'replica.resume', { connectionId: replica.id });
}

/** The next certificate after `before`, when it is finished. */
function certified(replica: Replica, before: string | null): Promise<CertificateSummary> {
  return eventually('a certificate is made', async () => {
    const { last, failure, run } = (await replica.held()).certificates;
    if (failure !== null && run === null) throw new Error(failure.text);
    return last !== null && last.id !== before ? last : null;
  });
}

async function certify(replica: Replica): Promise<CertificateSummary> {
  const { last } = (await replica.held()).certificates;
  await pair.call('target', 'certificate.make', { connectionId: replica.id, full: false });
  return certified(replica, last?.id ?? null);
}

/** Brings a certificate over the line, in pieces as small as the call allows. */
async function exported(replica: Replica, id: string | null, limit = 1_000): Promise<string> {
  const parts: Buffer[] = [];
  for (let offset = 0, total = 1; offset < total;) {
    const part = await pair.call('target', 'certificate.read', { connectionId: replica.id, certificateId: id, offset, limit });
    parts.push(Buffer.from(part.data, 'base64'));
    offset += limit;
    total = part.totalBytes;
  }
  const file = join(pair.folder, `${replica.id}-${id ?? 'newest'}`);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

test('a held replica is certified, its copies prove equal, a changed byte is found, and changes between two are listed', async () => {
  const replica = await start('held');
  const { fingerprint } = pair.services.target;
  await hold(replica);
  const first = await certify(replica);
  expect(first).toMatchObject({
    files: 8,
    symlinks: 1,
    unreadable: 0,
    standstill: { by: 'hold', reason: 'backup' },
    fingerprint,
  });
  expect(first.cut).toMatchObject({ label: 'point-in-time' });
  const file = await exported(replica, first.id);
  const copy = `${pair.folder}/copy`;
  execFileSync('cp', ['-a', replica.target, copy]);
  const equal = await understudy('verify-backup', copy, file, '--fingerprint', fingerprint);
  expect(equal).toMatchObject({ code: 0, err: '' });
  expect(equal.out).toContain('The copy is equal.');
  const untarred = `${pair.folder}/untarred`;
  mkdirSync(untarred);
  execFileSync('sh', ['-c', `tar -C '${replica.target}' -cf - . | tar -C '${untarred}' -xpf -`]);
  expect(await understudy('verify-backup', untarred, file)).toMatchObject({ code: 0 });

  writeFileSync(`${copy}/sub/d`, 'Content of sub/d');
  execFileSync('touch', ['-r', `${replica.target}/sub/d`, `${copy}/sub/d`]);
  const found = await understudy('verify-backup', copy, file);
  expect(found.code).toBe(1);
  expect(found.out).toMatch(new RegExp(`^different   ${copy}/sub/d {2}\\(content\\)$`, 'm'));
  expect((await understudy('verify-backup', copy, file, '--quick')).code).toBe(0);
  expect(await understudy('verify-backup', copy, file, '--fingerprint', 'AA:BB')).toMatchObject({ code: 2, out: '' });
  expect(await understudy('verify-backup', copy)).toMatchObject({ code: 2 });

  await resume(replica);
  const { source } = replica;
  writeFileSync(`${source}/b`, 'another content');
  chmodSync(`${source}/sub/c`, 0o600);
  rmSync(`${source}/sub/e`);
  renameSync(`${source}/sub/d`, `${source}/moved`);
  writeFileSync(Buffer.from(`${source}/new \xfe\n`, 'latin1'), '');
  await replica.becomesEqual();
  await hold(replica);
  const second = await certify(replica);
  expect(second.readFiles).toBeLessThan(8);
  const newer = await exported(replica, null);
  const changed = ['b', 'moved', 'new \xfe\n', 'sub/c'].map((path) => `${path}\0`).join('');
  expect((await understudy('changes', '--since', file, newer, '--null', '--relative')).out).toBe(changed);
  expect((await understudy('changes', '--since', file, newer, '--deleted')).out).toBe(
    ['sub/d', 'sub/e'].map((path) => `${replica.target}/${path}\n`).join(''),
  );
  expect(await understudy('changes', '--since', newer, file)).toMatchObject({ code: 1, out: '' });
  const ask = (removed: boolean) =>
    pair.call('target', 'replica.changes', {
      connectionId: replica.id,
      since: first.startedAt,
      removed,
      after: null,
      limit: 100,
    });
  const online = (await ask(false)).entries.filter(({ kind }) => kind !== 'folder');
  expect(online.map(({ what, path }) => `${what} ${path.slice(replica.target.length + 1)}`).sort()).toEqual(
    ['attributes sub/c', 'content b', 'new moved', 'new new \udcfe\n'].sort(),
  );
  expect((await ask(true)).entries.map(({ path }) => path.slice(replica.target.length + 1))).toEqual(['sub/d', 'sub/e']);

  writeFileSync(`${pair.services.target.dataDir}/target/${replica.id}/content.db`, 'no database at all');
  const third = await certify(replica);
  expect([third.sha256, third.readFiles]).toEqual([second.sha256, 7]); // two names of one file are read once
  await pair.call('target', 'certificate.delete', { connectionId: replica.id, certificateId: third.id });

  const list = await pair.call('target', 'certificate.list', { connectionId: null });
  expect(list.map(({ id }) => id)).toEqual([second.id, first.id]);
  await pair.call('target', 'certificate.delete', { connectionId: replica.id, certificateId: second.id });
  await eventually('the older one is the newest again', async () => (await replica.held()).certificates.last?.id === first.id);
  await resume(replica);
});

test('a replica that goes on while it is read gets no certificate', async () => {
  const replica = new Replica(pair, 'moving');
  // Holes take no time to mirror, and long to hash.
  writeFileSync(`${replica.source}/large`, '');
  truncateSync(`${replica.source}/large`, 1.5 * 1024 ** 3);
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await hold(replica);
  writeFileSync(`${replica.source}/late`, 'waits for the end of the hold');
  await eventually('the change is kept', async () => (await replica.held()).queuedOps > 0);
  await pair.call('target', 'certificate.make', { connectionId: replica.id, full: false });
  await resume(replica);
  const failure = await eventually('it is given up', async () => (await replica.held()).certificates.failure);
  expect(failure.text).toContain('The replica went on while its certificate was being made.');
  expect((await replica.held()).certificates).toMatchObject({ run: null, last: null });
  expect(await pair.call('target', 'certificate.list', { connectionId: replica.id })).toEqual([]);
});

test('a script holds a replica and brings its certificate here, and the target lists what changed since it', async () => {
  const replica = await start('scripted');
  for (const { name, control, fingerprint } of [pair.services.source, pair.services.target]) {
    const address = `${control.host}:${control.port}`;
    expect(await understudy('server', 'add', name, address, '--fingerprint', fingerprint)).toMatchObject({ code: 0 });
    expect(await run('understudy', ['server', 'login', name, '--user', 'admin'], pair.password)).toMatchObject({
      code: 0,
      err: '',
    });
  }
  const file = join(pair.folder, 'scripted.certificate');
  const certify = (to: string) =>
    run('dtcl', [
      '-e',
      '-c',
      `login alpha stored; login beta stored; source alpha; pause target ${replica.id}; certificate make ${replica.id}; ` +
        `$made = wait on certificate ${replica.id} for 60; certificate export ${replica.id} $made to "${to}"; resume target ${replica.id};`,
    ]);
  expect(await certify(file)).toMatchObject({ code: 0, err: '' });
  expect((await understudy('verify-backup', replica.target, file, '--fingerprint', pair.services.target.fingerprint)).code).toBe(
    0,
  );
  expect(await certify(file), 'a file that is there is not replaced').toMatchObject({ code: 4 });
  await pair.call('target', 'replica.resume', { connectionId: replica.id });
  const since = (await replica.held()).certificates.last?.startedAt ?? '';
  writeFileSync(`${replica.source}/b`, 'changed');
  rmSync(`${replica.source}/sub/e`);
  await replica.becomesEqual();
  expect(await certify(`${file}.2`)).toMatchObject({ code: 0, err: '' });
  const changed = `${replica.target}/b\n`;
  expect(await understudy('changes', '--since', since, '--server', 'beta', 'scripted')).toMatchObject({
    code: 0,
    out: changed,
    err: '',
  });
  const removed = await understudy(
    'changes',
    '--since',
    file,
    '--server',
    'beta',
    replica.id,
    '--deleted',
    '--relative',
    '--null',
  );
  expect(removed).toMatchObject({ code: 0, out: 'sub/e\0', err: '' });
  expect((await understudy('changes', '--since', 'yesterday', '--server', 'beta', 'scripted')).err).toContain(
    'neither a certificate nor a time',
  );
});

test('with the setting a pause that reached its cut makes one by itself, another only after something changed, and so does parking', async () => {
  const replica = await start('paused');
  const { id: connectionId } = replica;
  await pair.call('target', 'replica.configure', { connectionId, settings: { certificate: { atCut: 'pause' } } });
  const pause = async () => {
    await pair.call('source', 'transmission.pause', { connectionId, reason: 'backup' });
    return replica.when('it is paused', ({ transmission }) => transmission.kind === 'paused');
  };
  const { transmission } = await pause();
  const first = await certified(replica, null);
  if (transmission.kind !== 'paused') throw new Error('it is paused');
  expect(first).toMatchObject({
    standstill: { by: 'pause' },
    cut: { sequence: transmission.cut.sequence },
    startedBy: 'certificate.atCut',
  });
  // A new link during the pause changes nothing of where the replica stands.
  pair.proxy.cut();
  await replica.when('the link is lost', ({ link }) => link.kind !== 'up');
  pair.proxy.restore();
  await replica.when('the link is back', ({ link }) => link.kind === 'up');
  const again = await certify(replica);
  expect(again).toMatchObject({ standstill: { by: 'pause' }, cut: first.cut, appliedSequence: first.appliedSequence });
  await pair.call('source', 'transmission.resume', { connectionId });
  writeFileSync(`${replica.source}/b`, 'changed');
  await replica.becomesEqual();
  await pause();
  const second = await certified(replica, again.id);
  expect(second.cut?.sequence).toBeGreaterThan(first.cut?.sequence ?? Infinity);
  expect(second.readFiles).toBeLessThan(first.readFiles);
  await pair.call('source', 'transmission.resume', { connectionId });
  writeFileSync(`${replica.source}/a`, 'changed too');
  await replica.becomesEqual();
  await pair.call('source', 'connection.park', { connectionId, reason: 'backup' });
  expect(await certified(replica, second.id)).toMatchObject({ standstill: { by: 'pause' }, cut: { label: 'point-in-time' } });
});
