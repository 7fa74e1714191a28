import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  AttributeSetter,
  KeptDeleted,
  OrphanHandler,
  OrphanList,
  ReplicaPaths,
  ReplicaRecords,
  type OrphanPolicy,
} from '../../../../src-main/engine/apply/index.ts';
import { statEntry } from '../../../../src-main/engine/fs/index.ts';
import type { EntryKind } from '../../../../src-main/engine/model/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';
import { mountSmallDisk } from '../../../support/without-root.ts';

const deleting: OrphanPolicy = { action: 'delete', moveTo: null, olderThanHours: 0 };

/** A replica whose target deletes every orphan that it may. */
function makeReplica(
  options: { policy?: OrphanPolicy; otherRoots?: (root: string) => readonly string[]; nowMs?: () => number } = {},
) {
  const base = tempFolder();
  const root = join(base, 'replica');
  mkdirSync(root);
  const records = new ReplicaRecords(':memory:');
  onTestFinished(() => records.close());
  const kept = new KeptDeleted(records);
  const list = new OrphanList(records, 'c1');
  const handler = new OrphanHandler({
    list,
    kept,
    paths: new ReplicaPaths([root]),
    roots: [root],
    setName: 'files',
    attributes: new AttributeSetter(() => undefined),
    policy: () => options.policy ?? deleting,
    otherRoots: () => options.otherRoots?.(root) ?? [],
    changed: () => undefined,
    nowMs: options.nowMs ?? Date.now,
  });
  const put = (path: string, content = 'x') => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  return {
    base,
    root,
    kept,
    put,
    /** Tells of what is there now, as a source would that listed it; gives what became of it. */
    orphan(path: string, listed: { entry?: EntryKind; size?: number; mtimeNs?: bigint } = {}): string {
      const stat = statEntry(join(root, path));
      const entry = stat?.kind ?? 'file';
      handler.handle({
        root: 0,
        path,
        entry,
        size: entry === 'file' ? (stat?.size ?? 0) : 0,
        mtimeNs: stat?.mtimeNs ?? 0n,
        ...listed,
      });
      const found = list.page(0, 100).find((line) => line.path === join(root, path));
      return found === undefined ? 'not listed' : `${found.outcome} ${found.why}`.trim();
    },
    has: (path: string) => existsSync(join(root, path)),
  };
}

describe('an orphan stays', () => {
  test('when it is not exactly what was listed', () => {
    const replica = makeReplica();
    replica.put('size');
    replica.put('date');
    replica.put('kind/inside');
    expect(replica.orphan('size', { size: 99 })).toBe('stayed It changed since it was found.');
    expect(replica.orphan('date', { mtimeNs: 1n })).toBe('stayed It changed since it was found.');
    expect(replica.orphan('kind', { entry: 'file' })).toBe('stayed It changed since it was found.');
    expect(['size', 'date', 'kind/inside'].every(replica.has)).toBe(true);
    expect(replica.orphan('gone'), 'what is gone is none').toBe('not listed');
  });

  test('when it is kept on purpose, or holds what is', () => {
    const replica = makeReplica();
    replica.put('folder/kept');
    const stat = statEntry(join(replica.root, 'folder/kept'));
    if (stat !== null) replica.kept.add(join(replica.root, 'folder/kept'), stat, 'files', 0);
    expect(replica.orphan('folder/kept')).toMatch(/^stayed The source deleted it/);
    expect(replica.orphan('folder')).toMatch(/^stayed The source deleted it/);
    expect(replica.has('folder/kept')).toBe(true);
  });

  test('when another replica lies there, above or below, also under another name of the place', () => {
    const replica = makeReplica({ otherRoots: (root) => [`${root}/other/deep`, `${root}/../alias/linked`] });
    symlinkSync(replica.root, join(replica.base, 'alias'));
    replica.put('other/deep/file');
    replica.put('linked/file');
    replica.put('mine');
    for (const path of ['other/deep/file', 'other/deep', 'other', 'linked/file', 'linked'])
      expect(replica.orphan(path), path).toBe('stayed It belongs to another replica.');
    expect(replica.orphan('mine')).toBe('deleted');
  });

  test('when it is the root, lies behind a link, or is our own stage', () => {
    const replica = makeReplica();
    const outside = join(replica.base, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'file'), 'x');
    symlinkSync(outside, join(replica.root, 'trap'));
    replica.put('.understudy-stage/c1/7');
    replica.orphan('');
    expect(replica.orphan('trap/file')).toMatch(/^stayed .*outside/);
    expect(replica.orphan('.understudy-stage/c1/7')).toMatch(/^stayed .*outside/);
    expect(existsSync(join(outside, 'file')) && replica.has('.understudy-stage/c1/7') && replica.has('')).toBe(true);
    expect(replica.orphan('trap'), 'the link itself goes').toBe('deleted');
    expect(existsSync(join(outside, 'file'))).toBe(true);
  });

  test('when it is a folder that is not empty, or younger than the limit', () => {
    let now = Date.now();
    const replica = makeReplica({ policy: { ...deleting, olderThanHours: 24 }, nowMs: () => now });
    replica.put('folder/inside');
    expect(replica.orphan('folder/inside')).toBe('stayed It is younger than 24 hours.');
    now += 25 * 3_600_000;
    expect(replica.orphan('folder')).toMatch(/^stayed .*not empty/);
    expect(replica.orphan('folder/inside')).toBe('deleted');
  });

  test('when it lies on a volume that is mounted inside the replica', ({ skip }) => {
    const replica = makeReplica();
    const disk = mountSmallDisk(join(replica.root, 'mounted'), 4);
    if (disk === null) return skip('needs root and mount');
    onTestFinished(() => disk.unmount());
    replica.put('mounted/file');
    expect(replica.orphan('mounted/file')).toBe('stayed It lies on another volume than the replica.');
    expect(replica.orphan('mounted')).toBe('stayed It lies on another volume than the replica.');
    expect(replica.has('mounted/file')).toBe(true);
  });
});
