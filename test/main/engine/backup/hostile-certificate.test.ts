import { createHash, createSign } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { beforeAll, expect, test } from 'vitest';
import { toReplicationError } from '../../../../src-main/base/index.ts';
import { checkCertificate, manifestOf } from '../../../../src-main/engine/backup/index.ts';
import type { EngineIdentity } from '../../../../src-main/engine/connection/index.ts';
import { certificateHead, certify } from '../../../support/certified.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { testIdentity } from '../../../support/test-identity.ts';

let identity: EngineIdentity;
beforeAll(async () => {
  identity = await testIdentity('beta');
});

const at = '2026-11-22T11:00:00.000Z';
const folderLine = { root: 0, path: '', kind: 'folder', mode: '0755', uid: 0, gid: 0, mtime: '1.000000000' };
const fileLine = { ...folderLine, path: 'file', kind: 'file', size: 0, sha256: '0'.repeat(64) };

interface Forgery {
  readonly head?: Readonly<Record<string, unknown>>;
  readonly lines?: readonly object[];
  readonly signature?: Readonly<Record<string, unknown>>;
  readonly signer?: Pick<EngineIdentity, 'keyPem' | 'certificatePem' | 'fingerprint'>;
}

/** What somebody with a key of his own can write: a file whose signature and hash fit, whatever it says. */
function forge({ head = {}, lines = [folderLine], signature = {}, signer = identity }: Forgery): string {
  const file = `${tempFolder()}/c`;
  const manifest = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  const first = { ...certificateHead({ ...identity, fingerprint: signer.fingerprint }, ['/replica'], at), ...head };
  const end = { end: { files: 0, sha256: createHash('sha256').update(manifest).digest('hex') } };
  const signed = `${JSON.stringify(first)}\n${manifest}${JSON.stringify(end)}\n`;
  const last = {
    algorithm: 'ECDSA P-256 SHA-256',
    value: signer.keyPem === '' ? '' : createSign('SHA256').update(signed).sign(signer.keyPem).toString('base64'),
    certificate: signer.certificatePem,
    ...signature,
  };
  writeFileSync(file, `${signed}${JSON.stringify({ signature: last })}\n`);
  return file;
}

/** A key of another kind with a certificate of its own. */
function otherKind(...kind: string[]): NonNullable<Forgery['signer']> {
  const folder = tempFolder();
  const args = [
    'req',
    '-x509',
    '-newkey',
    ...kind,
    '-nodes',
    '-subj',
    '/CN=beta',
    '-keyout',
    `${folder}/k`,
    '-out',
    `${folder}/c`,
  ];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const certificatePem = readFileSync(`${folder}/c`, 'utf8');
  const fingerprint = execFileSync('openssl', ['x509', '-in', `${folder}/c`, '-noout', '-fingerprint', '-sha256'], {
    encoding: 'utf8',
  });
  return { keyPem: readFileSync(`${folder}/k`, 'utf8'), certificatePem, fingerprint: fingerprint.trim().split('=')[1] ?? '' };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'trusted',
    (error: unknown) => toReplicationError(error).code,
  );
}

async function read(file: string): Promise<number> {
  let count = 0;
  for await (const entry of manifestOf(await checkCertificate(file, null))) count += entry.path === '\0' ? 0 : 1;
  return count;
}

test('a forger with a key of his own is believed as far as the form goes', async () => {
  expect(await codeOf(checkCertificate(forge({}), null))).toBe('trusted');
});

test.each([
  ['no version', { version: undefined }],
  ['a version that is no number', { version: 'one' }],
  ['version 0', { version: 0 }],
  ['half a version', { version: 0.5 }],
  ['no source', { source: undefined }],
  ['a source without a name', { source: { fingerprint: 'AA' } }],
  ['a target without a name', { target: { fingerprint: 'AA' } }],
  ['no set', { set: undefined }],
  ['an id that is no text', { id: 7 }],
  ['no standstill', { standstill: undefined }],
  ['no roots', { roots: [] }],
  ['a root that is nothing', { roots: [null] }],
  ['a root of numbers', { roots: [{ from: 1, to: 2 }] }],
  ['a root that leads out of the copy', { roots: [{ from: '/a', to: '/../../etc' }] }],
  ['a cut that is none', { cut: { sequence: 'x' } }],
  ['a start that is no time', { startedAt: 'yesterday' }],
])('a head with %s is refused as a bad certificate', async (_, head) => {
  expect(await codeOf(checkCertificate(forge({ head }), null))).toBe('bad-certificate');
});

test.each([
  ['a value that is a number', { value: 5 }],
  ['a value that is an object', { value: {} }],
  ['a certificate that is a list', { certificate: [] }],
])('a signature with %s is refused as a bad certificate', async (_, signature) => {
  expect(await codeOf(checkCertificate(forge({ signature }), null))).toBe('bad-certificate');
});

test('a key of another kind than the file says is refused', async () => {
  const rsa = otherKind('rsa:2048');
  expect(await codeOf(checkCertificate(forge({ signer: rsa }), rsa.fingerprint))).toBe('bad-certificate');
  const curve = otherKind('ec', '-pkeyopt', 'ec_paramgen_curve:secp384r1');
  expect(await codeOf(checkCertificate(forge({ signer: curve }), curve.fingerprint))).toBe('bad-certificate');
  const edwards = { ...otherKind('ed25519'), keyPem: '' };
  expect(await codeOf(checkCertificate(forge({ signer: edwards, signature: { value: 'AAAA' } }), null))).toBe('bad-certificate');
});

test.each([
  ['leads upwards', [folderLine, { ...fileLine, path: '../etc/shadow' }]],
  ['leads upwards further on', [folderLine, { ...fileLine, path: 'a/../../b' }]],
  ['is absolute', [folderLine, { ...fileLine, path: '/etc/shadow' }]],
  ['ends in a slash', [folderLine, { ...fileLine, path: 'a/' }]],
  ['names its own folder', [folderLine, { ...fileLine, path: './a' }]],
  ['holds a zero byte', [folderLine, { ...fileLine, path: 'a\0b' }]],
  ['is of no root', [folderLine, { ...fileLine, root: 1 }]],
  ['comes twice', [folderLine, fileLine, fileLine]],
  ['comes too late', [folderLine, { ...fileLine, path: 'b' }, { ...fileLine, path: 'a' }]],
])('an entry whose path %s is refused', async (_, lines) => {
  const code = await codeOf(read(forge({ lines })));
  expect(code).toBe('bad-certificate');
});

test.each([
  ['a file without a hash', { ...fileLine, sha256: undefined }],
  ['a file without a size', { ...fileLine, size: undefined }],
  ['a link without its text', { ...folderLine, path: 'link', kind: 'symlink' }],
])('%s that is not said to be unreadable would prove anything, and is refused', async (_, line) => {
  expect(await codeOf(read(forge({ lines: [folderLine, line] })))).toBe('bad-certificate');
  expect(await codeOf(read(forge({ lines: [folderLine, { ...line, size: 0, unreadable: 'io-error' }] })))).toBe('trusted');
});

test('a line among the entries that is none is refused', async () => {
  expect(await codeOf(read(forge({ lines: [folderLine, { hidden: 1 }, fileLine] })))).toBe('bad-certificate');
});

test('a manifest that is another one when it is read than when it was checked is refused', async () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/root`);
  writeFileSync(`${folder}/root/file`, 'content');
  certify(`${folder}/c`, identity, [`${folder}/root`]);
  const checked = await checkCertificate(`${folder}/c`, identity.fingerprint);
  const text = readFileSync(`${folder}/c`, 'utf8');
  writeFileSync(`${folder}/c`, text.replace(/"sha256":"./, '"sha256":"f').replace('"size":7', '"size":8'));
  const all = async () => {
    for await (const entry of manifestOf(checked)) expect(entry.root).toBe(0);
  };
  expect(await codeOf(all())).toBe('bad-certificate');
});
