import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
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
  const { mirrors, catalog } = bench.stages;
  mirrors.start({ kind: 'different' });
  while (catalog.lookup(bench.at('a/f100')) === null) await (mirrors.hasWork ? mirrors.step(0, () => false) : nextTurn());
  expect(catalog.lookup(bench.at('a/f149'))).toBeNull();
  renameSync(`${folder}/a`, `${folder}/b`);
  fill('two');
  bench.renamed('a', 'b', true);
  await bench.follow();
  while (!mirrors.isSent) await (mirrors.hasWork ? mirrors.step(50, () => false) : nextTurn());
  bench.stages.outbox.flush();
  mirrors.complete();
  expect(bench.target.text('a/f149')).toBe('two');
});
