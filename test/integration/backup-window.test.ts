import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';
import { SteppingWriter } from '../support/stepping-writer.ts';

const program = resolve(import.meta.dirname, '../../dist/main/understudy.js');
const recipes = resolve(import.meta.dirname, '../../resources/recipes');
let pair: ServicePair;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  pair = await ServicePair.start();
  const command = script('understudy', `exec '${process.execPath}' '${program}' "$@"`);
  environment = {
    ...process.env,
    UNDERSTUDY_HOME: join(pair.folder, 'home'),
    UNDERSTUDY_PROGRAM: command,
    UNDERSTUDY_SERVER: 'alpha',
    UNDERSTUDY_WAIT: '60',
    UNDERSTUDY_CERTIFICATES: folder('certificates'),
    RESTIC_PASSWORD: 'test',
    RESTIC_CACHE_DIR: folder('cache'),
  };
  for (const { name, control, fingerprint } of [pair.services.source, pair.services.target]) {
    const address = `${control.host}:${control.port}`;
    expect((await understudy('server', 'add', name, address, '--fingerprint', fingerprint)).err).toBe('');
    expect((await run(command, ['server', 'login', name, '--user', 'admin'], {}, pair.password)).err).toBe('');
  }
});
afterAll(() => pair.close());

function folder(name: string): string {
  const path = join(pair.folder, name);
  mkdirSync(path, { recursive: true });
  return path;
}

function script(name: string, text: string): string {
  const path = join(pair.folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

/** The line between the services goes through this process, which must not stand still meanwhile. */
async function run(command: string, args: readonly string[], more: NodeJS.ProcessEnv = {}, input = '') {
  const child = spawn(command, args, { env: { ...environment, ...more } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

function understudy(...args: string[]) {
  return run(environment.UNDERSTUDY_PROGRAM ?? '', args);
}

async function start(name: string): Promise<Replica> {
  const replica = new Replica(pair, name);
  mkdirSync(`${replica.source}/sub`);
  for (const file of ['a', 'sub/b', 'sub/c']) writeFileSync(`${replica.source}/${file}`, `content of ${file}`);
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await replica.becomesEqual();
  return replica;
}

/** Runs a recipe in a window; while it works the source goes on, which must not reach the backup. */
function backUp(recipe: string, replica: Replica, name: string, more: NodeJS.ProcessEnv): Promise<string> {
  return backUpAfter(`echo late > '${replica.source}/late'`, recipe, name, more);
}

/** Runs a recipe in a window of its own, after what is done first in it. */
async function backUpAfter(first: string, recipe: string, name: string, more: NodeJS.ProcessEnv): Promise<string> {
  const during = script(`during-${name}`, `${first}; exec '${recipes}/${recipe}' "$@"`);
  const done = await run(`${recipes}/backup-window.sh`, [during], { UNDERSTUDY_NAME: name, ...more });
  expect(done, done.err).toMatchObject({ code: 0 });
  return done.out;
}

async function verify(copy: string, certificate: string): Promise<void> {
  const { fingerprint } = pair.services.target;
  const checked = await understudy('verify-backup', copy, certificate, '--fingerprint', fingerprint);
  expect(checked, checked.out + checked.err).toMatchObject({ code: 0 });
}

function present(command: string): boolean {
  const isThere = spawnSync(command, ['--version']).status === 0 || spawnSync(command, ['version']).status === 0;
  if (!isThere) console.warn(`SKIPPED: ${command} is not installed; its recipe is not tested.`);
  return isThere;
}

const newest = (path: string, end: string) =>
  join(
    path,
    readdirSync(path)
      .filter((name) => name.endsWith(end))
      .sort()
      .at(-1) ?? '',
  );

describe('a recipe backs a replica up, and the restored copy proves equal to the certificate', () => {
  test('tar, of a replica at rest', async () => {
    const replica = await start('parked');
    await pair.call('source', 'connection.park', { connectionId: replica.id, reason: 'test' });
    await replica.when('it is parked', ({ park }) => park?.kind === 'parked');
    const [archives, restored] = [folder('archives'), folder('untarred')];
    await backUp('tar.sh', replica, 'parked', { BACKUP_DIR: archives });
    const archive = newest(archives, '.tar');
    execFileSync('tar', ['-xpf', archive, '-C', restored]);
    await verify(restored + replica.target, `${archive}.certificate`);
    await pair.call('source', 'connection.reconnect', { connectionId: replica.id, mirror: { kind: 'different' } });
    await replica.becomesEqual();
  });

  test.skipIf(!present('restic'))('restic, of a paused replica', async () => {
    const replica = await start('paused');
    const repository = join(pair.folder, 'restic');
    await backUp('restic.sh', replica, 'paused', { RESTIC_REPOSITORY: repository });
    const restored = folder('restic-restored');
    const restore = await run('restic', ['restore', 'latest', '--target', restored], { RESTIC_REPOSITORY: repository });
    expect(restore, restore.err).toMatchObject({ code: 0 });
    await verify(restored + replica.target, newest(restored + (environment.UNDERSTUDY_CERTIFICATES ?? ''), '.certificate'));
    await replica.becomesEqual();
  });

  test.skipIf(!present('rsync'))('rsync, of a held replica, twice: what did not change is a link', async () => {
    const replica = await start('held');
    const snapshots = folder('snapshots');
    const more = { BACKUP_DIR: snapshots, UNDERSTUDY_OPTIONS: '--method hold --max 5' };
    const [first = ''] = (await backUp('rsync.sh', replica, 'held', more)).trim().split('\n');
    await verify(first + replica.target, `${first}.certificate`);
    await replica.becomesEqual();
    await backUp('rsync.sh', replica, 'held', more);
    await verify(`${snapshots}/latest${replica.target}`, `${snapshots}/latest.certificate`);
    const inode = (snapshot: string, file: string) => statSync(`${snapshot}${replica.target}/${file}`).ino;
    expect(inode(first, 'sub/b')).toBe(inode(`${snapshots}/latest`, 'sub/b'));
    expect(readdirSync(`${snapshots}/latest${replica.target}`)).toContain('late');
    expect(readdirSync(`${first}${replica.target}`)).not.toContain('late');
    await replica.becomesEqual();
  });

  test('a program that fails, or is ended, leaves no window open', async () => {
    const replica = await start('failing');
    const failed = await run(`${recipes}/backup-window.sh`, ['false'], {
      UNDERSTUDY_NAME: 'failing',
      UNDERSTUDY_CERTIFICATES: '',
    });
    expect(failed.code).toBe(1);
    await replica.when('it goes on', ({ transmission }) => transmission.kind === 'active');
    expect(await pair.call('source', 'backup.list', null)).toEqual([]);
  });
});

describe.each([
  ['paused', ''],
  ['held', '--method hold'],
] as const)('of one set with two replicas', (how, options) => {
  test.skipIf(!present('restic'))(`one is ${how} and read while the other one stays current`, { timeout: 120_000 }, async () => {
    const name = `twin-${how}`;
    const read = new Replica(pair, name);
    const writer = new SteppingWriter(read.source, join(pair.folder, `workshop-${name}`));
    await read.connect({ kind: 'all' });
    const other = new Replica(pair, name, `${read.target}-other`, read.source);
    await other.connectAgain({ kind: 'all' });
    for (const replica of [read, other]) await replica.becomesEqual();
    writer.start();
    onTestFinished(() => writer.stop());
    const before = writer.steps;
    const cutOf = async (replica: Replica) => (await replica.held()).cut?.sequence ?? 0;
    const movesOn = async () => {
      const [steps, cut] = [writer.steps, await cutOf(other)];
      await eventually('the other one follows', async () => writer.steps > steps + 20 && (await cutOf(other)) > cut);
    };

    const [repository, released] = [join(pair.folder, `restic-${name}`), join(pair.folder, `released-${name}`)];
    const waits = `while [ ! -e '${released}' ]; do sleep 0.1; done`;
    const more = { RESTIC_REPOSITORY: repository, UNDERSTUDY_OPTIONS: options };
    const backup = backUpAfter(waits, 'restic.sh', read.id, more);
    const window = await eventually(
      'the window is open',
      async () => {
        const open = await pair.call(how === 'held' ? 'target' : 'source', 'backup.list', null);
        return open.find(({ state, connectionId }) => state === 'open' && connectionId === read.id) ?? null;
      },
      30_000,
    );
    const after = writer.steps;
    // The target has told its source of the cut before the next look at its own state.
    await eventually('the target shows the cut', async () => (await cutOf(read)) === window.cut?.sequence);
    for (let i = 0; i < 3; i++) await movesOn();
    writeFileSync(released, '');
    await Promise.all([backup, movesOn()]);

    const restored = folder(`restored-${name}`);
    const restore = await run('restic', ['restore', 'latest', '--target', restored], more);
    expect(restore, restore.err).toMatchObject({ code: 0 });
    await verify(restored + read.target, newest(restored + (environment.UNDERSTUDY_CERTIFICATES ?? ''), '.certificate'));
    const step = writer.stepOf(restored + read.target);
    expect(step?.number).toBeGreaterThanOrEqual(before);
    expect(step?.number).toBeLessThanOrEqual(after);
    writer.stop();
    for (const replica of [read, other]) await replica.becomesEqual();
    for (const replica of [read, other]) await replica.disconnect();
  });
});

test('a window keeps its cut over a kill of the source; another owner is refused; what waited arrives at its end', async () => {
  const replica = await start('kept');
  const hook = script(
    'hook',
    `printf '%s ' "$UNDERSTUDY_MOMENT" "$UNDERSTUDY_FOLDERS" "$UNDERSTUDY_CUT" >> '${pair.folder}/hooked'`,
  );
  const named = ['kept', '--server', 'alpha', '--target', 'beta'];
  const begun = await understudy(
    'backup',
    'begin',
    ...named,
    '--owner',
    'one',
    '--wait',
    '60',
    '--json',
    '--pre',
    hook,
    '--post',
    hook,
  );
  expect(begun, begun.err).toMatchObject({ code: 0 });
  const facts = JSON.parse(begun.out) as { cut: number; folders: string[]; at: string };
  expect(facts.folders).toEqual([replica.target]);
  expect(readFileSync(`${pair.folder}/hooked`, 'utf8')).toBe(`pre ${replica.target}  post ${replica.target} ${facts.cut} `);

  const other = await understudy('backup', 'begin', ...named, '--owner', 'two');
  expect(other).toMatchObject({ code: 1, out: '' });
  expect(other.err).toContain('A backup window of one has been open since');
  const byHand = pair.call('source', 'transmission.resume', { connectionId: replica.id });
  await expect(byHand).rejects.toThrow('window-open');
  writeFileSync(`${replica.source}/a`, 'changed while it is read');
  await pair.kill('source');
  await pair.start('source');
  await replica.when('the link is up again', ({ link }) => link.kind === 'up');
  writeFileSync(`${replica.source}/sub/new`, 'new');
  const again = await understudy('backup', 'begin', ...named, '--owner', 'one', '--json');
  expect(JSON.parse(again.out)).toMatchObject({ verdict: 'go', cut: facts.cut, at: facts.at, state: 'open' });
  expect(readFileSync(`${replica.target}/a`, 'utf8')).toBe('content of a');
  const ended = await understudy('backup', 'end', ...named, '--owner', 'one');
  expect(ended, ended.err).toMatchObject({ code: 0 });
  expect(await understudy('backup', 'end', ...named, '--owner', 'one')).toMatchObject({ code: 0 });
  await replica.becomesEqual();
  expect((await understudy('backup', 'begin', 'kept')).code).toBe(2);
});
