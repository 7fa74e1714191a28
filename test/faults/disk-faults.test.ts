import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { plainAttributes } from '../support/fake-source.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';
import { startTarget } from '../support/target-fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testIdentity } from '../support/test-identity.ts';
import { mountSmallDisk, withoutRoot, type SmallDisk } from '../support/without-root.ts';

const MEBIBYTE = 1024 * 1024;
const launcher = withoutRoot();
const isRoot = process.getuid?.() === 0;
const mayMount = canMount();
if (!mayMount) console.warn('No right to mount small disks: the tests of full and read-only ones are left out.');
if (launcher === null || !isRoot) console.warn('Not root, or without setpriv: the tests of foreign folders are left out.');

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start(launcher === null ? {} : { launcher });
});
afterAll(async () => {
  await pair.close();
});

function canMount(): boolean {
  const folder = `${process.env.TMPDIR ?? '/tmp'}/understudy-probe-${process.pid}`;
  const disk = mountSmallDisk(folder, 1);
  disk?.unmount();
  rmSync(folder, { recursive: true, force: true });
  return disk !== null;
}

function smallDisk(folder: string, mebibytes: number): SmallDisk {
  const disk = mountSmallDisk(folder, mebibytes);
  if (disk === null) throw new Error('could be mounted before');
  onTestFinished(() => disk.unmount());
  return disk;
}

const hasProblem = (code: string) => (snapshot: { problems: readonly { code: string }[] }) =>
  snapshot.problems.some((problem) => problem.code === code);

describe.skipIf(!mayMount)('a disk of the target', () => {
  test('full when a change of a large file is committed: the old file stays whole, and the new one follows when there is room', async () => {
    const disk = smallDisk(`${pair.folder}/commit disk`, 10);
    const replica = new Replica(pair, 'full-in-commit', `${disk.folder}/replica`);
    writeFileSync(`${replica.source}/large`, Buffer.alloc(6 * MEBIBYTE, 'before'));
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    const fd = openSync(`${replica.source}/large`, 'r+');
    writeSync(fd, Buffer.alloc(100_000, 'after'), 0, 100_000, 3 * MEBIBYTE);
    closeSync(fd);
    await replica.when('the full disk is said', hasProblem('disk-full'));
    let looks = 0;
    await eventually('what was built half leaves its room to others, and not just for the moment of the next try', () => {
      const { bavail, bsize } = statfsSync(disk.folder);
      looks = bavail * bsize > MEBIBYTE ? looks + 1 : 0;
      return looks >= 8;
    });
    writeFileSync(`${replica.source}/behind it`, 'waits');
    // Ops go in order, so what comes behind waits too; and the large file is what it was.
    await replica.when('both wait on the target', ({ statistics }) => statistics.targetQueueOps >= 2);
    expect(existsSync(`${replica.target}/behind it`)).toBe(false);
    expect(readFileSync(`${replica.target}/large`).equals(Buffer.alloc(6 * MEBIBYTE, 'before'))).toBe(true);
    disk.resize(40);
    await replica.becomesEqual();
    await replica.when('no problem is left', ({ problemCount }) => problemCount === 0);
  });

  test('read-only for a while: nothing is skipped', async () => {
    const disk = smallDisk(`${pair.folder}/locked disk`, 20);
    const replica = new Replica(pair, 'read-only', `${disk.folder}/replica`);
    mkdirSync(`${replica.source}/folder`);
    for (let i = 0; i < 20; i++) writeFileSync(`${replica.source}/folder/${i}`, `before ${i}`);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    await eventually('nothing is open on the disk', () => disk.setReadOnly(true));
    for (let i = 0; i < 20; i++) appendFileSync(`${replica.source}/folder/${i}`, ' and after');
    writeFileSync(`${replica.source}/large`, Buffer.alloc(2 * MEBIBYTE, 'x'));
    rmSync(`${replica.source}/folder/3`);
    await replica.when('it is said', hasProblem('read-only'));
    disk.setReadOnly(false);
    await replica.becomesEqual();
    await replica.when('no problem is left', ({ problemCount }) => problemCount === 0);
  });

  test('full under the queue: nothing is acknowledged that is not there, and it goes on when there is room', async () => {
    const [identity, source] = await Promise.all([testIdentity('beta'), testIdentity('alpha')]);
    const base = tempFolder();
    const disk = smallDisk(join(base, 'data'), 2);
    const root = join(base, 'replica');
    const target = await startTarget({ dataDir: disk.folder, identity, source, roots: [root] });
    const fake = await target.join();
    await fake.whenApplied(fake.folder(''));
    const { bavail, bsize } = statfsSync(disk.folder);
    writeFileSync(join(disk.folder, 'filler'), Buffer.alloc(Math.max(0, bavail - 16) * bsize));
    const name = 'n'.repeat(200);
    let last = 0;
    for (let i = 0; i < 400; i++)
      last = fake.ops([
        { kind: 'symlink', root: 0, path: `${name}${i}`, target: 't'.repeat(3_000), attributes: plainAttributes },
      ]);
    await eventually('the full disk is said', () => target.replica()?.problem?.code === 'disk-full', 20_000);
    expect(fake.lastAck?.received ?? 0).toBeLessThan(last);
    rmSync(join(disk.folder, 'filler'));
    disk.resize(20);
    await eventually('all of it is applied', () => (fake.lastAck?.applied ?? 0) >= last, 30_000);
    await eventually('the full disk is forgotten', () => target.replica()?.problem === null);
    fake.cut();
  });
});

describe.skipIf(launcher === null || !isRoot)('a folder in the middle of a tree that is somebody else’s', () => {
  test('on the source: its files are told, the others go on, and it follows when it can be read', async () => {
    const replica = new Replica(pair, 'closed-source');
    const closed = `${replica.source}/a/closed`;
    mkdirSync(closed, { recursive: true });
    mkdirSync(`${replica.source}/b`);
    for (const folder of ['a', 'a/closed', 'b']) writeFileSync(`${replica.source}/${folder}/file`, folder);
    chmodSync(closed, 0);
    await replica.connect({ kind: 'all' });
    await replica.when('it is said', hasProblem('permission-denied'));
    await eventually('the others arrive', () => existsSync(`${replica.target}/b/file`) && existsSync(`${replica.target}/a/file`));
    chmodSync(closed, 0o755);
    await replica.becomesEqual();
    writeFileSync(`${closed}/later`, 'live');
    await replica.becomesEqual();
    await replica.when('no problem is left', ({ problemCount }) => problemCount === 0);
  });

  test('on the target: the others go on, and the folder is put right by the op that sets its owner and mode', async () => {
    const replica = new Replica(pair, 'closed-target');
    mkdirSync(`${replica.source}/a/closed`, { recursive: true });
    writeFileSync(`${replica.source}/a/closed/file`, 'before');
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    chownSync(`${replica.target}/a/closed`, 65_534, 65_534);
    chmodSync(`${replica.target}/a/closed`, 0o700);
    writeFileSync(`${replica.source}/a/closed/file`, 'after');
    writeFileSync(`${replica.source}/a/other`, 'goes on');
    await eventually('the other arrives', () => existsSync(`${replica.target}/a/other`));
    await replica.becomesEqual();
    writeFileSync(`${replica.source}/a/closed/file`, 'after all');
    await replica.becomesEqual();
    await replica.when('no problem is left', ({ problemCount }) => problemCount === 0);
  });
});
