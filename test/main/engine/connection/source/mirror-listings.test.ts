import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hashExtended } from '../../../../../src-main/engine/fs/index.ts';
import type { ListedEntry } from '../../../../../src-main/engine/wire/index.ts';
import { plainAttributes } from '../../../../support/fake-source.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const OLD = new Date(1_000_000_000_000);

function listed(name: string, kind: 'file' | 'folder', size = 0): ListedEntry {
  const attributes = { ...plainAttributes, mtimeNs: BigInt(OLD.getTime()) * 1_000_000n };
  return { name, kind, size, attributes, extendedHash: hashExtended([]), linkTarget: null };
}

/** Begins a mirror and goes on with it, a few entries at a time, until it is where it is wanted. */
async function beginMirror(bench: SourceStagesBench, isThere: () => boolean): Promise<void> {
  const { mirrors } = bench.stages;
  mirrors.start({ kind: 'different' });
  while (!isThere()) await (mirrors.hasWork ? mirrors.step(0, () => false) : nextTurn());
}

async function endMirror(bench: SourceStagesBench): Promise<void> {
  const { mirrors, outbox } = bench.stages;
  while (!mirrors.isSent) await (mirrors.hasWork ? mirrors.step(50, () => false) : nextTurn());
  outbox.flush();
  mirrors.complete();
}

/** Fifty files of which a mirror visits some at a time, and which the target lists as they are. */
async function fifty(): Promise<{ folder: string; bench: SourceStagesBench; put: (name: string, content: string) => void }> {
  const folder = tempFolder();
  const put = (name: string, content: string) => {
    writeFileSync(`${folder}/${name}`, content);
    utimesSync(`${folder}/${name}`, OLD, OLD);
  };
  const names = Array.from({ length: 50 }, (_, i) => `f${i + 100}`);
  for (const name of names) put(name, 'one');
  const bench = await SourceStagesBench.open(folder);
  bench.target.listings.set(
    '',
    names.map((name) => listed(name, 'file', 3)),
  );
  return { folder, bench, put };
}

test('a mirror asks for a folder again of which an earlier one heard when the source did not have it', async () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/a`, 'one');
  const bench = await SourceStagesBench.open(folder);
  bench.target.listings.set('', [listed('only there', 'folder')]);
  bench.target.listings.set('only there', [listed('f', 'file', 3)]);
  await bench.mirror({ kind: 'different' });
  bench.target.listings.set('only there', []);
  mkdirSync(`${folder}/only there`);
  writeFileSync(`${folder}/only there/f`, 'new');
  utimesSync(`${folder}/only there/f`, OLD, OLD);
  await bench.mirror({ kind: 'different' });
  expect(bench.target.text('only there/f')).toBe('new');
});

test('a folder that takes the place of one that is moved away in the middle of a mirror is sent, whatever the target had there', async () => {
  const folder = tempFolder();
  const names = Array.from({ length: 50 }, (_, i) => `f${i + 100}`);
  const fill = (content: string) => {
    mkdirSync(`${folder}/a`);
    for (const name of names) {
      writeFileSync(`${folder}/a/${name}`, content);
      utimesSync(`${folder}/a/${name}`, OLD, OLD);
    }
  };
  fill('one');
  const bench = await SourceStagesBench.open(folder);
  const files = names.map((name) => listed(name, 'file', 3));
  bench.target.listings.set('', [listed('a', 'folder')]);
  bench.target.listings.set('a', files);
  const { catalog } = bench.stages;
  await beginMirror(bench, () => catalog.lookup(bench.at('a/f100')) !== null);
  expect(catalog.lookup(bench.at('a/f149'))).toBeNull();
  renameSync(`${folder}/a`, `${folder}/b`);
  fill('two');
  bench.renamed('a', 'b', true);
  await bench.follow();
  await endMirror(bench);
  expect(bench.target.text('a/f149')).toBe('two');
});

test('a name that a live change took from the target in the middle of a mirror is sent when it is back, although the target had listed it', async () => {
  const { folder, bench, put } = await fifty();
  const { catalog } = bench.stages;
  await beginMirror(bench, () => catalog.lookup(bench.at('f100')) !== null);
  expect(catalog.lookup(bench.at('f149'))).toBeNull();
  put('f149', 'two');
  bench.touched('f149', true);
  await bench.follow();
  rmSync(`${folder}/f149`);
  bench.gone('f149');
  await bench.follow();
  expect(bench.target.text('f149')).toBeUndefined();
  put('f149', 'new');
  await endMirror(bench);
  expect(bench.target.text('f149')).toBe('new');
});

test('a name that moved away on the target in the middle of a mirror is sent when another name of its file comes there', async () => {
  const { folder, bench } = await fifty();
  const { catalog } = bench.stages;
  await bench.mirror({ kind: 'all' });
  await beginMirror(bench, () => catalog.lookup(bench.at('f100'))?.epoch === bench.stages.mirrors.epoch);
  renameSync(`${folder}/f149`, `${folder}/moved`);
  bench.renamed('f149', 'moved');
  await bench.follow();
  linkSync(`${folder}/moved`, `${folder}/f149`);
  await endMirror(bench);
  expect(bench.target.text('f149')).toBe('one');
});

test('a file that came to the old name of one that the mirror itself found moved is sent', async () => {
  const folder = tempFolder();
  const put = (content: string) => {
    writeFileSync(`${folder}/z`, content);
    utimesSync(`${folder}/z`, OLD, OLD);
  };
  put('one');
  const bench = await SourceStagesBench.open(folder);
  await bench.mirror({ kind: 'all' });
  bench.target.listings.set('', [listed('z', 'file', 3)]);
  renameSync(`${folder}/z`, `${folder}/a`);
  put('two');
  await bench.mirror({ kind: 'different' });
  expect(bench.target.text('z')).toBe('two');
});

test('attributes that a live change set in the middle of a mirror do not stay when the source has those that were listed', async () => {
  const { folder, bench } = await fifty();
  const { catalog } = bench.stages;
  await bench.mirror({ kind: 'all' });
  const lastMode = () => {
    const op = bench.target.ops.findLast((each) => 'path' in each && each.path === 'f149' && 'attributes' in each);
    return op !== undefined && 'attributes' in op ? op.attributes.mode : null;
  };
  const mode = lastMode();
  await beginMirror(bench, () => catalog.lookup(bench.at('f100'))?.epoch === bench.stages.mirrors.epoch);
  chmodSync(`${folder}/f149`, 0o600);
  bench.touched('f149', false);
  await bench.follow();
  expect(lastMode()).toBe(0o600);
  chmodSync(`${folder}/f149`, mode ?? 0);
  await endMirror(bench);
  bench.touched('f149', false);
  await bench.follow();
  expect(lastMode()).toBe(mode);
  expect(bench.target.ops.filter((op) => op.kind === 'write' && op.path === 'f149')).toHaveLength(1);
});

test('blocks that were compared with what a live change took from the target meanwhile do not count as equal', async () => {
  const folder = tempFolder();
  const put = (content: string) => {
    writeFileSync(`${folder}/f`, content);
    utimesSync(`${folder}/f`, OLD, OLD);
  };
  put('one');
  const bench = await SourceStagesBench.open(folder);
  bench.target.listings.set('', [{ ...listed('f', 'file', 3), attributes: plainAttributes }]);
  bench.target.files.set('f', { bytes: Buffer.from('one') });
  const { mirrors } = bench.stages;
  mirrors.start({ kind: 'checksum' });
  while (mirrors.hasWork) await mirrors.step(50, () => false);
  expect(mirrors.isSent).toBe(false);
  put('two');
  bench.touched('f', true);
  await bench.follow();
  rmSync(`${folder}/f`);
  bench.gone('f');
  await bench.follow();
  put('one');
  await endMirror(bench);
  expect(bench.target.text('f')).toBe('one');
});
