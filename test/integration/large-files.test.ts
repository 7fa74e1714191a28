import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectionSnapshot } from '../../src-main/api/index.ts';
import { STAGE_FOLDER } from '../../src-main/engine/model/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';
import { stagedFiles } from '../support/staged-files.ts';

const LARGE_BYTES = 12_000_000;
/** The large file would take most of a minute: whatever comes in its middle has come before its end. */
const SLOW = 300_000;

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());
afterEach(() => limit(null));

async function limit(bytesPerSec: number | null): Promise<void> {
  const targetFingerprint = pair.services.target.fingerprint;
  await pair.call('source', 'line.configure', { targetFingerprint, settings: { limits: { bytesPerSec } } });
}

/** A large file that comes by a rename: nobody finds it half written, and all of it is sent at once. */
function putLarge({ source }: Replica): void {
  writeFileSync(`${source}.new`, randomBytes(LARGE_BYTES));
  renameSync(`${source}.new`, `${source}/large`);
}

const atTarget = (replica: Replica, name: string) => existsSync(`${replica.target}/${name}`);
const arrives = (replica: Replica, name: string) => eventually(`${name} arrives`, () => atTarget(replica, name), 20_000);
const partOf = ({ statistics }: ConnectionSnapshot, before: number) => statistics.sentBytes - before;

/** A connection in which `act` has made the source send a large file, slowly. */
async function halfSent(
  name: string,
  act: (replica: Replica) => Promise<void>,
): Promise<{ replica: Replica; sentBytes: number }> {
  const replica = new Replica(pair, name);
  writeFileSync(`${replica.source}/first`, 'first');
  await replica.connect({ kind: 'all' });
  await replica.becomesEqual();
  await limit(SLOW);
  const { sentBytes } = (await replica.get()).statistics;
  await act(replica);
  await replica.when('a part of it is sent', (now) => partOf(now, sentBytes) > 200_000);
  return { replica, sentBytes };
}

async function mirrorLarge(replica: Replica): Promise<void> {
  await pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'all' } });
}

/** Small files are made, changed, moved and removed, each seen on the target before the next; `large` has not arrived by then. */
async function changesGoBeside(replica: Replica, large: string): Promise<void> {
  const { source, target } = replica;
  for (let i = 0; i < 4; i++) {
    writeFileSync(`${source}/new ${i}`, `${i}`);
    await arrives(replica, `new ${i}`);
  }
  writeFileSync(`${source}/new 1`, 'changed');
  await eventually('a change arrives', () => readFileSync(`${target}/new 1`, 'utf8') === 'changed', 20_000);
  renameSync(`${source}/new 2`, `${source}/moved`);
  await arrives(replica, 'moved');
  rmSync(`${source}/new 3`);
  await eventually('a removal arrives', () => !atTarget(replica, 'new 3'), 20_000);
  mkdirSync(`${source}/folder`);
  writeFileSync(`${source}/folder/file`, 'x');
  await arrives(replica, 'folder/file');
  expect(atTarget(replica, large)).toBe(false);
}

describe('while a mirror sends a large file over a slow line', () => {
  test('changes of others arrive, the file itself may be renamed, and is not sent twice', async () => {
    const { replica, sentBytes } = await halfSent('renamed', async (made) => {
      await pair.call('source', 'transmission.pause', { connectionId: made.id, reason: 'test' });
      putLarge(made);
      await pair.call('source', 'transmission.resume', { connectionId: made.id });
      await mirrorLarge(made);
    });
    await changesGoBeside(replica, 'large');
    renameSync(`${replica.source}/large`, `${replica.source}/folder/other`);
    writeFileSync(`${replica.source}/after the rename`, 'x');
    await arrives(replica, 'after the rename');
    expect([atTarget(replica, 'large'), atTarget(replica, 'folder/other')]).toEqual([false, false]);
    expect((await replica.get()).consistency).toBe('file-level');
    await limit(null);
    await replica.becomesEqual();
    expect(atTarget(replica, 'folder/other')).toBe(true);
    expect(partOf(await replica.get(), sentBytes)).toBeLessThan(LARGE_BYTES * 1.2);
    await replica.when('it is a point in time again', ({ consistency }) => consistency === 'point-in-time');
    await replica.disconnect();
  });

  test('the file may be removed: the mirror ends without it, and nothing of it stays', async () => {
    const { replica } = await halfSent('removed', async (made) => {
      putLarge(made);
      await mirrorLarge(made);
    });
    rmSync(`${replica.source}/large`);
    await replica.becomesEqual();
    const staged = stagedFiles(`${replica.target}/../${STAGE_FOLDER}/${replica.id}`);
    expect(staged).toEqual([]);
    await replica.disconnect();
  });
});

test('a large file that changed holds up neither small changes nor a mirror', async () => {
  const { replica } = await halfSent('live', (made) => {
    putLarge(made);
    return Promise.resolve();
  });
  await changesGoBeside(replica, 'large');
  const seen = await replica.get();
  // Each byte of it waits or is in flight.
  expect(seen.statistics.queuedBytes + seen.statistics.inFlightBytes).toBeGreaterThanOrEqual(LARGE_BYTES);
  await pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'different' } });
  await replica.when('the mirror has come past it', ({ mirror }) => mirror.kind !== 'idle' && mirror.skippedFiles >= 4);
  expect(atTarget(replica, 'large')).toBe(false);
  await limit(null);
  await replica.becomesEqual();
  await replica.disconnect();
});

test('a mirror goes on under changes that never cease', async () => {
  const replica = new Replica(pair, 'busy');
  for (let i = 0; i < 20; i++) writeFileSync(`${replica.source}/${i}`, randomBytes(100_000));
  await replica.connect(null);
  await replica.when('changes are followed', ({ replication }) => replication === 'replicating');
  await limit(2_000_000);
  await pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'all' } });
  let changes = 0;
  const writer = setInterval(() => writeFileSync(`${replica.source}/busy ${changes++ % 10}`, randomBytes(200_000)), 20);
  try {
    const before = changes;
    await replica.when('all of it is looked at', ({ mirror }) => mirror.kind === 'idle' || mirror.sentFiles >= 20);
    expect(changes).toBeGreaterThan(before);
  } finally {
    clearInterval(writer);
  }
  await limit(null);
  await replica.becomesEqual();
  await replica.disconnect();
});
