import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initialReplicaSettings } from '../../src-main/api/index.ts';
import { STAGE_FOLDER } from '../../src-main/engine/model/index.ts';
import { encodeSource, type WireOp } from '../../src-main/engine/wire/index.ts';
import { eventually } from '../support/eventually.ts';
import { plainAttributes, type FakeSource, type UnnumberedOp } from '../support/fake-source.ts';
import { FrameMutator } from '../support/frame-mutator.ts';
import { Random } from '../support/property/random.ts';
import { startTarget, type TargetFixture } from '../support/target-fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testIdentity } from '../support/test-identity.ts';

const identities = Promise.all([testIdentity('beta'), testIdentity('alpha')]);
const ROUNDS = 25;
const OPS_A_ROUND = 120;

/** A disk with a replica in the middle, and around it everything that a hostile source would like to reach. */
interface Ground {
  readonly base: string;
  readonly replica: string;
  readonly target: TargetFixture;
  /** All that lies outside the replica, as one text per entry: anything that changes shows. */
  outside(): readonly string[];
}

async function makeGround(): Promise<Ground> {
  const [identity, source] = await identities;
  const base = tempFolder();
  for (const folder of ['data', 'outside', 'outside/folder', 'replica-of-another', 'rep']) mkdirSync(join(base, folder));
  for (const file of ['outside/secret', 'outside/folder/file', 'replica-of-another/a', 'rep/a'])
    writeFileSync(join(base, file), file);
  const replica = join(base, 'replica');
  mkdirSync(join(replica, 'planted'), { recursive: true });
  // What somebody left in the replica: ways out of it.
  symlinkSync('../outside', join(replica, 'way-out'));
  symlinkSync(join(base, 'outside/secret'), join(replica, 'planted/secret'));
  symlinkSync('/', join(replica, 'planted/root'));
  linkSync(join(base, 'rep/a'), join(base, 'rep/second name'));
  const target = await startTarget({
    dataDir: join(base, 'data'),
    identity,
    source,
    roots: [replica],
    // A target that does whatever it may.
    settings: { ...initialReplicaSettings, orphans: { action: 'delete', moveTo: null, olderThanHours: 0 } },
  });
  const outside = () => {
    const lines: string[] = [];
    const visit = (folder: string) => {
      for (const name of readdirSync(folder).sort()) {
        const path = join(folder, name);
        if (path === replica || path === join(base, 'data') || name === STAGE_FOLDER) continue;
        const { mode, uid, gid, size, mtimeNs, ctimeNs, nlink } = lstatSync(path, { bigint: true });
        lines.push([path, mode, uid, gid, size, mtimeNs, ctimeNs, nlink].join(' '));
        if (lstatSync(path).isDirectory()) visit(path);
        else lines.push(readFileSync(path, 'latin1'));
      }
    };
    visit(base);
    return lines;
  };
  return { base, replica, target, outside };
}

const NAMES = ['a', 'b', 'c', 'way-out', 'planted', 'secret', 'root', 'folder', 'file', '...', '..a', 'tmp', STAGE_FOLDER];

class HostileOps {
  readonly #random: Random;
  readonly #base: string;

  constructor(random: Random, base: string) {
    this.#random = random;
    this.#base = base;
  }

  next(): UnnumberedOp {
    const random = this.#random;
    const attributes = { ...plainAttributes, mode: random.pick([0o777, 0o4755, 0o000, 0o644]) };
    const place = { root: 0, path: this.#path() };
    switch (random.between(0, 9)) {
      case 0:
      case 1:
        return { kind: 'symlink', ...place, target: this.#linkTarget(), attributes };
      case 2:
        return { kind: 'write', ...place, size: 0, attributes };
      case 3:
        return { kind: 'folder', ...place, attributes };
      case 4:
        return { kind: 'link', ...place, existingRoot: 0, existing: this.#path() };
      case 5:
        return { kind: 'attributes', ...place, entry: random.pick(['file', 'folder', 'symlink', 'other']), attributes };
      case 6:
        return { kind: 'rename', ...place, fromRoot: 0, from: this.#path() };
      case 7:
        return {
          kind: 'orphan',
          ...place,
          entry: random.pick(['file', 'folder', 'symlink']),
          size: 7,
          mtimeNs: attributes.mtimeNs,
        };
      default:
        return {
          kind: 'remove',
          ...place,
          entry: random.pick(['file', 'folder', 'symlink', 'other']),
          isKept: random.pick([true, false]),
        };
    }
  }

  #path(): string {
    const names = Array.from({ length: this.#random.between(0, 4) }, () => this.#random.pick(NAMES));
    return names.join('/');
  }

  #linkTarget(): string {
    const outside = `${this.#base}/outside`;
    return this.#random.pick(['..', '../outside', '../../outside', '/', outside, `${outside}/secret`, '.', 'a', '../rep']);
  }
}

/** Waits until the target has dealt with what was sent, or has had enough. */
async function settled(source: FakeSource, sequence: number): Promise<void> {
  await eventually('the target is done', () => source.isClosed || (source.lastAck?.applied ?? 0) >= sequence, 20_000);
}

async function worksForAnHonestSource({ replica, target }: Ground): Promise<void> {
  const source = await target.join();
  source.ops([{ kind: 'remove', root: 0, path: 'honest', entry: 'file', isKept: false }]);
  await source.whenApplied(source.write('honest', 'still here'));
  expect(readFileSync(join(replica, 'honest'), 'utf8')).toBe('still here');
  source.cut();
}

test('a source that uses every op to get out of its replica changes nothing outside it', { timeout: 120_000 }, async () => {
  const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
  const random = new Random(seed);
  const ground = await makeGround();
  const before = ground.outside();
  const hostile = new HostileOps(random, ground.base);
  for (let round = 0; round < ROUNDS; round++) {
    const source = await ground.target.join();
    let last = 0;
    for (let i = 0; i < OPS_A_ROUND && !source.isClosed; i++) {
      const op = hostile.next();
      if (random.chance(0.15) && 'path' in op)
        last = source.stream(op.path, [[0, Buffer.from('hostile')]], 7, random.chance(0.5) ? undefined : random.between(0, 14));
      else last = source.ops([op]);
    }
    await settled(source, last);
    source.cut();
    expect(ground.outside(), `seed ${seed}, round ${round}`).toEqual(before);
    if (!lstatSync(ground.replica, { throwIfNoEntry: false })?.isDirectory()) break;
  }
  expect(ground.outside(), `seed ${seed}`).toEqual(before);
});

test('a source learns nothing through a link that leads out of its replica', async () => {
  const ground = await makeGround();
  const source = await ground.target.join();
  const files = ['way-out/secret', 'planted/secret', 'planted/root/etc/passwd'].map((path) => ({ root: 0, path }));
  source.send({ kind: 'get-signatures', requestId: 1, files });
  expect((await source.next('signatures')).files.every(({ size }) => size === null)).toBe(true);
  for (const [i, path] of ['way-out', 'way-out/folder', 'planted/root', 'planted/root/etc'].entries()) {
    source.send({ kind: 'get-listing', requestId: 2 + i, root: 0, path });
    expect((await source.next('listing')).entries, path).toBeNull();
  }
  source.cut();
});

test('a replica whose folder a source has turned into a link is not written through it', async () => {
  const ground = await makeGround();
  const before = ground.outside();
  const source = await ground.target.join();
  const attributes = plainAttributes;
  source.ops([{ kind: 'symlink', root: 0, path: '', target: `${ground.base}/outside`, attributes }]);
  source.write('secret', 'overwritten');
  await settled(source, source.ops([{ kind: 'remove', root: 0, path: 'secret', entry: 'file', isKept: false }]));
  expect(ground.outside()).toEqual(before);
  if (lstatSync(ground.replica).isSymbolicLink()) expect(readlinkSync(ground.replica)).not.toContain('outside');
});

test(
  'damaged messages after an honest hello end the link, never the target, and reach nothing outside',
  { timeout: 120_000 },
  async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const ground = await makeGround();
    const before = ground.outside();
    const random = new Random(seed);
    const hostile = new HostileOps(random, ground.base);
    for (let round = 0; round < 60; round++) {
      const source = await ground.target.join();
      const frames = Array.from({ length: 30 }, (_, i) => {
        const op = { ...hostile.next(), sequence: source.nextSequence + (i % 5) } as WireOp;
        return Buffer.concat(encodeSource({ kind: 'ops', ops: [op] }));
      });
      const mutator = new FrameMutator(seed + round, frames);
      for (let i = 0; i < 40 && !source.isClosed; i++)
        source.sendBytes(mutator.below(3) === 0 ? (frames[i % 30] ?? Buffer.alloc(0)) : mutator.next());
      source.cut();
    }
    await worksForAnHonestSource(ground);
    expect(ground.outside(), `seed ${seed}`).toEqual(before);
  },
);

test('bytes that are no protocol at all end the link and nothing else', async () => {
  const ground = await makeGround();
  const random = new Random(1);
  for (let round = 0; round < 20; round++) {
    const source = await ground.target.join();
    source.sendBytes(random.bytes(random.between(1, 200_000)));
    await eventually('the target closes the link or waits for more', () => source.isClosed || source.messages.length === 0);
    source.cut();
  }
  await worksForAnHonestSource(ground);
});
