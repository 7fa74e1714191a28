import fc from 'fast-check';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toReplicationError } from '../../../../src-main/base/index.ts';
import {
  checkCertificate,
  manifestOf,
  pathFromText,
  pathToText,
  type ManifestEntry,
} from '../../../../src-main/engine/backup/index.ts';
import type { EngineIdentity } from '../../../../src-main/engine/connection/index.ts';
import { certify, writeCertificate } from '../../../support/certified.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { testIdentity } from '../../../support/test-identity.ts';

let identity: EngineIdentity;
beforeAll(async () => {
  identity = await testIdentity('beta');
});

function raw(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}

async function failureOf(file: string, fingerprint: string | null = null): Promise<string> {
  return checkCertificate(file, fingerprint).then(
    () => 'trusted',
    (error: unknown) => {
      const { code, details } = toReplicationError(error);
      return `${code}: ${String(details.text)}`;
    },
  );
}

const names = [
  'plain',
  'two\nlines',
  'say "yes"',
  'back\\slash',
  'tab\tbed',
  '\xff\xfe\x80',
  'gr\xc3\xbc\xc3\x9f',
  '\xc3\xbc\xfc',
  '\xef\xbb\xbfbom',
];

test('names of any bytes come back from a certificate as they were, in an order that a walk has', async () => {
  const folder = tempFolder();
  const root = `${folder}/root`;
  mkdirSync(root);
  for (const name of names) writeFileSync(raw(`${root}/${name}`), name);
  mkdirSync(`${root}/a`);
  for (const name of ['a/z', 'a-b', 'a.b']) writeFileSync(`${root}/${name}`, '');
  symlinkSync(raw('\xff to nowhere\n'), raw(`${root}/\xfflink`));
  const { entries } = certify(`${folder}/c`, identity, [root]);
  const checked = await checkCertificate(`${folder}/c`, identity.fingerprint);
  expect(checked.end).toMatchObject({ files: names.length + 3, folders: 2, symlinks: 1, unreadable: 0 });
  const read: ManifestEntry[] = [];
  for await (const entry of manifestOf(checked)) read.push(entry);
  expect(read).toEqual(entries);
  const paths = read.map(({ path }) => path);
  expect(paths.slice(0, 5)).toEqual(['', 'a', 'a/z', 'a-b', 'a.b']);
  expect(paths).toEqual(expect.arrayContaining(names));
  expect(read.find(({ path }) => path === '\xfflink')).toMatchObject({ kind: 'symlink', link: '\xff to nowhere\n' });
});

test('text for a name of any bytes is never ambiguous', () => {
  fc.assert(
    fc.property(fc.uint8Array({ min: 1, maxLength: 12 }), (bytes) => {
      const name = Buffer.from(bytes).toString('latin1');
      expect(pathFromText(JSON.parse(JSON.stringify(pathToText(name))) as string)).toBe(name);
    }),
  );
  expect(JSON.stringify(pathToText('\xff'))).toBe('"\\udcff"');
});

test('times before 1970 and of any nanosecond come back as they were', async () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/root`);
  const look = certify(`${folder}/c`, identity, [`${folder}/root`]);
  const [top] = look.entries;
  if (top === undefined) throw new Error('no entry');
  const entries = [-1n, -1_000_000_000n, 0n, 999_999_999n, 1_764_000_000_123_456_789n].map((mtimeNs, i) => ({
    ...top,
    path: `${i}`,
    mtimeNs,
  }));
  writeCertificate(`${folder}/d`, identity, [`${folder}/root`], { ...look, entries });
  const read: ManifestEntry[] = [];
  for await (const entry of manifestOf(await checkCertificate(`${folder}/d`, null))) read.push(entry);
  expect(read).toEqual(entries);
});

describe('a certificate that was tampered with', () => {
  let text: string;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'understudy-test-'));
    mkdirSync(`${folder}/root`);
    writeFileSync(`${folder}/root/file`, 'content');
    certify(`${folder}/c`, identity, [`${folder}/root`]);
    text = readFileSync(`${folder}/c`, 'utf8');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['its set', (t: string) => t.replace('"set":"accounts"', '"set":"accountz"')],
    ['its label', (t: string) => t.replace('point-in-time', 'file-level')],
    ['a name', (t: string) => t.replace('"path":"file"', '"path":"fil2"')],
    ['a hash', (t: string) => t.replace(/"sha256":"(.)/, (_, c: string) => `"sha256":"${c === '0' ? '1' : '0'}`)],
    ['a time', (t: string) => t.replace(/"mtime":"1/, '"mtime":"2')],
    ['an entry less', (t: string) => t.replace(/\{"root":0,"path":"file".*\n/, '')],
    ['an entry more', (t: string) => t.replace(/(\{"root":0,"path":"file".*\n)/, '$1$1')],
    ['its counts', (t: string) => t.replace('"files":1', '"files":2')],
    [
      'its manifest hash',
      (t: string) =>
        t.replace(
          /"sha256":"(.)([0-9a-f]{63})"\}\}/,
          (_, c: string, rest: string) => `"sha256":"${c === '0' ? '1' : '0'}${rest}"}}`,
        ),
    ],
    ['its signature', (t: string) => t.replace('"value":"M', '"value":"N')],
    ['a byte more', (t: string) => `${t} `],
    ['a line more', (t: string) => `${t}{}\n`],
    ['its end cut off', (t: string) => t.slice(0, -200)],
    ['no head', (t: string) => t.slice(t.indexOf('\n') + 1)],
    ['nothing in it', () => ''],
    ['two lines', () => '{}\n{}\n'],
  ])('is refused: %s', async (what, tamper) => {
    const changed = tamper(text);
    expect(changed).not.toBe(text);
    const file = `${folder}/${what}`;
    writeFileSync(file, changed);
    expect(await failureOf(file)).toMatch(/^bad-certificate: /);
  });

  test('is refused when another server has signed it anew in its own name', async () => {
    const other = await testIdentity('beta');
    const look = certify(`${folder}/theirs`, other, [`${folder}/root`]);
    expect(await failureOf(`${folder}/theirs`)).toBe('trusted');
    expect(await failureOf(`${folder}/theirs`, identity.fingerprint)).toContain('not by the expected one');
    // The head goes on naming the server that it is to be taken for.
    writeCertificate(`${folder}/faked`, { ...other, fingerprint: identity.fingerprint }, [`${folder}/root`], look);
    expect(await failureOf(`${folder}/faked`)).toContain('by another server than the one that it names');
  });

  test('and one that is as it was made is trusted, whatever case the fingerprint has', async () => {
    expect(await failureOf(`${folder}/c`, identity.fingerprint.toLowerCase().replaceAll(':', ''))).toBe('trusted');
  });
});

test('a certificate of a newer program says so', async () => {
  const folder = tempFolder();
  mkdirSync(`${folder}/root`);
  certify(`${folder}/c`, identity, [`${folder}/root`]);
  writeFileSync(`${folder}/d`, readFileSync(`${folder}/c`, 'utf8').replace('"version":1', '"version":2'));
  expect(await failureOf(`${folder}/d`)).toMatch(/^newer-data/);
});

test('a file that is no certificate at all, and none, are told apart', async () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/text`, 'some\ntext\nof three lines\n');
  expect(await failureOf(`${folder}/text`)).toMatch(/^bad-certificate/);
  expect(await failureOf(`${folder}/none`)).toMatch(/^not-found/);
});
