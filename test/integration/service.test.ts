import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LocalService } from '../../src-main/cli/local-service.ts';
import { establishConnection, formatAddress, openControlSession } from '../../src-main/control/index.ts';
import { eventually } from '../support/eventually.ts';
import { tempFolder } from '../support/temp-folder.ts';

// Built before these tests by the project's global set-up: it starts several times faster than the sources.
const program = join(import.meta.dirname, '../../dist/main/understudy.js');
const PASSWORD = 'a password';
const coded = (code: string) => expect.objectContaining({ code }) as Error;

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function understudy(args: readonly string[], environment: Record<string, string> = {}, input = '') {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...environment } });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin.end(input);
  const outcome = { code: null as number | null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (outcome.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (outcome.stderr += chunk.toString()));
  const ended: Promise<Outcome> = once(child, 'close').then(([code]) => ({ ...outcome, code: code as number | null }));
  return { child, ended, outcome };
}

const run = (args: readonly string[], environment: Record<string, string> = {}, input = '') =>
  understudy(args, environment, input).ended;

async function service(name: string, folder = join(tempFolder(), name)): Promise<LocalService> {
  mkdirSync(folder, { recursive: true });
  const made = await LocalService.init({ program, name, folder, password: PASSWORD });
  onTestFinished(() => made.kill());
  await made.start();
  return made;
}

describe('understudy init', () => {
  test('makes a private folder with a fingerprint, from a piped password, and never overwrites it', async () => {
    const data = join(tempFolder(), 'data');
    const made = await run(['init', '--data', data, '--admin', 'eva', '--name', 'alpha'], {}, `${PASSWORD}\n`);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toMatch(/^Server alpha is initialised in .*\nFingerprint ([0-9A-F]{2}:){31}[0-9A-F]{2}\n$/);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'identity/key.pem')).mode & 0o777).toBe(0o600);
    const key = readFileSync(join(data, 'identity/key.pem'), 'utf8');
    const again = await run(['init', '--data', data, '--admin', 'eva'], { UNDERSTUDY_ADMIN_PASSWORD: 'other' });
    expect(again).toMatchObject({ code: 1, stdout: '' });
    expect(again.stderr).toMatch(/^understudy: .*initialised data folder already\. .*\n$/);
    expect(readFileSync(join(data, 'identity/key.pem'), 'utf8')).toBe(key);
  });

  test('refuses an empty password and a folder that cannot be made', async () => {
    const folder = tempFolder();
    expect(await run(['init', '--data', join(folder, 'a'), '--admin', 'eva'])).toMatchObject({ code: 1 });
    writeFileSync(join(folder, 'file'), '');
    const { code, stderr } = await run(['init', '--data', join(folder, 'file'), '--admin', 'eva'], {
      UNDERSTUDY_ADMIN_PASSWORD: 'x',
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^understudy: .*file is not a folder\./)]);
  });
});

describe('understudy service', () => {
  test('answers an administrator, refuses wrong passwords, wrong fingerprints and what a monitor may not do', async () => {
    const alpha = await service('alpha');
    const session = await alpha.session();
    onTestFinished(() => session.close());
    await expect(session.call('session.info', null)).resolves.toMatchObject({
      user: 'admin',
      role: 'admin',
      server: { name: 'alpha' },
    });
    await expect(session.call('session.login', { user: 'admin', password: 'no' })).rejects.toThrow(coded('wrong-password'));
    const pin = Array.from({ length: 32 }, () => '00').join(':');
    await expect(openControlSession({ ...alpha.control, fingerprint: pin })).rejects.toMatchObject({
      code: 'fingerprint-mismatch',
      details: { expected: pin, found: alpha.fingerprint },
    });
    await session.call('account.create', { name: 'mona', password: 'm', role: 'monitor' });
    const mona = await openControlSession({ ...alpha.control, fingerprint: alpha.fingerprint });
    onTestFinished(() => mona.close());
    await mona.call('session.login', { user: 'mona', password: 'm' });
    await expect(mona.call('set.create', { name: 'Docs' })).rejects.toThrow(coded('not-allowed'));
    await expect(mona.call('connection.list', null)).resolves.toEqual([]);
  });

  test('keeps accounts, sets and connections over a stop and over a kill, with two services side by side', async () => {
    const alpha = await service('alpha');
    const beta = await service('beta');
    const root = tempFolder();
    mkdirSync(join(root, 'data'));
    const source = await alpha.session();
    const target = await beta.session();
    onTestFinished(() => {
      source.close();
      target.close();
    });
    await source.call('account.create', { name: 'mona', password: 'm', role: 'monitor' });
    await source.call('set.create', { name: 'Docs' });
    await source.call('set.add-rule', { name: 'Docs', rule: { path: join(root, 'data'), verdict: 'include', recursive: true } });
    await source.call('set.save', { name: 'Docs' });
    const map = { kind: 'base', base: join(root, 'replica') } as const;
    const made = await establishConnection(source, target, {
      setName: 'Docs',
      map,
      mirror: { kind: 'all' },
      targetHost: beta.control.host,
    });
    for (const end of ['stop', 'kill'] as const) {
      await alpha[end]();
      await beta[end]();
      await Promise.all([alpha.start(), beta.start()]);
      const again = await alpha.session();
      await expect(again.call('account.list', null)).resolves.toMatchObject([{ name: 'admin' }, { name: 'mona' }]);
      await expect(again.call('set.list', null)).resolves.toMatchObject([
        { name: 'Docs', saved: true, connectionIds: [made.id] },
      ]);
      await expect(again.call('connection.list', null)).resolves.toMatchObject([
        { id: made.id, number: 1, setName: 'Docs', targetName: 'beta' },
      ]);
      again.close();
      const onTarget = await beta.session();
      await expect(onTarget.call('replica.list', null)).resolves.toMatchObject([{ connectionId: made.id, sourceName: 'alpha' }]);
      onTarget.close();
    }
  });

  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s stops it cleanly with exit code 0, also while clients are connected',
    async (signal) => {
      const folder = tempFolder();
      const data = join(folder, 'data');
      await run(['init', '--data', data, '--admin', 'eva'], { UNDERSTUDY_ADMIN_PASSWORD: PASSWORD });
      const args = ['service', '--data', data, '--control', '127.0.0.1:0', '--data-port', '127.0.0.1:0'];
      const { child, ended, outcome } = understudy(args);
      const ready = await eventually('ready', () => /^\{.*\}$/m.exec(outcome.stdout)?.[0]);
      const { control, fingerprint } = JSON.parse(ready) as { control: string; fingerprint: string };
      expect(JSON.parse(ready)).toMatchObject({ ready: true, data: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string });
      const [host = '', port] = control.split(':');
      const session = await openControlSession({ host, port: Number(port), fingerprint });
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 0, stderr: '' });
      await expect(session.ended).resolves.toEqual(coded('link-lost'));
      const log = readFileSync(join(data, 'logs/service.log'), 'utf8').trim().split('\n');
      expect(log.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(
        expect.arrayContaining(['service started', 'service stops']),
      );
    },
  );

  test('a second service on the same folder is refused, and a killed one does not stand in the way', async () => {
    const alpha = await service('alpha');
    const args = ['service', '--data', alpha.dataDir, '--control', '127.0.0.1:0', '--data-port', '127.0.0.1:0'];
    const second = await run(args);
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      `understudy: The data folder ${alpha.dataDir} is in use: its service (process ${String(alpha.pid)}) is running already, at ${formatAddress(alpha.control)}. Go on with the one that runs, or stop it first, or choose another folder with --data.\n`,
    );
    await alpha.kill();
    await alpha.start();
  });

  test('says in one line what is wrong with its start', async () => {
    const alpha = await service('alpha');
    const other = join(tempFolder(), 'other');
    const start = (...more: string[]) => run(['service', '--data', other, ...more]);
    expect((await start()).stderr).toMatch(
      /^understudy: .*other is not an initialised data folder\. Initialise it with: understudy init --data .*\n$/,
    );
    await run(['init', '--data', other, '--admin', 'eva'], { UNDERSTUDY_ADMIN_PASSWORD: PASSWORD });
    const taken = await start('--control', formatAddress(alpha.control), '--data-port', '127.0.0.1:0');
    expect(taken).toMatchObject({ code: 1, stdout: '' });
    expect(taken.stderr).toMatch(/^understudy: Port \d+ on 127\.0\.0\.1 is already used by another program\. .*\n$/);
    expect((await start('--volume', 'data=/x')).stderr).toContain('“data=/x” is not a volume of the form C=FOLDER');
    expect((await run(['servic'])).stderr).toContain('(Did you mean service?)');
  });
});

describe('understudy server', () => {
  test('adds a server only with a confirmed fingerprint; lists, stores a login that works, removes', async () => {
    const alpha = await service('alpha');
    const home = { UNDERSTUDY_HOME: join(tempFolder(), 'home') };
    const address = formatAddress(alpha.control);
    const unconfirmed = await run(['server', 'add', 'Alpha', address], home);
    expect(unconfirmed.code).toBe(1);
    expect(unconfirmed.stdout).toBe(`${address} is alpha, Understudy 0.1.0.\nFingerprint ${alpha.fingerprint}\n`);
    expect(unconfirmed.stderr).toContain(`understudy server add Alpha ${address} --fingerprint ${alpha.fingerprint}`);
    expect((await run(['server', 'list'], home)).stdout).toMatch(/^No server is known\./);
    const wrong = await run(['server', 'add', 'Alpha', address, '--fingerprint', 'ab'.repeat(32)], home);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain(`${address} shows another certificate`);
    expect((await run(['server', 'list'], home)).stdout).toMatch(/^No server is known\./);
    await expect(run(['server', 'add', 'Alpha', address, '--fingerprint', alpha.fingerprint], home)).resolves.toMatchObject({
      code: 0,
      stdout: `Added Alpha (${address}).\n`,
    });
    expect((await run(['server', 'list'], home)).stdout).toBe(`Alpha  ${address}  ${alpha.fingerprint}\n`);
    expect((await run(['server', 'login', 'alpha', '--user', 'admin'], home, 'wrong\n')).stderr).toContain('password is wrong');
    await expect(run(['server', 'login', 'alpha', '--user', 'admin'], home, `${PASSWORD}\n`)).resolves.toMatchObject({ code: 0 });
    await expect(run(['server', 'remove', 'ALPHA'], home)).resolves.toMatchObject({ code: 0, stdout: 'Removed Alpha.\n' });
    expect((await run(['server', 'remove', 'alpha'], home)).stderr).toContain('There is no server named “alpha”.');
    expect((await run(['server', 'add', 'x', '127.0.0.1:1'], home)).stderr).toContain(
      '127.0.0.1:1 does not answer (nothing listens on that port).',
    );
  });
});

describe('understudy console', () => {
  test('serves the built console with its own service to whoever has the address, and stops cleanly', async () => {
    const folder = tempFolder();
    const { child, ended } = understudy(['console', '--port', '0'], { UNDERSTUDY_HOME: join(folder, 'home') });
    const lines = createInterface({ input: child.stdout });
    let address = '';
    for await (const line of lines) {
      address = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(line)?.[0] ?? '';
      if (address !== '') break;
    }
    const entered = await fetch(address, { redirect: 'manual' });
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const page = await fetch(new URL('/', address), { headers: { cookie } });
    expect(await page.text()).toContain('<script type="module"');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });
});
