import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';
import { SteppingWriter } from '../support/stepping-writer.ts';

/** The line between the services goes through this process, which must not stand still while a program works. */
const run = promisify(execFile);

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

interface BackupProgram {
  readonly name: string;
  /** Backs `folder` up and restores that; resolves with the copy. `own` is a folder for its own files. */
  readonly copyOf: (folder: string, own: string) => Promise<string>;
}

const tar: BackupProgram = {
  name: 'tar',
  copyOf: async (folder, own) => {
    await run('tar', ['-C', folder, '--format=posix', '-cf', `${own}/archive.tar`, '.']);
    mkdirSync(`${own}/restored`);
    await run('tar', ['-xpf', `${own}/archive.tar`, '-C', `${own}/restored`]);
    return `${own}/restored`;
  },
};

const restic: BackupProgram = {
  name: 'restic',
  copyOf: async (folder, own) => {
    const env = {
      ...process.env,
      RESTIC_REPOSITORY: `${own}/repository`,
      RESTIC_PASSWORD: 'test',
      RESTIC_CACHE_DIR: `${own}/cache`,
    };
    await run('restic', ['init'], { env });
    await run('restic', ['backup', folder], { env });
    await run('restic', ['restore', 'latest', '--target', `${own}/restored`], { env });
    return join(`${own}/restored`, folder);
  },
};

const programs = [tar, restic].filter(({ name }) => {
  const isThere = spawnSync(name, [name === 'tar' ? '--version' : 'version']).status === 0;
  if (!isThere) console.warn(`snapshot-backup.test.ts: ${name} is not installed.`);
  return isThere;
});

/** As the document says: what nobody can change, where others may read it. */
function bindReadOnly(place: string, at: string): void {
  mkdirSync(at);
  expect(spawnSync('mount', ['--bind', '-o', 'ro', place, at]).status).toBe(0);
  onTestFinished(() => void spawnSync('umount', ['--lazy', at]));
}

describe.each([
  ['btrfs', 'subvolume'],
  ['xfs', 'clones'],
] as const)('on %s', (kind, how) => {
  const why = whyNoVolume(kind);
  if (why !== null) console.warn(`snapshot-backup.test.ts: no snapshots on ${kind}: ${why}.`);

  test.skipIf(why !== null)(
    'a backup of a snapshot is, byte for byte, what the source was at its cut, while source and replica go on',
    { timeout: 120_000 },
    async () => {
      const volume = `${pair.folder}/${kind}`;
      mountFresh(kind, volume);
      const root = `${volume}/replica`;
      if (how === 'subvolume') expect(spawnSync('btrfs', ['subvolume', 'create', root]).status).toBe(0);
      const replica = new Replica(pair, `read-${kind}`, root);
      const writer = new SteppingWriter(replica.source, `${pair.folder}/workshop-${kind}`);
      await replica.connect({ kind: 'all' });
      await replica.becomesEqual();
      writer.start();
      onTestFinished(() => writer.stop());
      const goesOn = async () => {
        const steps = writer.steps;
        const sequence = (await replica.held()).cut?.sequence ?? 0;
        await eventually('source and replica go on', async () => {
          const { cut } = await replica.held();
          return writer.steps > steps + 20 && (cut?.sequence ?? 0) > sequence;
        });
      };
      await goesOn();

      const before = (await replica.held()).cut;
      const snapshot = await pair.call('target', 'snapshot.take', {
        connectionId: replica.id,
        name: 'nightly',
        fileLevel: false,
      });
      const after = writer.steps;
      expect(snapshot).toMatchObject({ isGood: true, cut: { label: 'point-in-time' }, roots: [{ kind: how }] });
      const atMs = Date.parse(snapshot.cut?.at ?? '');
      // What the source did in the last moments may still be on its way; what the replica held is in it.
      expect(snapshot.cut?.sequence).toBeGreaterThanOrEqual(before?.sequence ?? Infinity);
      expect(atMs).toBeGreaterThanOrEqual(Date.parse(before?.at ?? ''));
      const mounted = `${pair.folder}/mounted-${kind}`;
      bindReadOnly(snapshot.roots[0]?.place ?? '', mounted);
      await goesOn();

      for (const { name, copyOf } of programs) {
        const own = `${pair.folder}/${name}-${kind}`;
        mkdirSync(own);
        const [copy] = await Promise.all([copyOf(mounted, own), goesOn()]);
        const step = writer.stepOf(copy);
        expect(step, `${name} restored a state that the source never had`).not.toBeNull();
        expect(step?.number).toBeLessThanOrEqual(after);
        expect(step?.begunMs).toBeLessThanOrEqual(atMs);
        expect(step?.overMs).toBeGreaterThanOrEqual(atMs);
      }
      writer.stop();
      await replica.becomesEqual();
      expect(writer.stepOf(replica.source)?.number).toBe(writer.steps);
      await replica.disconnect();
    },
  );
});
