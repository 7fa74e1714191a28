import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VerifyDifference, VerifyOptions, VerifyReport, VerifySummary } from '../../src-main/api/index.ts';
import type { ReplicationError } from '../../src-main/base/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const WHOLE: VerifyOptions = { bytes: true, repair: 'none', orphans: false };
const QUICK: VerifyOptions = { bytes: false, repair: 'none', orphans: false };

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

/** A connected folder whose replica can be damaged behind the engine's back. */
class Subject extends Replica {
  static async made(name: string, fillFolder: (folder: string) => void): Promise<Subject> {
    const subject = new Subject(pair, name);
    fillFolder(subject.source);
    await subject.connect({ kind: 'all' });
    await subject.settled();
    return subject;
  }

  async verify(options: VerifyOptions): Promise<VerifySummary> {
    const before = (await this.get()).verify.last?.id ?? null;
    await pair.call('source', 'verify.start', { connectionId: this.id, options });
    return eventually(
      'the verification is over',
      async () => {
        const { run, last } = (await this.get()).verify;
        return run === null && last !== null && last.id !== before ? last : null;
      },
      60_000,
    );
  }

  report(): Promise<VerifyReport> {
    return pair.call('source', 'verify.report', { connectionId: this.id, reportId: null, offset: 0, limit: 1000 });
  }
}

function brief({ path, what, properties }: VerifyDifference, folder: string): string {
  return [what, path.slice(folder.length + 1), ...properties].join(' ');
}

function fill(folder: string): void {
  for (const name of ['equal', 'flipped', 'gone', 'longer', 'moded', 'touched'])
    writeFileSync(`${folder}/${name}`, `content of ${name}`);
  mkdirSync(`${folder}/folder/below`, { recursive: true });
  writeFileSync(`${folder}/folder/below/deep`, 'deep');
  symlinkSync('equal', `${folder}/link`);
}

/** Damages the replica in every way that a verification tells apart, without a trace on the source. */
function damage(folder: string): void {
  const time = new Date(1_600_000_000_000);
  const flipped = `${folder}/flipped`;
  const { length } = readFileSync(flipped);
  const before = existsSync(flipped);
  expect(before).toBe(true);
  writeFileSync(flipped, 'X'.repeat(length));
  rmSync(`${folder}/gone`);
  appendFileSync(`${folder}/longer`, '!');
  chmodSync(`${folder}/moded`, 0o777);
  utimesSync(`${folder}/touched`, time, time);
  rmSync(`${folder}/folder/below`, { recursive: true });
  rmSync(`${folder}/link`);
  symlinkSync('elsewhere', `${folder}/link`);
}

test('an equal replica is found equal, by every byte and by date and size, and the report has a hash that holds', async () => {
  const subject = await Subject.made('equal', fill);
  const summary = await subject.verify(WHOLE);
  expect(summary).toMatchObject({
    outcome: 'equal',
    files: 7,
    folders: 3,
    symlinks: 1,
    differences: 0,
    busy: 0,
    startedBy: 'admin',
  });
  expect(summary.bytes).toBeGreaterThan(80);
  expect(await subject.verify(QUICK)).toMatchObject({ outcome: 'equal', files: 7, differences: 0 });
  const report = await subject.report();
  expect(report).toMatchObject({ isIntact: true, listed: 0, differences: [] });
  expect(await pair.call('source', 'verify.list', { connectionId: subject.id })).toHaveLength(2);
});

test('every way in which a replica can differ is reported with the values of both sides, repaired on request, and equal afterwards', async () => {
  const subject = await Subject.made('damaged', fill);
  damage(subject.target);
  const found = await subject.verify(WHOLE);
  expect(found).toMatchObject({ outcome: 'different', missing: 3, repaired: 0 });
  const { differences } = await subject.report();
  const inFolder = (name: string) => differences.find(({ path }) => path === `${subject.source}/${name}`);
  expect(differences.map((difference) => brief(difference, subject.source)).filter((text) => !text.includes('folder '))).toEqual([
    'different flipped modified content',
    'missing gone',
    'different link modified link text',
    'different longer size modified content',
    'different moded mode',
    'different touched modified',
    'missing folder/below',
    'missing folder/below/deep',
  ]);
  expect(inFolder('flipped')).toMatchObject({ bytesOutOfSync: 18, isDrift: true, isRepaired: false });
  expect(inFolder('longer')).toMatchObject({ source: { size: 17 }, target: { size: 18 }, bytesOutOfSync: 18 });
  expect(inFolder('moded')).toMatchObject({ source: { mode: '0644' }, target: { mode: '0777' } });
  expect(inFolder('touched')?.target?.modified).toBe('2020-09-13T12:26:40.000000000Z');
  expect(inFolder('link')).toMatchObject({ source: { linkTarget: 'equal' }, target: { linkTarget: 'elsewhere' } });

  const repaired = await subject.verify({ ...WHOLE, repair: 'all' });
  expect(repaired.repaired).toBe(repaired.differences);
  await subject.settled();
  expect(await subject.verify(WHOLE)).toMatchObject({ outcome: 'equal', differences: 0 });
  expect(readFileSync(`${subject.target}/flipped`, 'utf8')).toBe('content of flipped');
});

test('content that size and time do not show is found by bytes only, also in a file with several names and in a large one', async () => {
  const large = Buffer.alloc(6 * 1024 * 1024, 'large');
  const subject = await Subject.made('rotten', (folder) => {
    writeFileSync(`${folder}/one`, 'one file, two names');
    linkSync(`${folder}/one`, `${folder}/two`);
    writeFileSync(`${folder}/large`, large);
    for (const name of ['one', 'large']) utimesSync(`${folder}/${name}`, 1_700_000_000, 1_700_000_000);
  });
  const rot = Buffer.from(large);
  rot.write('rot', 3_000_000);
  writeFileSync(`${subject.target}/large`, rot);
  writeFileSync(`${subject.target}/one`, 'ONE file, two names');
  for (const name of ['one', 'large']) utimesSync(`${subject.target}/${name}`, 1_700_000_000, 1_700_000_000);

  expect(await subject.verify(QUICK)).toMatchObject({ outcome: 'equal' });
  const found = await subject.verify({ ...WHOLE, repair: 'all' });
  expect(found).toMatchObject({ outcome: 'different', different: 3, repaired: 3 });
  const { differences } = await subject.report();
  expect(differences.find(({ path }) => path.endsWith('/large'))?.bytesOutOfSync).toBe(65_536);
  await subject.settled();
  expect(await subject.verify(WHOLE)).toMatchObject({ outcome: 'equal' });
  expect(readFileSync(`${subject.target}/large`).equals(large)).toBe(true);
  expect(readFileSync(`${subject.target}/two`, 'utf8')).toBe('one file, two names');
});

test('what only the target has is reported as an orphan on request, and never deleted by a repair', async () => {
  const subject = await Subject.made('orphans', fill);
  writeFileSync(`${subject.target}/folder/stranger`, 'not ours');
  utimesSync(`${subject.target}/folder`, new Date(), new Date());
  const quick = await subject.verify(QUICK);
  expect(quick).toMatchObject({ extra: 0, different: 1 });
  const found = await subject.verify({ ...QUICK, orphans: true, repair: 'all' });
  expect(found).toMatchObject({ extra: 1, different: 1, repaired: 1 });
  await subject.settled();
  expect(readFileSync(`${subject.target}/folder/stranger`, 'utf8')).toBe('not ours');
});

test('while files change without rest, what is under way is no difference', async () => {
  const subject = await Subject.made('busy', fill);
  let n = 0;
  const timer = setInterval(() => {
    n++;
    appendFileSync(`${subject.source}/busy ${n % 20}`, `${n}`);
    if (n % 7 === 0) rmSync(`${subject.source}/busy ${(n + 3) % 20}`, { force: true });
  }, 3);
  try {
    for (let i = 0; i < 3; i++) {
      const summary = await subject.verify(WHOLE);
      expect((await subject.report()).differences).toEqual([]);
      expect(summary.outcome).toBe('equal');
    }
  } finally {
    clearInterval(timer);
  }
  expect(n).toBeGreaterThan(20);
});

test('under a pause, what waits to be sent is told from what differs', async () => {
  const subject = await Subject.made('paused', fill);
  await pair.call('source', 'transmission.pause', { connectionId: subject.id, reason: 'backup' });
  await eventually('the cut', async () => (await subject.get()).transmission.kind === 'paused');
  writeFileSync(`${subject.source}/equal`, 'changed after the cut');
  chmodSync(`${subject.target}/moded`, 0o700);
  const summary = await subject.verify(WHOLE);
  expect(summary).toMatchObject({ outcome: 'different', different: 1, busy: 1 });
  expect((await subject.report()).differences[0]).toMatchObject({ path: `${subject.source}/moded`, isDrift: true });
  await pair.call('source', 'transmission.resume', { connectionId: subject.id });
});

test('it is refused while a mirror runs, ended by one, and not two run at once', async () => {
  const subject = await Subject.made('refused', (folder) => {
    fill(folder);
    for (let i = 0; i < 300; i++) writeFileSync(`${folder}/many ${i}`, Buffer.alloc(100_000, i));
  });
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => 'accepted',
      (error: unknown) => (error as ReplicationError).code,
    );
  const start = () => pair.call('source', 'verify.start', { connectionId: subject.id, options: WHOLE });
  // Without a link neither comes to an end meanwhile.
  await pair.call('source', 'transmission.stop', { connectionId: subject.id, reason: 'so that it has to wait' });
  await subject.when('the link is closed', ({ link }) => link.kind === 'stopped');
  await start();
  expect(await refusal(start())).toBe('verify-running');
  await pair.call('source', 'mirror.start', { connectionId: subject.id, options: { kind: 'checksum' } });
  expect(await refusal(start())).toBe('verify-during-mirror');
  const last = await eventually('its end', async () => (await subject.get()).verify.last);
  expect(last).toMatchObject({ outcome: 'stopped', why: 'A mirror was started.' });
  await pair.call('source', 'transmission.start', { connectionId: subject.id });
  await subject.settled();
  expect(await refusal(pair.call('source', 'verify.stop', { connectionId: subject.id }))).toBe('no-verify');
});

test('a verification goes on when the link comes back; reports outlive a restart, and one that was changed by hand is not intact', async () => {
  const subject = await Subject.made('restarted', fill);
  chmodSync(`${subject.target}/moded`, 0o700);
  pair.proxy.cut();
  const over = subject.verify(WHOLE);
  await eventually('the link is down', async () => (await subject.get()).link.kind === 'down');
  pair.proxy.restore();
  const summary = await over;
  expect(summary).toMatchObject({ outcome: 'different', differences: 1 });
  await pair.stop('source');
  await pair.start('source');
  expect((await eventually('the connection', () => subject.get())).verify.last).toEqual(summary);
  expect((await subject.report()).isIntact).toBe(true);
  const folder = `${pair.folder}/alpha/data/verify/${subject.id}`;
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.report.jsonl'));
  const text = readFileSync(`${folder}/${name}`, 'utf8');
  writeFileSync(`${folder}/${name}`, text.replace('"mode":"0700"', '"mode":"0644"'));
  expect(await subject.report()).toMatchObject({ isIntact: false, listed: 1 });
});
