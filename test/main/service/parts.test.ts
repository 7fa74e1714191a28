import { X509Certificate } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseVolume, PROGRAM_VERSION } from '../../../src-main/service/index.ts';
import { createIdentity } from '../../../src-main/service/create-identity.ts';
import { readIdentity } from '../../../src-main/service/identity.ts';
import { RotatingFile } from '../../../src-main/service/log-file.ts';
import { checkPassword, hashPassword } from '../../../src-main/service/passwords.ts';
import { sameMap } from '../../../src-main/service/same-map.ts';
import { restoresShape } from '../../../src-main/service/restore/index.ts';
import { accountsShape, connectionsShape, serverShape, setsShape } from '../../../src-main/service/stored.ts';
import { initialServiceSettings } from '../../../src-main/api/index.ts';
import { openSettings } from '../../../src-main/config/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

test('the version told to peers is that of the package', () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { version: string };
  expect(PROGRAM_VERSION).toBe(version);
});

describe('an identity', () => {
  test('is a P-256 key with a certificate of its own, whatever the server’s name', async () => {
    const { keyPem, certificatePem } = await createIdentity('büro, "CN=x" + ☃'.repeat(5));
    const certificate = new X509Certificate(certificatePem);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(new Date(certificate.validTo).getUTCFullYear()).toBeGreaterThan(new Date().getUTCFullYear() + 40);
    const folder = tempFolder();
    const files = { key: join(folder, 'k'), certificate: join(folder, 'c') };
    writeFileSync(files.key, keyPem);
    writeFileSync(files.certificate, certificatePem);
    expect(readIdentity(files).fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    writeFileSync(files.key, (await createIdentity('other')).keyPem);
    expect(() => readIdentity(files)).toThrow(expect.objectContaining({ code: 'damaged-data' }));
  });
});

describe('passwords', () => {
  test('are hashed with a salt each, and only the right one fits', async () => {
    const [a, b] = await Promise.all([hashPassword('Grün 1'), hashPassword('Grün 1')]);
    expect(a.hash).not.toBe(b.hash);
    // The same letters as a decomposed sequence, as another keyboard sends them.
    await expect(checkPassword('Gru\u0308n 1', a)).resolves.toBe(true);
    await expect(checkPassword('Grün 2', a)).resolves.toBe(false);
    await expect(checkPassword('Grün 1', null)).resolves.toBe(false);
  });
});

test.each([
  ['C=/srv/c', 'C', '/srv/c'],
  ['d:=/srv/d/', 'D', '/srv/d'],
])('the volume %s is %s at %s', (text, name, folder) => expect(parseVolume(text)).toEqual({ name, folder }));
test.each(['C', 'CC=/x', '=x', 'C=', '1=/x'])('%s is not a volume', (text) =>
  expect(() => parseVolume(text)).toThrow(expect.objectContaining({ code: 'bad-input' })),
);

test('maps are the same when they lead to the same places', () => {
  const base = (path: string) => ({ kind: 'base', base: path }) as const;
  const pair = (from: string, to: string) => ({ from, to });
  expect(sameMap(base('c:\\Noon\\'), base('C:/noon'))).toBe(true);
  expect(sameMap(base('/Noon'), base('/noon'))).toBe(false);
  expect(sameMap(base('/'), base('/'))).toBe(true);
  expect(sameMap({ kind: 'exact' }, base('/'))).toBe(false);
  const pairs = [pair('/a', '/x'), pair('/b', '/y')];
  expect(sameMap({ kind: 'pairs', pairs }, { kind: 'pairs', pairs: pairs.toReversed() })).toBe(true);
});

test('a log file starts anew at its size and keeps the last few', () => {
  const folder = tempFolder();
  const file = new RotatingFile(folder, { mostBytes: 20, keep: 2 });
  for (let i = 0; i < 9; i++) file.write(`line ${i}\n`);
  file.close();
  expect(readdirSync(folder).sort()).toEqual(['service.1.log', 'service.2.log', 'service.log']);
  expect(readFileSync(join(folder, 'service.log'), 'utf8')).toBe('line 8\n');
  expect(readFileSync(join(folder, 'service.1.log'), 'utf8')).toBe('line 6\nline 7\n');
});

describe('stored files of version 1', () => {
  const fixtures = join(import.meta.dirname, '../../fixtures/service-v1');
  const shapes = {
    'server.json': serverShape({ serverId: '', name: '', volumes: [], settings: initialServiceSettings }),
    'accounts.json': accountsShape,
    'sets.json': setsShape,
    'connections.json': connectionsShape,
    'restores.json': restoresShape,
  };
  test.each(Object.keys(shapes) as (keyof typeof shapes)[])('%s can still be read', (name) => {
    const folder = tempFolder();
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, readFileSync(join(fixtures, name)));
    const { version: _version, ...stored } = JSON.parse(readFileSync(file, 'utf8')) as { version: number };
    // What an older file does not know yet has its default.
    expect(openSettings<object>(file, shapes[name] as never).value).toMatchObject(stored);
  });
});
