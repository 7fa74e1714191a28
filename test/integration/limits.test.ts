import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  initialLineSettings,
  type ConnectionSnapshot,
  type LineSettingsChange,
  type LineSnapshot,
} from '../../src-main/api/index.ts';
import { rawName } from '../../src-main/base/index.ts';
import { isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { eventually } from '../support/eventually.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});
afterEach(() => configure(initialLineSettings));

function configure(settings: LineSettingsChange): Promise<LineSnapshot> {
  return pair.call('source', 'line.configure', { targetFingerprint: pair.services.target.fingerprint, settings });
}

/** A folder of its own with these files, connected to a folder of its own. */
class Replica {
  readonly source: string;
  readonly target: string;
  #id = '';

  constructor(name: string, files: Readonly<Record<string, string | Buffer>>) {
    this.source = `${pair.folder}/trees/${name}`;
    this.target = `${pair.folder}/replicas/${name}`;
    mkdirSync(this.source, { recursive: true });
    for (const [file, content] of Object.entries(files)) this.write(file, content);
  }

  /** Comes by a rename, so that it is never seen half written. */
  write(file: string, content: string | Buffer): void {
    writeFileSync(`${this.source}.new`, content);
    renameSync(`${this.source}.new`, `${this.source}/${file}`);
  }

  async connect(): Promise<this> {
    const name = this.source.slice(this.source.lastIndexOf('/') + 1);
    await pair.call('source', 'set.create', { name });
    await pair.call('source', 'set.add-rule', { name, rule: { path: this.source, verdict: 'include', recursive: true } });
    await pair.call('source', 'set.save', { name });
    const map = { kind: 'pairs', pairs: [{ from: this.source, to: this.target }] } as const;
    this.#id = (await pair.connect(name, { ...map, pairs: [...map.pairs] }, { kind: 'all' })).id;
    return this;
  }

  get(): Promise<ConnectionSnapshot> {
    return pair.call('source', 'connection.get', { connectionId: this.#id });
  }

  compress(level: number): Promise<ConnectionSnapshot> {
    const settings = { compression: { isEnabled: true, level } };
    return pair.call('source', 'connection.configure', { connectionId: this.#id, settings });
  }

  until(what: string, isSo: (snapshot: ConnectionSnapshot) => boolean): Promise<ConnectionSnapshot> {
    let last: ConnectionSnapshot | null = null;
    return eventually(
      what,
      async () => {
        last = await this.get();
        return isSo(last) ? last : null;
      },
      60_000,
    ).catch((error: unknown) => {
      throw new Error(`${what}: ${JSON.stringify(last)}\n${pair.logs()}`, { cause: error });
    });
  }

  async expectEqual(): Promise<void> {
    await eventually(
      'source and target are equal and nothing is under way',
      async () => {
        const { list } = await compareTrees([{ from: rawName(this.source), to: rawName(this.target) }], { bytes: true });
        return list.length === 0 && isQuiet(await this.get());
      },
      60_000,
    );
  }

  async disconnect(): Promise<void> {
    await pair.call('source', 'connection.disconnect', { connectionId: this.#id });
  }
}

test('two connections to one target keep to its limit together, and a change of it is in force at once', async () => {
  await configure({ limits: { bytesPerSec: 500_000 } });
  const files = { big: randomBytes(3_000_000), small: randomBytes(40_000) };
  const [one, two] = [new Replica('limit-one', files), new Replica('limit-two', files)];
  await Promise.all([one.connect(), two.connect()]);
  const rates: number[] = [];
  let last = { at: performance.now(), bytes: (await one.get()).line.wireBytes };
  for (let looks = 0; looks < 3; looks++) {
    await new Promise((done) => setTimeout(done, 1000));
    const bytes = (await one.get()).line.wireBytes;
    const now = { at: performance.now(), bytes };
    rates.push(((now.bytes - last.bytes) * 1000) / (now.at - last.at));
    last = now;
  }
  // A second may hold a piece more; over all of them the limit holds.
  expect(rates.reduce((sum, rate) => sum + rate) / rates.length).toBeLessThan(650_000);
  expect((await one.get()).mirror.kind).not.toBe('idle');
  await configure({ limits: { bytesPerSec: null } });
  await one.expectEqual();
  await two.expectEqual();
  await Promise.all([one.disconnect(), two.disconnect()]);
});

test('what shrinks travels compressed, what does not as it is, and both arrive whole', async () => {
  const text = Buffer.from(Array.from({ length: 120_000 }, (_, i) => `${i} lines of text that shrink well\n`).join(''));
  const replica = await new Replica('compressed', { small: 'x' }).connect();
  await replica.expectEqual();
  for (const level of [1, 2, 3]) {
    await replica.compress(level);
    const before = (await replica.get()).statistics;
    replica.write(`text-${level}`, text);
    replica.write(`noise-${level}`, randomBytes(600_000));
    for (let i = 0; i < 50; i++) replica.write(`note-${level}-${i}`, `note ${i} `.repeat(500));
    await replica.expectEqual();
    // The counters come a moment after the files.
    const sent = text.length + 600_000;
    const { statistics } = await replica.until('counted', (now) => now.statistics.plainBytes - before.plainBytes > sent);
    const { wireBytes } = statistics;
    expect(wireBytes - before.wireBytes).toBeLessThan(text.length / 3 + 700_000);
    expect(wireBytes - before.wireBytes).toBeGreaterThan(600_000);
  }
  await replica.disconnect();
});

test('a schedule closes the link, keeps changes, and lets them go when the queue reaches its mark', async () => {
  const replica = await new Replica('scheduled', { first: 'x' }).connect();
  await replica.expectEqual();
  await configure({ schedule: { startQueueBytes: 300_000 } });
  await replica.until('scheduled', ({ transmission, link }) => transmission.kind === 'scheduled' && link.kind === 'stopped');
  replica.write('held', randomBytes(200_000));
  await replica.until('queued', ({ statistics }) => statistics.queuedBytes >= 200_000);
  expect(existsSync(`${replica.target}/held`)).toBe(false);
  replica.write('more', randomBytes(200_000));
  await eventually('what waited is on the target', () => existsSync(`${replica.target}/more`), 30_000);
  await replica.until('scheduled again', ({ transmission }) => transmission.kind === 'scheduled');
  // Held back, a pause still gets its cut: the link opens for it, and no data go.
  replica.write('later', 'y');
  const { id: connectionId } = await replica.get();
  await pair.call('source', 'transmission.pause', { connectionId, reason: 'backup' });
  await replica.until('paused', ({ transmission }) => transmission.kind === 'paused');
  expect(existsSync(`${replica.target}/later`)).toBe(false);
  await pair.call('source', 'transmission.resume', { connectionId });
  expect((await replica.get()).transmission.kind).toBe('scheduled');
  await pair.call('source', 'transmission.start', { connectionId });
  await eventually('what a person let go is on the target', () => existsSync(`${replica.target}/later`), 30_000);
  await configure({ schedule: initialLineSettings.schedule });
  await replica.expectEqual();
  await replica.disconnect();
});

test('a schedule survives a restart of the source', async () => {
  const replica = await new Replica('remembered', { first: 'x' }).connect();
  await replica.expectEqual();
  await configure({ schedule: { startAt: '2199-01-01T22:00:00' } });
  await pair.stop('source');
  replica.write('while-down', 'y');
  await pair.start('source');
  const { transmission } = await replica.until('scheduled', (snapshot) => snapshot.transmission.kind === 'scheduled');
  expect(transmission).toMatchObject({ reason: 'no start was due yet' });
  expect(existsSync(`${replica.target}/while-down`)).toBe(false);
  await configure({ schedule: { isStartEnabled: false } });
  await replica.expectEqual();
  await replica.disconnect();
});

test('a session that is cut off by a kill goes on with what was left of its budget, and no further', async () => {
  const replica = await new Replica('cut-off', { first: 'x' }).connect();
  await replica.expectEqual();
  await configure({ schedule: { startQueueBytes: 1_000_000, stopAfterBytes: 2_000_000 }, limits: { bytesPerSec: 500_000 } });
  const before = (await replica.get()).line.wireBytes;
  replica.write('large', randomBytes(4_000_000));
  const { line } = await replica.until('half of it is spent', (now) => now.line.wireBytes - before > 1_200_000);
  await pair.kill('source');
  await pair.start('source');
  const again = await replica.until('it goes on', (now) => now.line.schedule.kind === 'sending' && now.line.wireBytes > 100_000);
  expect(again.line.schedule).toEqual(line.schedule);
  const held = await replica.until('the rest is spent', ({ transmission }) => transmission.kind === 'scheduled');
  expect(held.transmission).toMatchObject({ reason: 'its bytes are used up' });
  // What is counted once a second is lost by a kill: 500 kB at this rate.
  expect(held.line.wireBytes).toBeLessThan(1_700_000);
  await configure(initialLineSettings);
  await replica.expectEqual();
  await replica.disconnect();
});

test('a byte limit holds a large file in its middle, which goes on there at the next start', async () => {
  const replica = await new Replica('budget', { first: 'x' }).connect();
  await replica.expectEqual();
  await configure({ schedule: { stopAfterBytes: 1_500_000 }, limits: { bytesPerSec: 20_000_000 } });
  const before = (await replica.get()).line.wireBytes;
  replica.write('large', randomBytes(4_000_000));
  const held = await replica.until('held', ({ transmission }) => transmission.kind === 'scheduled');
  // No further than the limit and one piece.
  expect(held.line.wireBytes - before).toBeGreaterThanOrEqual(1_500_000);
  expect(held.line.wireBytes - before).toBeLessThan(1_500_000 + 1_100_000);
  const starts = [];
  for (; !existsSync(`${replica.target}/large`) && starts.length < 5; starts.push(1)) {
    await pair.call('source', 'transmission.start', { connectionId: held.id });
    await replica.until('held or done', ({ transmission, statistics }) => {
      return transmission.kind === 'scheduled' || (statistics.queuedOps === 0 && existsSync(`${replica.target}/large`));
    });
  }
  await configure({ schedule: initialLineSettings.schedule });
  await replica.expectEqual();
  // Sent once: what went before the limit was not sent again.
  expect((await replica.get()).line.wireBytes - before).toBeLessThan(4_300_000);
  await replica.disconnect();
});
