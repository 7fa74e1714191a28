import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { mountFresh, whyNoVolume } from '../support/loop-volume.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

/** Read and sent in much more time than passes between two writes; below the size from which a patch may be written in place. */
const DATA_BYTES = 8 * 1024 * 1024;
const HOLDS = 5;

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

interface Held {
  readonly isPointInTime: boolean;
  readonly log: number;
  readonly start: number;
  readonly end: number;
}

/** What the replica holds while it is held once. */
async function holdOnce(replica: Replica): Promise<Held> {
  const connectionId = replica.id;
  await pair.call('target', 'replica.hold', { connectionId, reason: 'a test' });
  const { consistency } = await eventually('it is held', async () => {
    const now = await replica.held();
    return now.state === 'held' ? now : null;
  });
  const log = readFileSync(`${replica.target}/log`, 'utf8').split('\n').length - 1;
  const [start, end] = records(replica);
  await pair.call('target', 'replica.resume', { connectionId });
  return { isPointInTime: consistency === 'point-in-time', log, start, end };
}

/** The records at the start and at the end of the replica's data file, of one version of it. */
function records(replica: Replica): readonly [start: number, end: number] {
  const fd = openSync(`${replica.target}/data`, 'r');
  const read = (position: number): number => {
    const bytes = Buffer.alloc(10);
    readSync(fd, bytes, 0, 10, position);
    return Number(bytes.toString());
  };
  const found = [read(0), read(DATA_BYTES - 10)] as const;
  closeSync(fd);
  return found;
}

// On the one the root is the top of its volume, on the other a folder of it.
describe.each([
  ['xfs', 'tree'],
  ['btrfs', '.'],
] as const)('on %s', (kind, folder) => {
  const why = whyNoVolume(kind);
  if (why !== null) console.warn(`clones.test.ts: nothing is cloned on ${kind}: ${why}.`);

  test.skipIf(why !== null)('cuts are points in time, and true ones, while two files are written without rest', async () => {
    const volume = `${pair.folder}/${kind}`;
    mountFresh(kind, volume);
    const replica = new Replica(pair, `restless-${kind}`, undefined, join(volume, folder));
    writeFileSync(`${replica.source}/log`, '');
    writeFileSync(`${replica.source}/data`, Buffer.alloc(DATA_BYTES, '0'));
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    const writer = spawn(process.execPath, [join(import.meta.dirname, '../support/restless-writer.js'), replica.source]);
    onTestFinished(() => void writer.kill('SIGKILL'));
    await eventually('the writer writes', () => statSync(`${replica.source}/log`).size > 0);

    const held: Held[] = [];
    for (let i = 0; i < HOLDS; i++) held.push(await holdOnce(replica));
    const points = held.filter(({ isPointInTime }) => isPointInTime);
    for (const { log, start, end } of points) {
      // The log's record is written first, then the one at the start, then the one at the end: a state of the source is one of three.
      expect([log, log - 1]).toContain(start);
      expect([start, log - 1]).toContain(end);
    }
    // Whatever a cut is worth, the file itself is of one moment.
    for (const { start, end } of held) expect([0, 1]).toContain(start - end);
    expect(points.length).toBeGreaterThan(HOLDS / 2);
    const { capture } = await replica.get();
    expect(capture.clones).toMatchObject({ state: 'works' });
    expect(capture.clones?.cuts).toBeGreaterThan(0);

    const settings = { clones: { isEnabled: false } };
    await pair.call('source', 'connection.configure', { connectionId: replica.id, settings });
    const without = [await holdOnce(replica), await holdOnce(replica)];
    expect(without.filter(({ isPointInTime }) => isPointInTime).length).toBeLessThan(points.length);

    writer.kill('SIGKILL');
    await replica.becomesEqual();
    expect(existsSync(`${replica.target}/.understudy-stage`)).toBe(false);
    await replica.disconnect();
    await eventually('nothing is left beside the tree', () => !existsSync(join(volume, '.understudy-stage')));
  });
});
