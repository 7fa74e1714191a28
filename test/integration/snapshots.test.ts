import { spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredSnapshot } from '../../src-main/api/index.ts';
import { rawName } from '../../src-main/base/index.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { eventually } from '../support/eventually.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

const park = (connectionId: string) => pair.call('source', 'connection.park', { connectionId, reason: 'a test' });

async function parked(replica: Replica): Promise<void> {
  await park(replica.id);
  await replica.when('it is parked', (now) => now.park?.kind === 'parked');
  // The target hears the end of the link a moment later.
  await eventually('the target knows', async () => (await replica.held()).state === 'waiting-for-source');
}

function take(replica: Replica, name = ''): Promise<StoredSnapshot> {
  return pair.call('target', 'snapshot.take', { connectionId: replica.id, name, fileLevel: false });
}

const listOf = (replica: Replica) => pair.call('target', 'snapshot.list', { connectionId: replica.id });

async function differences(one: string, other: string): Promise<string[]> {
  const { list } = await compareTrees([{ from: rawName(one), to: rawName(other) }], { bytes: true });
  return list.map(({ what, path }) => `${what} ${path}`);
}

/** What a snapshot has to keep apart: names of one file, links, modes, empty folders, and many files that a revert need not send again. */
function fill(folder: string): void {
  mkdirSync(`${folder}/deep/er`, { recursive: true });
  mkdirSync(`${folder}/empty`, { mode: 0o750 });
  for (let i = 0; i < 50; i++) writeFileSync(`${folder}/deep/er/f${i}`, `file ${i}`);
  writeFileSync(`${folder}/doomed`, 'stays in the snapshot');
  writeFileSync(`${folder}/edited`, Buffer.alloc(300_000, 'a'), { mode: 0o640 });
  linkSync(`${folder}/edited`, `${folder}/deep/again`);
  symlinkSync('deep/er', `${folder}/way`);
}

describe.each([
  ['btrfs', 'subvolume', 'subvolume'],
  ['xfs', 'top of the volume', 'clones'],
] as const)('on %s, where the replica is a %s', (kind, what, how) => {
  const why = whyNoVolume(kind);
  if (why !== null) console.warn(`snapshots.test.ts: no snapshots on ${kind}: ${why}.`);

  test.skipIf(why !== null)(
    'a snapshot of a live replica keeps its state, and a parked replica can be set back to it and brought level again',
    async () => {
      const volume = `${pair.folder}/${kind}-${how}`;
      mountFresh(kind, volume);
      const root = what === 'top of the volume' ? volume : join(volume, 'replica');
      if (how === 'subvolume') expect(spawnSync('btrfs', ['subvolume', 'create', root]).status).toBe(0);
      const replica = new Replica(pair, `kept-${kind}-${how}`, root);
      fill(replica.source);
      await replica.connect({ kind: 'all' });
      await replica.becomesEqual();

      const taken = await take(replica, 'before');
      expect(taken).toMatchObject({
        name: 'before',
        isGood: true,
        takenBy: 'admin',
        certificateId: null,
        cut: { label: 'point-in-time' },
      });
      expect(taken.cut?.sequence).toBe(taken.appliedSequence);
      const place = taken.roots[0]?.place ?? '';
      expect(taken.roots).toMatchObject([{ kind: how }]);
      expect(await differences(replica.source, place)).toEqual([]);

      rmSync(`${replica.source}/doomed`);
      writeFileSync(`${replica.source}/edited`, Buffer.alloc(300_000, 'b'));
      writeFileSync(`${replica.source}/new`, 'not in the snapshot');
      await replica.becomesEqual();
      expect(readFileSync(`${place}/edited`, 'latin1')[0]).toBe('a');
      await expect(
        pair.call('target', 'snapshot.revert', { connectionId: replica.id, snapshotId: taken.id }),
      ).rejects.toMatchObject({
        code: 'revert-refused',
      });

      await parked(replica);
      const now = await take(replica);
      const kept = await pair.call('target', 'snapshot.revert', { connectionId: replica.id, snapshotId: taken.id });
      expect(await differences(place, root)).toEqual([]);
      // What it took away is a snapshot, too.
      expect(kept).toMatchObject({ isGood: true, name: `before the revert to ${taken.id}` });
      expect(await differences(now.roots[0]?.place ?? '', kept.roots[0]?.place ?? '')).toEqual([]);
      expect((await replica.held()).snapshots).toMatchObject({ isComplete: false, reverted: { snapshotId: taken.id }, count: 3 });
      await expect(take(replica)).rejects.toMatchObject({ code: 'snapshot-refused' });

      // Coming back without a word about a mirror changes nothing of it.
      await pair.call('source', 'connection.reconnect', { connectionId: replica.id, mirror: null });
      await replica.when('it is back', ({ replication }) => replication === 'pending');
      await pair.call('target', 'replica.configure', { connectionId: replica.id, settings: { orphans: { action: 'delete' } } });
      writeFileSync(`${replica.source}/deep/later`, 'written while it was set back');
      const { mirror } = await replica.mirror({ kind: 'different', orphans: true });
      await replica.becomesEqual();
      // The files that are the same on both sides were not sent.
      expect(mirror.kind === 'idle' && mirror.lastResult?.sentFiles).toBeLessThan(10);
      await eventually('it is complete again', async () => (await replica.held()).snapshots.isComplete);
      expect(await differences(place, replica.source)).not.toEqual([]);

      // The list outlives a kill, and a snapshot its connection.
      await pair.kill('target');
      // One more of which a kill in the middle of its deletion left everything.
      const record = `${pair.services.target.dataDir}/snapshots/${replica.id}/${now.id}.summary.json`;
      writeFileSync(record, readFileSync(record, 'utf8').replace('"state":"ready"', '"state":"going"'));
      await pair.start('target');
      await eventually('what the kill left is gone', () => !existsSync(record) && !existsSync(now.roots[0]?.place ?? ''));
      expect((await listOf(replica)).map(({ id }) => id)).toEqual([kept.id, taken.id]);
      await replica.when('the link is up', ({ link }) => link.kind === 'up');
      await replica.disconnect();
      await eventually('it is released', async () =>
        (await pair.call('target', 'replica.list', null)).every(({ connectionId }) => connectionId !== replica.id),
      );
      await pair.call('target', 'snapshot.revert', { connectionId: replica.id, snapshotId: taken.id });
      expect(await differences(place, root)).toEqual([]);
      for (const { id: snapshotId } of await listOf(replica))
        await pair.call('target', 'snapshot.delete', { connectionId: replica.id, snapshotId });
      expect(await listOf(replica)).toEqual([]);
      expect(existsSync(`${what === 'top of the volume' ? root : volume}/.understudy-stage`)).toBe(false);
      expect(readdirSync(root)).toContain('doomed');
    },
  );
});

test('where the file system has no snapshots that is said, with what would do', async () => {
  const replica = new Replica(pair, 'without');
  writeFileSync(`${replica.source}/f`, 'x');
  await replica.connect({ kind: 'all' });
  await replica.becomesEqual();
  const refusal = await take(replica).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'no-snapshots' });
  expect(existsSync(`${pair.folder}/replicas/.understudy-stage/snapshots`)).toBe(false);
  // It goes on.
  writeFileSync(`${replica.source}/g`, 'y');
  await replica.becomesEqual();
  await replica.disconnect();
});
