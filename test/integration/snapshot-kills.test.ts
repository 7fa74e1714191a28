import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  deleteSnapshot,
  finishReverts,
  revertTo,
  SnapshotStore,
  takeSnapshot,
  tidySnapshots,
} from '../../src-main/engine/snapshots/index.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import type { SnapshotChildJob } from '../support/snapshot-child.ts';
import { snapshotDraft } from '../support/snapshot-draft.ts';
import { tempFolder } from '../support/temp-folder.ts';

const onEntry = (): void => undefined;
/** Runs it in a process that ends as by `kill -9` at that step. */
function killedAt(killAt: string, job: Omit<SnapshotChildJob, 'killAt'>): void {
  const script = join(import.meta.dirname, '../support/snapshot-child.ts');
  const { signal, stderr } = spawnSync(process.execPath, [script, JSON.stringify({ ...job, killAt })], { encoding: 'utf8' });
  expect([killAt, signal, stderr]).toEqual([killAt, 'SIGKILL', '']);
}

/** As a service does when it starts. */
async function recover(folder: string): Promise<SnapshotStore> {
  const store = new SnapshotStore(folder);
  await finishReverts(store.list(null), store);
  expect(tidySnapshots(store, () => false)).toEqual([]);
  return store;
}

function write(root: string, version: 'old' | 'new'): void {
  writeFileSync(`${root}/f`, version);
  writeFileSync(`${root}/only-${version}`, '');
  rmSync(`${root}/only-${version === 'old' ? 'new' : 'old'}`, { force: true });
}

/** Which of the two the root holds, all of it. */
function versionIn(root: string): string {
  const version = readFileSync(`${root}/f`, 'utf8');
  expect(readdirSync(root).filter((name) => !name.startsWith('.'))).toEqual(['f', `only-${version}`, 'sub'].sort());
  expect(statSync(`${root}/sub`).mode & 0o777).toBe(0o701);
  return version;
}

const exchanged = ['exchanged', 'swapped'];
const moved = ['emptied', 'filled', 'swapped'];

test.for([
  { kind: 'btrfs', root: 'subvolume', after: exchanged },
  { kind: 'xfs', root: 'tree', after: exchanged },
  { kind: 'xfs', root: '.', after: moved },
] as const)(
  'a kill at any step leaves the old state or the new one on $kind ($root)',
  async ({ kind, root: name, after }, { skip }) => {
    const why = whyNoVolume(kind);
    if (why !== null) skip(why);
    const base = tempFolder();
    const volume = join(base, 'volume');
    mountFresh(kind, volume);
    const root = join(volume, name);
    if (name === 'subvolume') expect(spawnSync('btrfs', ['subvolume', 'create', root]).status).toBe(0);
    mkdirSync(`${root}/sub`, { recursive: true, mode: 0o701 });
    const folder = join(base, 'list');
    write(root, 'old');

    for (const step of ['recorded', 'taken', 'flushed']) {
      killedAt(step, { folder, draft: snapshotDraft(root), revertTo: null });
      expect((await recover(folder)).list(null)).toEqual([]);
      expect([versionIn(root), existsSync(`${volume}/.understudy-stage`)]).toEqual(['old', false]);
    }

    const old = await takeSnapshot(snapshotDraft(root), { store: new SnapshotStore(folder), onEntry, onTaken: onEntry });
    write(root, 'new');
    for (const step of ['recorded', 'built']) {
      killedAt(step, { folder, draft: snapshotDraft(root), revertTo: old.id });
      expect((await recover(folder)).list(null)).toEqual([old]);
      expect(versionIn(root)).toBe('new');
    }
    for (const step of ['swapping', ...after]) {
      const draft = snapshotDraft(root);
      killedAt(step, { folder, draft, revertTo: old.id });
      const store = await recover(folder);
      expect([step, versionIn(root)]).toEqual([step, 'old']);
      // What was there is a snapshot, whole, and the way back.
      const kept = store.ready('c', draft.id);
      expect(versionIn(kept.roots[0]?.place ?? '')).toBe('new');
      const hooks = { store, onEntry, onBuilt: () => Promise.resolve() };
      const again = await revertTo(kept, snapshotDraft(root), hooks);
      expect(versionIn(root)).toBe('new');
      for (const one of [kept, again]) deleteSnapshot(one, store);
    }
    const store = new SnapshotStore(folder);
    expect(store.list(null)).toEqual([old]);
    deleteSnapshot(old, store);
    expect([versionIn(root), existsSync(`${volume}/.understudy-stage`)]).toEqual(['new', false]);
  },
);

test('a disk that is full in the middle leaves nothing of the snapshot, and the replica as it is', async ({ skip }) => {
  const why = whyNoVolume('xfs');
  if (why !== null) skip(why);
  const base = tempFolder();
  const volume = join(base, 'volume');
  mountFresh('xfs', volume);
  const root = join(volume, 'tree');
  mkdirSync(root);
  for (let i = 0; i < 3_000; i++) writeFileSync(`${root}/f${i}`, '');
  // It ends when nothing is free; what is in the way of the snapshot is room for its names.
  expect(spawnSync('dd', ['if=/dev/zero', `of=${volume}/ballast`, 'bs=1M']).status).not.toBe(0);
  const store = new SnapshotStore(join(base, 'list'));
  let files = 0;
  const hooks = { store, onTaken: onEntry, onEntry: (counts: { files: number }) => void (files = counts.files) };
  await expect(takeSnapshot(snapshotDraft(root), hooks)).rejects.toMatchObject({ code: 'disk-full' });
  expect(files).toBeGreaterThan(0);
  expect([store.list(null), existsSync(`${volume}/.understudy-stage`)]).toEqual([[], false]);
  expect(readdirSync(root)).toHaveLength(3_000);
});
