import { writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Catalog } from '../../../../../src-main/engine/catalog/index.ts';
import { MirrorControl } from '../../../../../src-main/engine/connection/source/mirror-control.ts';
import type { OrphanSearch } from '../../../../../src-main/engine/connection/source/orphan-search.ts';
import type { SetWalkParts } from '../../../../../src-main/engine/connection/source/set-walk.ts';
import { idleScouts } from '../../../../support/idle-scouts.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** The control of a connection that has sent its search for orphans and waits until the target has applied the op of that number. */
function open(catalog = new Catalog(':memory:')) {
  const searches: OrphanSearch[] = [];
  const nothing = () => undefined;
  const mirrors = new MirrorControl(catalog, 1, { scouts: idleScouts } as unknown as Omit<SetWalkParts, 'catalog'>, {
    wantSize: nothing,
    newSearch: () => {
      const search = {
        counts: { foldersSeen: 1, found: searches.length + 1, foundBytes: 0 },
        isSent: true,
        isOver: (sequence: number) => sequence >= 7,
      } as unknown as OrphanSearch;
      searches.push(search);
      return search;
    },
    checksumAll: () => false,
    hasLimits: () => false,
    plan: nothing,
    dropPlan: nothing,
    onLimited: nothing,
    underWayBytes: () => 0,
    dropTransfers: nothing,
  });
  return { catalog, mirrors, searches };
}

test('a search that waits for the target is not begun anew by a sweep, nor by a comparison', () => {
  const { catalog, mirrors, searches } = open();
  onTestFinished(() => catalog.close());
  mirrors.startSearch();
  mirrors.sweep();
  mirrors.compare();
  expect(searches).toHaveLength(1);
  mirrors.applied(7);
  expect(mirrors.searchStatus()).toMatchObject({ state: 'done', found: 1 });
});

test('a search that was not over is begun again by the comparison after a restart, once', () => {
  const { catalog, mirrors } = open();
  onTestFinished(() => catalog.close());
  mirrors.startSearch();
  const after = open(catalog);
  after.mirrors.compare();
  expect(after.searches).toHaveLength(1);
  after.mirrors.applied(7);
  const later = open(catalog);
  later.mirrors.compare();
  expect(later.searches).toHaveLength(0);
});

test('the size of a first mirror is asked for; afterwards the catalog knows it', async () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/a`, 'content');
  const bench = await SourceStagesBench.open(folder);
  const { mirrors } = bench.stages;
  mirrors.start({ kind: 'all' });
  expect(mirrors.status()).toMatchObject({ kind: 'calculating', calculatedBytes: null, percent: null });
  mirrors.calculated({ files: 1, bytes: 7 });
  expect(mirrors.status()).toMatchObject({ kind: 'mirroring', calculatedBytes: 7, percent: 0 });
  mirrors.stop();
  await bench.mirror({ kind: 'all' });
  mirrors.start({ kind: 'different' });
  expect(mirrors.status()).toMatchObject({ kind: 'mirroring', calculatedBytes: 7, percent: 0 });
});
