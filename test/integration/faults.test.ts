import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { MappedRoot } from '../../src-main/api/index.ts';
import type { ReplicationError } from '../../src-main/base/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';
import { mountSmallDisk, withoutRoot } from '../support/without-root.ts';

const launcher = withoutRoot();
if (launcher === null) console.warn('As root without setpriv: the tests of files that cannot be read or written are left out.');

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start(launcher === null ? {} : { launcher });
});
afterAll(async () => {
  await pair.close();
});

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was refused',
    (error: unknown) => (error as ReplicationError).code,
  );
}

describe('a connection that cannot work is refused before anything is written', () => {
  test('a base folder inside the set, on the same machine', async () => {
    const name = 'loop';
    const { source } = new Replica(pair, name);
    await pair.call('source', 'set.create', { name });
    await pair.call('source', 'set.add-rule', { name, rule: { path: source, verdict: 'include', recursive: true } });
    await pair.call('source', 'set.save', { name });
    const prepare = (base: string) =>
      pair.call('source', 'connection.prepare', {
        setName: name,
        map: { kind: 'base', base },
        targetFingerprint: pair.services.source.fingerprint,
      });
    expect(await refusal(prepare(`${source}/inside`))).toBe('map-loop');
    expect(await refusal(prepare(`${pair.folder}/elsewhere`))).toBe('nothing was refused');
    expect(existsSync(`${source}/inside`)).toBe(false);
  });

  test('a base folder inside the set, on another service of the same machine', async () => {
    const replica = new Replica(pair, 'loop-beside');
    replica.target = `${replica.source}/inside/and/deeper`;
    expect(await refusal(replica.connect({ kind: 'all' }))).toBe('map-loop');
    // Not even the folders above it stay: they would be replicated by every other connection of the set.
    expect(existsSync(`${replica.source}/inside`)).toBe(false);
  });

  test('a target path that leads through a file', async () => {
    writeFileSync(`${pair.folder}/a file`, '');
    expect(await refusal(new Replica(pair, 'through-a-file', `${pair.folder}/a file/replica`).connect({ kind: 'all' }))).toBe(
      'not-a-folder',
    );
  });

  test.skipIf(launcher === null)('a target path that is not writable', async () => {
    mkdirSync(`${pair.folder}/locked`, { mode: 0o555 });
    expect(await refusal(new Replica(pair, 'locked-away', `${pair.folder}/locked/replica`).connect({ kind: 'all' }))).toBe(
      'permission-denied',
    );
  });

  test('a source folder that does not exist', async () => {
    const replica = new Replica(pair, 'not-there');
    rmSync(replica.source, { recursive: true });
    expect(await refusal(replica.connect({ kind: 'all' }))).toBe('not-found');
  });
});

describe('while replicating', () => {
  test.skipIf(launcher === null)(
    'a file that cannot be read is listed, the others go on, and it follows when it can',
    async () => {
      const replica = new Replica(pair, 'unreadable');
      writeFileSync(`${replica.source}/secret`, 'secret');
      chmodSync(`${replica.source}/secret`, 0);
      for (let i = 0; i < 20; i++) writeFileSync(`${replica.source}/${i}`, `${i}`);
      await replica.connect({ kind: 'all' });
      const { problems } = await replica.when('the problem', (snapshot) => snapshot.problemCount === 1);
      expect(problems[0]).toMatchObject({ code: 'permission-denied', path: `${replica.source}/secret` });
      expect(problems[0]?.cause).toContain('secret');
      writeFileSync(`${replica.source}/later`, 'later');
      await eventually('the others', () => existsSync(`${replica.target}/later`) && existsSync(`${replica.target}/19`));
      chmodSync(`${replica.source}/secret`, 0o600);
      await replica.becomesEqual();
      await replica.when('no problem is left', (snapshot) => snapshot.problemCount === 0);
    },
  );

  test('names with every odd byte arrive, live and mirrored', async () => {
    const replica = new Replica(pair, 'odd-names');
    const names = [
      'new\nline',
      '#hash',
      'semi;colon',
      '\xff\xfe',
      'tab\t',
      '"quotes\'',
      '-rf',
      ' ',
      '\\',
      '\xc3\xb6',
      '~',
      '$x',
      '*',
      '..a',
    ];
    const write = (suffix: string) => {
      for (const name of names) writeFileSync(Buffer.from(`${replica.source}/${name}${suffix}`, 'latin1'), name);
    };
    write('');
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    write(' live');
    await replica.becomesEqual();
    expect((await replica.get()).problems).toEqual([]);
  });

  test('an edit that sets size and time back arrives in a file with two names, live and from while the source was down', async () => {
    const replica = new Replica(pair, 'secret-edits');
    const path = `${replica.source}/one`;
    const editSecretly = (text: string) => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, text);
      utimesSync(path, atime, mtime);
    };
    writeFileSync(path, 'first');
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    linkSync(path, `${replica.source}/two`);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    editSecretly('again');
    await eventually('the live edit', () => readFileSync(`${replica.target}/two`, 'utf8') === 'again');
    await replica.becomesEqual();
    await pair.kill('source');
    editSecretly('third');
    linkSync(path, `${replica.source}/a new name`);
    await pair.start('source');
    await eventually('the edit while it was down', () => readFileSync(`${replica.target}/two`, 'utf8') === 'third');
    await replica.becomesEqual();
  });

  test('a source folder that vanished halts with a question and deletes nothing; the way back needs no mirror by hand', async () => {
    const replica = new Replica(pair, 'vanishing');
    for (let i = 0; i < 50; i++) writeFileSync(`${replica.source}/${i}`, `${i}`);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    renameSync(replica.source, `${replica.source}.away`);
    const { halt, replication } = await replica.when('the halt', (snapshot) => snapshot.halt !== null);
    expect(replication).toBe('halted');
    expect(halt?.cause).toContain(replica.source);
    expect(halt?.answers.map(({ id }) => id)).toEqual(['check-again']);
    expect(statSync(`${replica.target}/49`).size).toBe(2);

    await replica.answer('check-again');
    await replica.when('still halted', (snapshot) => snapshot.halt !== null);
    writeFileSync(`${replica.source}.away/changed meanwhile`, 'x');
    renameSync(`${replica.source}.away`, replica.source);
    await replica.answerIfAsked('check-again');
    await replica.becomesEqual();
    expect(readFileSync(`${replica.target}/changed meanwhile`, 'utf8')).toBe('x');
  });

  test('a source folder that came back empty is not taken for deletes', async () => {
    const replica = new Replica(pair, 'emptied');
    for (let i = 0; i < 50; i++) writeFileSync(`${replica.source}/${i}`, `${i}`);
    await replica.connect({ kind: 'all' });
    await replica.becomesEqual();
    await pair.kill('source');
    renameSync(replica.source, `${replica.source}.away`);
    mkdirSync(replica.source);
    await pair.start('source');
    await replica.when('the halt', (snapshot) => snapshot.halt !== null);
    expect(statSync(`${replica.target}/49`).size).toBe(2);
    rmSync(replica.source, { recursive: true });
    renameSync(`${replica.source}.away`, replica.source);
    await replica.answerIfAsked('check-again');
    await replica.becomesEqual();
  });

  test('a full disk on the target is said, nothing is skipped, and it goes on when there is room', async () => {
    const disk = mountSmallDisk(`${pair.folder}/small disk`, 2);
    if (disk === null) {
      console.warn('No right to mount a small disk: the test of a full one is left out.');
      return;
    }
    onTestFinished(() => disk.unmount());
    const replica = new Replica(pair, 'too-big', `${disk.folder}/replica`);
    for (let i = 0; i < 8; i++) writeFileSync(`${replica.source}/${i}`, Buffer.alloc(700_000, i + 1));
    await replica.connect({ kind: 'all' });
    const isFull = async () => {
      const replicas = await pair.call('target', 'replica.list', null);
      return replicas.find(({ roots }) => arrivesAt(roots, replica.target) && replicas.length > 0)?.problem?.code === 'disk-full';
    };
    await eventually('the full disk is said on the target', isFull, 30_000);
    await replica.when('and on the source', ({ problems }) => problems.some(({ code }) => code === 'disk-full'));
    disk.resize(20);
    await replica.becomesEqual();
    await replica.when('no problem left', ({ problemCount }) => problemCount === 0);
  });
});

function arrivesAt(roots: readonly MappedRoot[], to: string): boolean {
  return roots.some((root) => root.to === to);
}
