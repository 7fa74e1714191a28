import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RotationSettings, RotationSnapshot } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { ServicePair } from '../support/service-pair.ts';

const HOUR_S = 3600;
const FILES = 40;
const FILE_BYTES = 64 * 1024;

/** The clock of both services, an hour before noon at first. Null where it cannot be turned. */
let clock: FakeClock | null = null;
let aheadS = 0;
let folder = '';
let pair: ServicePair;
beforeAll(async () => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'understudy-clock-'));
  clock = FakeClock.make(join(folder, 'clock'));
  turn(secondsTo(11));
  pair = await ServicePair.start({ environment: clock?.environment ?? {} });
});
afterAll(async () => {
  await pair.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Until the next full hour of that number, UTC. */
function secondsTo(hour: number): number {
  const now = new Date();
  const then = new Date(now);
  then.setUTCHours(hour, 0, 0, 0);
  return Math.round((then.getTime() - now.getTime()) / 1000);
}
function turn(seconds: number): void {
  aheadS += seconds;
  clock?.turn(aheadS);
}

/** Content, times and modes of everything below a folder. */
function fingerprint(root: string): string {
  const hash = createHash('sha256');
  const visit = (path: string) => {
    const { mode, size, mtimeMs, ctimeMs, ino } = lstatSync(path);
    hash.update(JSON.stringify([path, mode, size, mtimeMs, ctimeMs, ino]));
    if (lstatSync(path).isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(readFileSync(path));
  };
  visit(root);
  return hash.digest('hex');
}

/** A set with two replicas of it, the first of which follows the source; a rotation at noon and midnight. */
async function rotation(name: string, settings: Partial<RotationSettings>) {
  const source = `${pair.folder}/trees/${name}`;
  const places = ['A', 'B'].map((slot) => `${pair.folder}/replicas/${name}-${slot}`);
  mkdirSync(source, { recursive: true });
  for (let i = 0; i < FILES; i++) writeFileSync(`${source}/${i}`, Buffer.alloc(FILE_BYTES, i));
  await pair.call('source', 'set.create', { name });
  await pair.call('source', 'set.add-rule', { name, rule: { path: source, verdict: 'include', recursive: true } });
  await pair.call('source', 'set.save', { name });
  await pair.call('source', 'rotation.create', { name });
  for (const [i, to] of places.entries()) {
    const { id } = await pair.connect(name, { kind: 'pairs', pairs: [{ from: source, to }] }, { kind: 'all' });
    await pair.call('source', 'rotation.add-slot', { rotation: name, slot: 'AB'.charAt(i), connectionId: id });
  }
  const times = { kind: 'cron', cron: '0 0,12 * * *' } as const;
  const schedule = [{ slot: null, timeZone: 'UTC', time: times }];
  await pair.call('source', 'rotation.configure', { rotation: name, settings: { schedule, ...settings } });
  const get = async (): Promise<RotationSnapshot> => {
    const found = (await pair.call('source', 'rotation.list', null)).find((one) => one.name === name);
    if (found === undefined) throw new Error('there is no such rotation');
    return found;
  };
  const when = (what: string, isTrue: (snapshot: RotationSnapshot) => boolean) => {
    let last: RotationSnapshot | null = null;
    const look = async () => {
      last = await get();
      return isTrue(last) ? last : null;
    };
    return eventually(what, look, 30_000).catch((error: unknown) => {
      throw new Error(`${what}: ${JSON.stringify(last)}`, { cause: error });
    });
  };
  const states = ({ slots }: RotationSnapshot) => slots.map(({ state, copy }) => (copy === null ? `${state}?` : state)).join(' ');
  await when('one is live, the other at rest', (snapshot) => states(snapshot) === 'live at-rest');
  const [a = '', b = ''] = places;
  return { source, a, b, get, when, states };
}

test(
  'two days switch four times: what is at rest keeps every byte and time, and each turn sends only what differs',
  { timeout: 90_000 },
  async (context) => {
    context.skip(clock === null, 'libfaketime is not installed');
    const { source, a, b, when, states } = await rotation('days', { order: 'quick' });
    const sent: (number | null)[] = [];
    const atRest: string[] = [];
    turn(HOUR_S - 2); // the first turn is at noon
    for (let round = 0; round < 4; round++) {
      const [resting, coming] = round % 2 === 0 ? [a, b] : [b, a];
      const before = fingerprint(coming);
      writeFileSync(`${source}/${round}`, Buffer.alloc(FILE_BYTES, 100 + round));
      if (round > 0) turn(12 * HOUR_S);
      const expected = round % 2 === 0 ? 'at-rest live' : 'live at-rest';
      const snapshot = await when(`turn ${round + 1}`, (now) => now.runs.length === round + 1 && states(now) === expected);
      expect(fingerprint(coming)).not.toBe(before);
      const [run] = snapshot.runs;
      expect(run).toMatchObject({ outcome: 'done', isComplete: true, cut: { label: expect.any(String) as string } });
      sent.push(run?.sentBytes ?? null);
      // The source goes on, and the one at rest does not hear of it.
      const restingNow = fingerprint(resting);
      writeFileSync(`${source}/busy`, `round ${round}`);
      await eventually('the live one follows', () => readFileSync(`${coming}/busy`, 'utf8') === `round ${round}`);
      expect(fingerprint(resting)).toBe(restingNow);
      atRest.push(restingNow);
    }
    expect(new Set(atRest).size).toBe(4);
    // Of two and a half megabytes the files that changed since that slot left, and nothing else.
    for (const bytes of sent) expect(bytes).toBeLessThanOrEqual(4 * FILE_BYTES);
  },
);

test('the safe order keeps a complete copy all the time', { timeout: 60_000 }, async (context) => {
  context.skip(clock === null, 'libfaketime is not installed');
  const { source, when, states } = await rotation('safe', { order: 'safe' });
  writeFileSync(`${source}/1`, 'changed');
  await pair.call('source', 'rotation.run-now', { rotation: 'safe', slot: null });
  let isAlwaysThere = true;
  const snapshot = await when('switched', (now) => {
    isAlwaysThere &&= now.newest !== null;
    return now.runs.length === 1 && states(now) === 'at-rest live';
  });
  expect(isAlwaysThere).toBe(true);
  const [run] = snapshot.runs;
  expect(run).toMatchObject({ outcome: 'done', isComplete: true, isSameCut: true, levelCut: { at: run?.cut?.at } });
  expect(run?.why).toMatch(/^Both hold the same state of the source/);
});

test('a source that is killed in the middle of a switch goes on with it', { timeout: 60_000 }, async (context) => {
  context.skip(clock === null, 'libfaketime is not installed');
  const { source, b, when, states } = await rotation('killed', { order: 'quick' });
  // The old one cannot reach its cut, so the switch stands between two steps.
  pair.proxy.cut();
  writeFileSync(`${source}/1`, 'changed');
  await pair.call('source', 'rotation.run-now', { rotation: 'killed', slot: 'B' });
  await when('it stands at its first step', ({ running }) => running?.step === 'parking');
  await pair.kill('source');
  pair.proxy.restore();
  await pair.start('source');
  const snapshot = await when('switched', (now) => now.running === null && states(now) === 'at-rest live');
  expect(snapshot.runs).toMatchObject([{ outcome: 'done', from: 'A', to: 'B' }]);
  await eventually('the new one has it', () => readFileSync(`${b}/1`, 'utf8') === 'changed');
});
