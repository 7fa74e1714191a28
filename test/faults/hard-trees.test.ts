import {
  appendFileSync,
  chmodSync,
  closeSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const MEBIBYTE = 1024 * 1024;
const raw = (path: string): Buffer => Buffer.from(path, 'latin1');

describe('trees that are hard to follow arrive whole', () => {
  let pair: ServicePair;
  beforeAll(async () => {
    pair = await ServicePair.start();
  });
  afterAll(async () => {
    await pair.close();
  });

  test('a file that grows while it is sent, in a mirror and live', async () => {
    const replica = new Replica(pair, 'growing');
    const [log, large] = [`${replica.source}/log`, `${replica.source}/large`];
    writeFileSync(large, Buffer.alloc(24 * MEBIBYTE, 'large'));
    writeFileSync(log, '');
    const fd = openSync(large, 'a');
    let line = 0;
    const grow = async (forMs: number) => {
      const endMs = Date.now() + forMs;
      while (Date.now() < endMs) {
        writeSync(fd, Buffer.alloc(20_000, `${line++}`));
        appendFileSync(log, `line ${line}\n`);
        await delay(2);
      }
    };
    const growing = grow(3_000);
    await replica.connect({ kind: 'all' });
    await growing;
    await grow(1_000);
    closeSync(fd);
    await replica.becomesEqual(60_000);
  });

  test('a file that becomes a folder and back, again and again', async () => {
    const replica = new Replica(pair, 'flipping');
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    const path = `${replica.source}/flips`;
    for (let round = 0; round < 40; round++) {
      writeFileSync(path, `a file in round ${round}`);
      if (round % 3 === 0) await delay(round);
      unlinkSync(path);
      mkdirSync(`${path}/deeper`, { recursive: true });
      writeFileSync(`${path}/deeper/file`, `inside in round ${round}`);
      if (round % 4 === 0) await delay(round);
      if (round % 5 === 4) {
        // In one step, as a deployment does it.
        renameSync(path, `${path}.old`);
        symlinkSync('nowhere', path);
        rmSync(`${path}.old`, { recursive: true });
        unlinkSync(path);
      } else rmSync(path, { recursive: true });
    }
    writeFileSync(path, 'a file in the end');
    await replica.becomesEqual();
    unlinkSync(path);
    mkdirSync(path);
    writeFileSync(`${path}/and`, 'a folder in the end');
    await replica.becomesEqual();
    expect((await replica.get()).problems).toEqual([]);
  });

  test('names of 255 bytes, 200 folders deep, and bytes that are no text, mirrored and live', async () => {
    const replica = new Replica(pair, 'extreme');
    const plant = (root: string) => {
      mkdirSync(root);
      const long = 'L'.repeat(255);
      mkdirSync(`${root}/${long}/${long}`, { recursive: true });
      writeFileSync(`${root}/${long}/${long}/${long}`, 'long');
      const deep = `${root}/${Array.from({ length: 200 }, (_, i) => `deep${i}`).join('/')}`;
      mkdirSync(deep, { recursive: true });
      writeFileSync(`${deep}/bottom`, 'deep');
      const high = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => 128 + i));
      mkdirSync(raw(`${root}/${high}`));
      writeFileSync(raw(`${root}/${high}/\xc3\x28 \xff`), 'bytes');
      const low = String.fromCharCode(...Array.from({ length: 126 }, (_, i) => 1 + i)).replace('/', '');
      writeFileSync(raw(`${root}/${low}`), 'controls');
    };
    plant(`${replica.source}/mirrored`);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    plant(`${replica.source}/live`);
    await replica.becomesEqual();
    renameSync(`${replica.source}/live`, `${replica.source}/moved`);
    renameSync(`${replica.source}/moved/deep0`, `${replica.source}/moved/from the top`);
    rmSync(`${replica.source}/mirrored`, { recursive: true });
    await replica.becomesEqual();
    expect((await replica.get()).problems).toEqual([]);
  });

  test('times before 1970, far in the future, and set back', async () => {
    const replica = new Replica(pair, 'times');
    const times = [-86_400 * 365 * 20, -1, 0, 1, 2 ** 31 - 1, 2 ** 31 + 5, 2 ** 33, Date.now() / 1000 + 86_400];
    const plant = (name: string) => {
      for (const [i, time] of times.entries()) {
        writeFileSync(`${replica.source}/${name} ${i}`, name);
        utimesSync(`${replica.source}/${name} ${i}`, time, time);
        symlinkSync('x', `${replica.source}/${name} link ${i}`);
        lutimesSync(`${replica.source}/${name} link ${i}`, time, time);
      }
    };
    plant('mirrored');
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    plant('live');
    for (let i = 0; i < times.length; i++) {
      // New content, and a time older than the one before.
      writeFileSync(`${replica.source}/mirrored ${i}`, 'changed!');
      utimesSync(`${replica.source}/mirrored ${i}`, (times[i] ?? 0) - 1_000, (times[i] ?? 0) - 1_000);
    }
    await replica.becomesEqual();
  });
});

const folder = process.env.TMPDIR ?? '/tmp';
const clocks = {
  source: FakeClock.make(join(folder, `understudy-clock-${process.pid}-source`)),
  target: FakeClock.make(join(folder, `understudy-clock-${process.pid}-target`)),
};
if (clocks.source === null) console.warn('Without libfaketime: the tests of clocks that jump are left out.');

describe.skipIf(clocks.source === null)('clocks that jump', () => {
  let pair: ServicePair;
  beforeAll(async () => {
    if (clocks.source === null || clocks.target === null) return;
    const { source, target } = clocks;
    pair = await ServicePair.start({
      source: { environment: source.environment },
      target: { environment: target.environment },
    });
  });
  afterAll(async () => {
    await pair.close();
    for (const side of ['source', 'target']) rmSync(join(folder, `understudy-clock-${process.pid}-${side}`), { force: true });
  });

  test.each([
    ['the source a day back', -86_400, 0],
    ['the source an hour ahead, the target an hour back', 3_600, -3_600],
    ['both ten years ahead', 315_360_000, 315_360_000],
    ['both right again', 0, 0],
  ])('%s: what changes before, then and after a restart arrives', async (name, sourceSeconds, targetSeconds) => {
    const replica = new Replica(pair, name);
    const change = (round: number) => {
      for (let i = 0; i < 10; i++) writeFileSync(`${replica.source}/${i}`, `${name} ${round} ${i}`);
      writeFileSync(`${replica.source}/round ${round}`, name);
      chmodSync(`${replica.source}/3`, 0o600 + round);
      rmSync(`${replica.source}/9`);
    };
    change(1);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    clocks.source?.turn(sourceSeconds);
    clocks.target?.turn(targetSeconds);
    change(2);
    await replica.becomesEqual();
    await pair.kill('source');
    change(3);
    await pair.start('source');
    await replica.becomesEqual();
    await pair.kill('target');
    change(4);
    await pair.start('target');
    await replica.becomesEqual();
    // That the clocks differ is said, and is all that is.
    const codes = (await replica.get()).problems.map(({ code }) => code);
    expect(codes).toEqual(sourceSeconds === targetSeconds ? [] : ['clock-skew']);
  });
});
