import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import {
  checkCertificate,
  compareCopy,
  compareManifests,
  manifestOf,
  type AttributeName,
  type CopyDifference,
} from '../../../../src-main/engine/backup/index.ts';
import type { EngineIdentity } from '../../../../src-main/engine/connection/index.ts';
import { certify, writeCertificate } from '../../../support/certified.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { testIdentity } from '../../../support/test-identity.ts';

let identity: EngineIdentity;
beforeAll(async () => {
  identity = await testIdentity('beta');
});

/** A tree with all that may be in one, its certificate, and a copy. */
function start() {
  const folder = tempFolder();
  const root = `${folder}/root`;
  mkdirSync(`${root}/sub/empty`, { recursive: true });
  for (const name of ['a', 'b', 'sub/c', 'sub/d', 'sub-e']) writeFileSync(`${root}/${name}`, `content of ${name}`);
  writeFileSync(Buffer.from(`${root}/\xff\n"`, 'latin1'), 'x');
  symlinkSync('a', `${root}/link`);
  certify(`${folder}/c1`, identity, [root]);
  execFileSync('cp', ['-a', root, `${folder}/copy`]);
  return { folder, root, copy: `${folder}/copy` };
}

async function entriesOf(file: string) {
  return manifestOf(await checkCertificate(file, null));
}

async function compare(
  folder: string,
  ...[copy, options]: [copy: string, options?: { isQuick?: boolean; ignored?: AttributeName[] }]
) {
  const list: CopyDifference[] = [];
  const counts = await compareCopy(await entriesOf(`${folder}/c1`), {
    places: new Map([[0, copy]]),
    isQuick: options?.isQuick ?? false,
    ignored: new Set(options?.ignored),
    onDifference: (difference) => list.push(difference),
  });
  const shown = list.map(
    ({ what, path, properties }) => `${what} ${path}${properties.length > 0 ? ` (${properties.join(', ')})` : ''}`,
  );
  return { counts, shown };
}

test('a copy by cp and one by tar, which keeps whole seconds, are equal', async () => {
  const { folder, root, copy } = start();
  expect((await compare(folder, copy)).shown).toEqual([]);
  execFileSync('tar', ['-C', root, '-cf', `${folder}/t.tar`, '.']);
  mkdirSync(`${folder}/untarred`);
  execFileSync('tar', ['-C', `${folder}/untarred`, '-xpf', `${folder}/t.tar`]);
  const { shown, counts } = await compare(folder, `${folder}/untarred`);
  expect(shown).toEqual([]);
  expect(counts.entries).toBe(10);
});

test('one byte that changed without size and time is found, and not by a quick look', async () => {
  const { folder, root, copy } = start();
  writeFileSync(`${copy}/sub/c`, 'Content of sub/c');
  execFileSync('touch', ['-r', `${root}/sub/c`, `${copy}/sub/c`]);
  expect((await compare(folder, copy)).shown).toEqual(['different sub/c (content)']);
  expect((await compare(folder, copy, { isQuick: true })).shown).toEqual([]);
});

test('what is missing, additional or another thing is listed, each entry of a folder for itself', async () => {
  const { folder, copy } = start();
  rmSync(`${copy}/sub`, { recursive: true });
  writeFileSync(`${copy}/sub`, 'now a file');
  rmSync(`${copy}/a`);
  mkdirSync(`${copy}/zz`);
  writeFileSync(`${copy}/zz/new`, '');
  rmSync(`${copy}/link`);
  symlinkSync('b', `${copy}/link`);
  writeFileSync(`${copy}/b`, 'longer than it was before');
  const { shown, counts } = await compare(folder, copy, { ignored: ['time', 'mode', 'owner'] });
  expect(shown).toEqual([
    'missing a', 'different b (size)', 'different link (link)', 'different sub (kind)', 'missing sub/c', 'missing sub/d', 'missing sub/empty',
    'additional zz', 'additional zz/new',
  ]); // prettier-ignore
  expect(counts).toMatchObject({ missing: 4, additional: 2, different: 3, attributes: 0, unreadable: 0 });
});

test('differing attributes are told apart, and may be left out one by one', async () => {
  const { folder, copy } = start();
  chmodSync(`${copy}/a`, 0o741);
  utimesSync(`${copy}/b`, 1, 1);
  expect((await compare(folder, copy)).shown).toEqual(['attributes a (mode)', 'attributes b (time)']);
  expect((await compare(folder, copy, { ignored: ['time'] })).shown).toEqual(['attributes a (mode)']);
});

test('a copy that is not there lacks everything, one behind a link is found', async () => {
  const { folder, copy } = start();
  expect((await compare(folder, `${folder}/nowhere`)).counts).toMatchObject({ entries: 10, missing: 10 });
  symlinkSync(copy, `${folder}/way`);
  expect((await compare(folder, `${folder}/way`)).shown).toEqual([]);
});

test('a replica that is one file is compared with one', async () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/one`, 'x');
  certify(`${folder}/c1`, identity, [`${folder}/one`]);
  execFileSync('cp', ['-a', `${folder}/one`, `${folder}/copy`]);
  expect((await compare(folder, `${folder}/copy`)).shown).toEqual([]);
  writeFileSync(`${folder}/copy`, 'y');
  expect((await compare(folder, `${folder}/copy`, { ignored: ['time'] })).shown).toEqual(['different  (content)']);
});

test('two certificates tell what changed between them, and nothing else', async () => {
  const { folder, root, copy } = start();
  writeFileSync(`${root}/sub/d`, 'Content of sub/d');
  execFileSync('touch', ['-r', `${copy}/sub/d`, `${root}/sub/d`]);
  chmodSync(`${root}/a`, 0o600);
  rmSync(`${root}/b`);
  mkdirSync(`${root}/b`);
  writeFileSync(`${root}/b/new`, '');
  rmSync(`${root}/sub-e`);
  certify(`${folder}/c2`, identity, [root]);
  const shown: string[] = [];
  for await (const { what, path, kind } of compareManifests(await entriesOf(`${folder}/c1`), await entriesOf(`${folder}/c2`)))
    if (kind !== 'folder' || what === 'new') shown.push(`${what} ${path}`);
  expect(shown).toEqual(['attributes a', 'new b', 'new b/new', 'content sub/d', 'removed sub-e']);
});

test('a copy that keeps whole seconds has the same time before 1970 too, and another second is another time', async () => {
  const { folder, root } = start();
  const { entries, totals } = certify(`${folder}/c3`, identity, [root]);
  const early = entries.map((entry) => (entry.path === 'a' ? { ...entry, mtimeNs: -1_250_000_000n } : entry));
  rmSync(`${folder}/c1`);
  writeCertificate(`${folder}/c1`, identity, [root], { entries: early, totals });
  execFileSync('touch', ['-d', '@-2', `${folder}/copy/a`]);
  expect((await compare(folder, `${folder}/copy`)).shown).toEqual([]);
  execFileSync('touch', ['-d', '@-1', `${folder}/copy/a`]);
  expect((await compare(folder, `${folder}/copy`)).shown).toEqual(['attributes a (time)']);
});
