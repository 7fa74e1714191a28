import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { runUnderstudy } from '../../../src-main/cli/run-understudy.ts';
import type { EngineIdentity } from '../../../src-main/engine/connection/index.ts';
import { certify, writeCertificate } from '../../support/certified.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { testIdentity } from '../../support/test-identity.ts';

let identity: EngineIdentity;
beforeAll(async () => {
  identity = await testIdentity('beta');
});

async function understudy(...args: string[]) {
  const said = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      said[stream === 'stdout' ? 'out' : 'err'] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('latin1');
      return true;
    }),
  );
  try {
    return { code: await runUnderstudy(args), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** Two roots with a certificate of both, and a restore of each with its whole path below another folder. */
function start() {
  const folder = tempFolder();
  const roots = [`${folder}/one`, `${folder}/two`];
  for (const root of roots) {
    mkdirSync(`${root}/sub`, { recursive: true });
    writeFileSync(`${root}/sub/f`, 'content');
  }
  certify(`${folder}/c`, identity, roots);
  for (const root of roots) cpSync(root, `${folder}/restored${root}`, { recursive: true, preserveTimestamps: true });
  onTestFinished(() => void process.stdout.removeAllListeners('error'));
  return { folder, certificate: `${folder}/c`, restored: `${folder}/restored`, roots };
}

test('several roots are looked for with their whole paths below the folder, one by its number is the folder', async () => {
  const { folder, certificate, restored, roots } = start();
  // Node's copy keeps no time of folders.
  const equal = await understudy('verify-backup', restored, certificate, '--ignore', 'time');
  expect(equal).toMatchObject({ code: 0, err: '' });
  expect(equal.out).toContain(`Signed by ${identity.fingerprint}: compare it`);
  writeFileSync(`${folder}/two/sub/f`, 'CONTENT');
  expect(await understudy('verify-backup', `${folder}/one`, certificate, '--root', '0')).toMatchObject({ code: 0 });
  const differs = await understudy('verify-backup', `${folder}/two`, certificate, '--root', '1', '--ignore', 'time');
  expect(differs.code).toBe(1);
  expect(differs.out.split('\n')[0]).toBe(`different   ${folder}/two/sub/f  (content)`);
  expect(
    await understudy('verify-backup', `${folder}/two`, certificate, '--root', '1', '--ignore', 'time', '--quick'),
  ).toMatchObject({ code: 0 });
  const unknown = await understudy('verify-backup', restored, certificate, '--root', '2');
  expect(unknown).toMatchObject({ code: 2, out: '' });
  expect(unknown.err).toContain(`it has 0 ${roots[0] ?? ''}, 1 ${roots[1] ?? ''}`);
});

test('with --json each difference is a line, and the result the last', async () => {
  const { certificate, restored, roots } = start();
  rmSync(restored + (roots[0] ?? '') + '/sub/f');
  const args = ['--json', '--ignore', 'time', '--fingerprint', identity.fingerprint];
  const { code, out } = await understudy('verify-backup', restored, certificate, ...args);
  const [difference, result, end] = out.split('\n');
  expect(code).toBe(1);
  expect(JSON.parse(difference ?? '')).toEqual({
    what: 'missing',
    root: 0,
    path: `${restored}${roots[0] ?? ''}/sub/f`,
    properties: [],
    why: null,
  });
  expect(JSON.parse(result ?? '')).toMatchObject({ result: 'differs', counts: { missing: 1, entries: 6 }, isSignerKnown: true });
  expect(end).toBe('');
});

test('what cannot be compared, or is asked in a wrong way, is neither equal nor different', async () => {
  const { folder, certificate, restored } = start();
  writeFileSync(`${folder}/torn`, readFileSync(certificate, 'utf8').slice(0, -300));
  for (const args of [
    [restored, `${folder}/torn`],
    [restored, `${folder}/none`],
    [`${folder}/none`, certificate],
    [restored],
    [restored, certificate, '--ignore', 'colour'],
    [restored, certificate, '--fingerprint', 'AA:BB'],
  ]) {
    const { code, out, err } = await understudy('verify-backup', ...args);
    expect([code, out], args.join(' ')).toEqual([2, '']);
    expect(err).not.toBe('');
  }
  expect((await understudy('verify-backup', '--help')).code).toBe(0);
});

test('changes between certificates of several roots are listed for one with its paths, and never between strangers', async () => {
  const { folder, certificate, roots } = start();
  writeFileSync(`${folder}/two/new`, '');
  certify(`${folder}/d`, identity, roots, Date.now() + 1_000);
  expect((await understudy('changes', '--since', certificate, `${folder}/d`)).out).toBe(`${folder}/two/new\n`);
  expect(
    (await understudy('changes', '--since', certificate, `${folder}/d`, '--folders', '--json')).out
      .split('\n')
      .map((line) => (line === '' ? '' : (JSON.parse(line) as { what: string }).what)),
  ).toEqual(['attributes', 'new', '']);
  expect((await understudy('changes', '--since', certificate, `${folder}/d`, '--root', '0')).out).toBe('');
  expect((await understudy('changes', '--since', certificate, `${folder}/d`, '--root', '1', '--relative')).out).toBe('new\n');
  const failed = async (...args: string[]) => {
    const { code, err } = await understudy('changes', ...args);
    expect(code).toBe(1);
    return err;
  };
  expect(await failed('--since', certificate, `${folder}/d`, '--relative')).toContain('--relative needs --root');
  expect(await failed('--since', certificate, `${folder}/d`, '--root', '7')).toContain('there is no root 7');
  expect(await failed('--since', '2026-11-22T02:00', certificate)).toContain('is no file');
  certify(`${folder}/other`, await testIdentity('beta'), roots, Date.now() + 1_000);
  expect(await failed('--since', certificate, `${folder}/other`)).toContain('of different replicas');
});

test('a result says how far it goes: nothing of contents when quick, and not what the certificate could not read', async () => {
  const folder = tempFolder();
  const root = `${folder}/root`;
  mkdirSync(root);
  writeFileSync(`${root}/f`, 'content');
  const look = certify(`${folder}/c`, identity, [root]);
  const quick = await understudy('verify-backup', root, `${folder}/c`, '--quick');
  expect([quick.code, quick.out]).toEqual([0, expect.stringContaining('equal as far as it was compared: no content was')]);
  const json = await understudy('verify-backup', root, `${folder}/c`, '--quick', '--ignore', 'owner', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ result: 'equal', isQuick: true, ignored: ['owner'] });
  const entries = look.entries.map((entry) =>
    entry.path === 'f' ? { ...entry, sha256: null, unreadable: 'permission-denied' as const } : entry,
  );
  writeCertificate(`${folder}/d`, identity, [root], { ...look, entries });
  const { code, out } = await understudy('verify-backup', root, `${folder}/d`);
  expect([code, out]).toEqual([0, expect.stringContaining('equal as far as the certificate proves anything')]);
  expect(out).not.toContain('The copy is equal.');
});

test('what was applied after the last cut is no state of that cut', async () => {
  const { folder, restored, certificate, roots } = start();
  const at = '2026-11-22T11:00:00.000Z';
  const look = certify(`${folder}/e`, identity, roots);
  const cut = { sequence: 7, at, label: 'point-in-time' } as const;
  writeCertificate(`${folder}/d`, identity, roots, look, Date.now(), { cut, appliedSequence: 9 });
  const { out } = await understudy('verify-backup', restored, `${folder}/d`, '--ignore', 'time');
  expect(out).toContain(`at operation 9 (file-level) after cut 7 of ${at}`);
  expect(out).not.toContain('point-in-time');
  expect((await understudy('verify-backup', restored, certificate, '--ignore', 'time')).out).toContain(
    'at cut 7 (point-in-time,',
  );
});

test('texts of a certificate do nothing to the terminal, and add no lines of their own', async () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/root`);
  const look = certify(`${folder}/c`, identity, [`${folder}/root`]);
  const target = { name: 'beta\nThe copy is equal.\x1b[2J', fingerprint: identity.fingerprint };
  writeCertificate(`${folder}/d`, identity, [`${folder}/root`], look, Date.now(), { target, set: 'a\rb' });
  const { out } = await understudy('verify-backup', `${folder}/root`, `${folder}/d`);
  expect(out).not.toContain('\x1b');
  expect(out).not.toContain('\r');
  expect(out.split('\n').filter((line) => line === 'The copy is equal.')).toHaveLength(1);
});

test('where the certificate has no entry, and where no root is found below the folder, nothing is compared', async () => {
  const { folder, certificate, roots } = start();
  const nowhere = await understudy('verify-backup', roots[0] ?? '', certificate);
  expect([nowhere.code, nowhere.out]).toEqual([2, '']);
  expect(nowhere.err).toContain(`${roots[0] ?? ''}${roots[0] ?? ''}`);
  writeCertificate(`${folder}/empty`, identity, roots, { ...certify(`${folder}/e`, identity, roots), entries: [] });
  const { code, err } = await understudy('verify-backup', roots[0] ?? '', `${folder}/empty`, '--root', '0');
  expect([code, err]).toEqual([2, expect.stringContaining('no entry')]);
});

test('changes are listed between certificates of the expected server and of the same roots only', async () => {
  const { folder, certificate, roots } = start();
  certify(`${folder}/d`, identity, roots, Date.now() + 1_000);
  const args = ['changes', '--since', certificate, `${folder}/d`, '--fingerprint'];
  expect(await understudy(...args, identity.fingerprint)).toMatchObject({ code: 0, out: '' });
  expect(await understudy(...args, 'AA:BB')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('not to be trusted') as string,
  });
  certify(`${folder}/moved`, identity, [...roots].reverse(), Date.now() + 1_000);
  expect((await understudy('changes', '--since', certificate, `${folder}/moved`)).err).toContain('have other roots');
});
