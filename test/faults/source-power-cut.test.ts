import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CutDisk } from '../support/cut-disk.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const obstacle = CutDisk.obstacle();
if (obstacle !== null) console.warn(`The tests of power cuts are left out: ${obstacle}.`);

/** What an administrator's programs do, from one version to the next; nothing of it is flushed. */
function change(root: string, version: number): void {
  for (let i = 0; i < 20; i++) writeFileSync(`${root}/file ${i}`, `version ${version} of ${i}`);
  appendFileSync(`${root}/log`, `${version}\n`.repeat(3_000));
  mkdirSync(`${root}/folder ${version}`);
  writeFileSync(`${root}/folder ${version}/new`, `only from ${version} on`);
  renameSync(`${root}/folder ${version - 1}`, `${root}/old folder ${version - 1}`);
  writeFileSync(`${root}/large`, Buffer.alloc(1_000_000, `large ${version}`));
}

describe.skipIf(obstacle !== null)('a source whose power is cut', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'understudy-cut-')));
  let disk: CutDisk;
  let pair: ServicePair;
  beforeAll(async () => {
    const made = CutDisk.make(`${folder}/disk`, 256);
    if (typeof made === 'string') throw new Error(made);
    disk = made;
    pair = await ServicePair.start({ source: { own: `${disk.folder}/service`, launcher: disk.launcher } });
  });
  afterAll(async () => {
    await pair.close();
    disk.remove();
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['before the target has heard of what is lost', false],
    ['after the target has received what is lost', true],
  ])('%s: what is there then arrives, and nothing that is there is missing', async (name, isReceived) => {
    const replica = new Replica(pair, name, `${pair.folder}/replicas/${name}`, `${disk.folder}/${name}`);
    mkdirSync(`${replica.source}/folder 0`);
    change(replica.source, 1);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    // All is on disk up to here; after it neither the files nor the catalog are.
    expect(spawnSync('sync', ['-f', disk.folder]).status).toBe(0);
    if (!isReceived) pair.proxy.swallow();
    for (const version of [2, 3]) {
      change(replica.source, version);
      if (isReceived) await replica.becomesEqual();
    }
    await pair.kill('source');
    disk.cut();
    pair.proxy.restore();
    await pair.start('source');
    expect(existsSync(`${replica.source}/folder 3`)).toBe(false);
    // The source knows no more that it ever sent these: they stay, as orphans, and are nobody's loss.
    const orphans = isReceived ? ['extra /folder 3', 'extra /old folder 1', 'extra /old folder 2'] : [];
    const isWhole = async () => {
      const differences = await replica.differences();
      return differences.every((line) => orphans.includes(line));
    };
    await eventually('the replica has all that the source has', isWhole, 30_000);
    await replica.settled();
    appendFileSync(`${replica.source}/log`, 'goes on');
    await eventually('and follows it', isWhole, 30_000);
    await replica.settled();
    expect((await replica.get()).problems).toEqual([]);
  });
});
