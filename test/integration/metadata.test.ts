import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { ConnectionSnapshot } from '../../src-main/api/index.ts';
import { rawName } from '../../src-main/base/index.ts';
import { isQuiet } from '../../src-main/cli/demo/followed-connection.ts';
import { removeExtended } from '../../src-main/engine/fs/index.ts';
import { compareTrees } from '../../src-main/engine/verify/index.ts';
import { eventually } from '../support/eventually.ts';
import { aclBytes, attributesOf, setAttributes } from '../support/extended-attributes.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('Not root: trusted attributes, flags and volumes without attributes are left out.');

const acl = aclBytes({ owner: 6, user: [4321, 6], group: 4, mask: 6, other: 0 });
const defaultAcl = aclBytes({ owner: 7, user: [4321, 7], group: 5, mask: 7, other: 0 });
const ACL = 'system.posix_acl_access';
const DEFAULT_ACL = 'system.posix_acl_default';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(async () => {
  await pair.close();
});

interface Joined {
  readonly source: string;
  readonly target: string;
  get(): Promise<ConnectionSnapshot>;
  mirror(kind: 'different' | 'checksum'): Promise<void>;
  becomesEqual(options?: { extended: boolean }): Promise<void>;
}

/** Connects a folder, filled before by `fill`, to one of its own on the target. */
async function join(name: string, fill: (source: string) => void, target = `${pair.folder}/replicas/${name}`): Promise<Joined> {
  const source = `${pair.folder}/trees/${name}`;
  mkdirSync(source, { recursive: true });
  fill(source);
  await pair.call('source', 'set.create', { name });
  await pair.call('source', 'set.add-rule', { name, rule: { path: source, verdict: 'include', recursive: true } });
  await pair.call('source', 'set.save', { name });
  const { id } = await pair.connect(name, { kind: 'pairs', pairs: [{ from: source, to: target }] }, { kind: 'all' });
  const get = () => pair.call('source', 'connection.get', { connectionId: id });
  return {
    source,
    target,
    get,
    async mirror(kind) {
      await pair.call('source', 'mirror.start', { connectionId: id, options: { kind } });
      await eventually('the mirror ends', async () => (await get()).mirror.kind === 'idle', 30_000);
    },
    async becomesEqual(options) {
      await eventually(
        'equal trees',
        async () => {
          const { list } = await compareTrees([{ from: rawName(source), to: rawName(target) }], { bytes: true, ...options });
          if (list.length > 0) throw new Error(JSON.stringify(list));
          return isQuiet(await get());
        },
        30_000,
      );
    },
  };
}

describe('extended attributes and ACLs', () => {
  test('a mirror brings them for files, folders and large files, and leaves none on the target that the source has not', async () => {
    const replica = await join('attributes', (source) => {
      writeFileSync(`${source}/small`, 'x');
      setAttributes(`${source}/small`, { 'user.origin': 'alpha', 'user.bin': Buffer.from([0, 1, 255]) });
      writeFileSync(`${source}/large`, Buffer.alloc(6_000_000, 3));
      setAttributes(`${source}/large`, { 'user.big': 'b'.repeat(1500), [ACL]: acl });
      mkdirSync(`${source}/folder`);
      setAttributes(`${source}/folder`, { [DEFAULT_ACL]: defaultAcl, 'user.kind': 'shared' });
      writeFileSync(`${source}/folder/inherits`, 'y');
      symlinkSync('small', `${source}/link`);
      if (isRoot) setAttributes(`${source}/link`, { 'trusted.of-link': '1' });
    });
    await replica.becomesEqual();
    expect(attributesOf(`${replica.target}/small`)).toEqual({ 'user.origin': 'alpha', 'user.bin': '\x00\x01\xff' });
    expect(Object.keys(attributesOf(`${replica.target}/folder/inherits`))).toEqual([ACL]);
  });

  test('a change of attributes alone follows without data, also when they are taken away', async () => {
    const replica = await join('attributes-change', (source) => {
      writeFileSync(`${source}/file`, Buffer.alloc(300_000, 1));
      mkdirSync(`${source}/folder`);
    });
    await replica.becomesEqual();
    const before = (await replica.get()).statistics.sentBytes;
    setAttributes(`${replica.source}/file`, { 'user.a': '1', [ACL]: acl });
    setAttributes(`${replica.source}/folder`, { [DEFAULT_ACL]: defaultAcl });
    await replica.becomesEqual();
    setAttributes(`${replica.source}/file`, { 'user.a': '2' });
    await replica.becomesEqual();
    removeExtended(`${replica.source}/file`, 'user.a');
    removeExtended(`${replica.source}/folder`, DEFAULT_ACL);
    await replica.becomesEqual();
    expect(attributesOf(`${replica.target}/folder`)).toEqual({});
    expect((await replica.get()).statistics.sentBytes - before).toBeLessThan(10_000);
  });

  test('they survive changes of content, moves and further names', async () => {
    const replica = await join('attributes-live', (source) => {
      writeFileSync(`${source}/file`, 'one');
      setAttributes(`${source}/file`, { 'user.a': '1' });
    });
    await replica.becomesEqual();
    writeFileSync(`${replica.source}/file`, 'two and more');
    await replica.becomesEqual();
    linkSync(`${replica.source}/file`, `${replica.source}/second name`);
    setAttributes(`${replica.source}/second name`, { 'user.b': '2' });
    renameSync(`${replica.source}/file`, `${replica.source}/moved`);
    chmodSync(`${replica.source}/moved`, 0o600);
    await replica.becomesEqual();
    expect(attributesOf(`${replica.target}/moved`)).toEqual({ 'user.a': '1', 'user.b': '2' });
  });

  test.each(['different', 'checksum'] as const)('a mirror of kind %s puts right what was changed on the target', async (kind) => {
    const replica = await join(`attributes-${kind}`, (source) => {
      for (const name of ['a', 'b', 'c']) writeFileSync(`${source}/${name}`, name);
      setAttributes(`${source}/a`, { 'user.a': '1' });
    });
    await replica.becomesEqual();
    removeExtended(`${replica.target}/a`, 'user.a');
    setAttributes(`${replica.target}/b`, { 'user.stray': 'x' });
    await replica.mirror(kind);
    await replica.becomesEqual();
  });

  test('a change while the source was away is found, though size and times tell nothing', async () => {
    const replica = await join('attributes-away', (source) => {
      writeFileSync(`${source}/file`, 'x');
      mkdirSync(`${source}/folder`);
    });
    await replica.becomesEqual();
    await pair.stop('source');
    setAttributes(`${replica.source}/file`, { 'user.a': '1' });
    setAttributes(`${replica.source}/folder`, { 'user.a': '1' });
    await pair.start('source');
    await replica.becomesEqual();
  });

  test('a target folder with a default ACL of its own gives none of it to the replica', async () => {
    const base = `${pair.folder}/replicas/with-default`;
    mkdirSync(base, { recursive: true });
    setAttributes(base, { [DEFAULT_ACL]: defaultAcl });
    const replica = await join(
      'under-default',
      (source) => {
        writeFileSync(`${source}/file`, 'x');
        mkdirSync(`${source}/folder`);
        writeFileSync(`${source}/folder/large`, Buffer.alloc(400_000, 1));
      },
      `${base}/replica`,
    );
    await replica.becomesEqual();
  });

  test.skipIf(!isRoot)('a target without attributes is a problem told once for the root; the files arrive', async () => {
    const base = `${pair.folder}/replicas/plain`;
    mkdirSync(base, { recursive: true });
    if (spawnSync('mount', ['-t', 'ramfs', 'ramfs', base]).status !== 0) throw new Error('ramfs could not be mounted');
    onTestFinished(() => void spawnSync('umount', ['-l', base]));
    const replica = await join(
      'to-plain',
      (source) => {
        for (let i = 0; i < 20; i++) {
          writeFileSync(`${source}/file ${i}`, 'x');
          setAttributes(`${source}/file ${i}`, { 'user.a': '1', 'user.b': '2', [ACL]: acl });
        }
      },
      `${base}/replica`,
    );
    await replica.becomesEqual({ extended: false });
    await eventually('both losses are told, and the mirror is complete', async () => {
      const { problemCount, targetData } = await replica.get();
      return problemCount === 2 && targetData === 'good';
    });
    const { problems } = await replica.get();
    expect(problems.map(({ code, path }) => `${code} ${String(path)}`)).toEqual([
      `not-preserved ${replica.target}`,
      `not-preserved ${replica.target}`,
    ]);
    expect(problems.map(({ cause }) => cause).sort()).toEqual([
      `Access control lists are not kept on the target at ${replica.target}: the volume cannot hold them.`,
      `Extended attributes (user.*) are not kept on the target at ${replica.target}: the volume cannot hold them.`,
    ]);
    await eventually('the target tells them too', async () => {
      const replicas = await pair.call('target', 'replica.list', null);
      return replicas.find(({ roots }) => roots[0]?.to === replica.target)?.losses.length === 2;
    });
    // A restart of the source sends nothing again, and still knows.
    await pair.stop('source');
    await pair.start('source');
    await replica.becomesEqual({ extended: false });
    expect((await replica.get()).problemCount).toBe(2);
  });
});

describe('what no replica carries', () => {
  const counts = ({ notCarried }: ConnectionSnapshot) => Object.fromEntries(notCarried.map(({ kind, count }) => [kind, count]));

  test('pipes, sockets and devices are told by name, not sent, and are no problem; the list follows moves and removals', async () => {
    const replica = await join('specials', (source) => {
      mkdirSync(`${source}/run`);
      spawnSync('mkfifo', [`${source}/run/pipe`]);
      if (isRoot) spawnSync('mknod', [`${source}/run/null`, 'c', '1', '3']);
      writeFileSync(`${source}/was a file`, 'x');
    });
    const devices = isRoot ? { device: 1 } : {};
    await eventually('they are told', async () => counts(await replica.get()).pipe === 1);
    expect(counts(await replica.get())).toEqual({ pipe: 1, ...devices });
    expect((await replica.get()).problemCount).toBe(0);
    rmSync(`${replica.source}/was a file`);
    spawnSync('mkfifo', [`${replica.source}/was a file`]);
    await eventually('the file is gone from the target', () => !existsSync(`${replica.target}/was a file`));
    expect(existsSync(`${replica.target}/run/pipe`)).toBe(false);
    renameSync(`${replica.source}/run`, `${replica.source}/run2`);
    await eventually('both are told at their places', async () => {
      const pipes = (await replica.get()).notCarried.find(({ kind }) => kind === 'pipe');
      return [...(pipes?.examples ?? [])].sort().join() === `${replica.source}/run2/pipe,${replica.source}/was a file`;
    });
    rmSync(`${replica.source}/was a file`);
    rmSync(`${replica.source}/run2`, { recursive: true });
    await eventually('nothing is left to tell', async () => (await replica.get()).notCarried.length === 0);
  });

  test.skipIf(!isRoot)(
    'immutable and append-only files arrive without their flag, which is told, also after a restart',
    async () => {
      const source = `${pair.folder}/trees/flags`;
      const chattr = (flag: string, name: string) => spawnSync('chattr', [flag, `${source}/${name}`]).status === 0;
      onTestFinished(() => {
        for (const name of ['fixed', 'log']) chattr('-ia', name);
      });
      const replica = await join('flags', () => {
        for (const name of ['fixed', 'log', 'plain']) writeFileSync(`${source}/${name}`, name);
        chattr('+i', 'fixed');
      });
      await replica.becomesEqual();
      if (!chattr('+a', 'log')) {
        console.warn('chattr does not work on this file system: flags are not tested.');
        return;
      }
      // The kernel gives no notice of a flag: the next comparison or mirror finds it.
      await replica.mirror('different');
      const expected = { immutable: 1, 'append-only': 1 };
      await eventually('both are told', async () => JSON.stringify(counts(await replica.get())) === JSON.stringify(expected));
      await pair.stop('source');
      await pair.start('source');
      await eventually('both are known', async () => JSON.stringify(counts(await replica.get())) === JSON.stringify(expected));
      expect((await replica.get()).problemCount).toBe(0);
      chattr('-i', 'fixed');
      chattr('-a', 'log');
      await replica.mirror('different');
      await eventually('no flag is left', async () => (await replica.get()).notCarried.length === 0);
      await replica.becomesEqual();
    },
  );
});

describe('what is preserved', () => {
  const resultsOf = async (connectionId: string) => {
    const report = await eventually('the target has answered', async () => {
      const found = await pair.call('source', 'connection.preserved', { connectionId });
      return found.askedAt === null ? null : found;
    });
    const [root] = report.roots;
    return { root, results: Object.fromEntries((root?.properties ?? []).map(({ id, result }) => [id, result])) };
  };

  test('between two volumes that have all of it, everything is kept but what no replica carries', async () => {
    const replica = await join('preserved', (source) => writeFileSync(`${source}/a`, 'a'));
    const { root, results } = await resultsOf((await replica.get()).id);
    expect(root).toMatchObject({ from: replica.source, to: replica.target, sourceFileSystem: root?.targetFileSystem });
    const asRoot = isRoot ? {} : { owners: 'lost', 'trusted-attributes': 'not-there', 'security-attributes': 'lost' };
    const never = { labels: 'not-carried', flags: 'not-carried', specials: 'not-carried', 'other-times': 'not-carried' };
    const expected: Record<string, string> = { ...never, ...asRoot };
    for (const [id, result] of Object.entries(results)) expect([id, result]).toEqual([id, expected[id] ?? 'kept']);
    expect(Object.keys(results)).toContain('acl');
    await eventually('the probes are gone', () => {
      const stage = `${pair.folder}/replicas/.understudy-stage`;
      return readdirSync(stage).every((folder) => !readdirSync(`${stage}/${folder}`).some((name) => name.startsWith('probe')));
    });
  });

  test.skipIf(!isRoot)('a volume without attributes loses just these, before any file shows it', async () => {
    const place = `${pair.folder}/replicas/plain-probed`;
    mkdirSync(place, { recursive: true });
    if (spawnSync('mount', ['-t', 'ramfs', 'ramfs', place]).status !== 0) throw new Error('ramfs could not be mounted');
    onTestFinished(() => void spawnSync('umount', ['-l', place]));
    const replica = await join('preserved-plain', (source) => writeFileSync(`${source}/a`, 'a'), `${place}/replica`);
    const { results } = await resultsOf((await replica.get()).id);
    expect(Object.keys(results).filter((id) => results[id] === 'lost')).toEqual([
      'user-attributes',
      'acl',
      'trusted-attributes',
      'security-attributes',
    ]);
  });
});

test('the time of a folder follows when only what the set leaves out came and went in it', async () => {
  const replica = new Replica(pair, 'left-out');
  mkdirSync(`${replica.source}/folder`);
  await replica.connect({ kind: 'all' }, [{ path: `${replica.source}/*.tmp`, verdict: 'exclude', recursive: true }]);
  await replica.settled();
  const times = (root: string) => ['folder', ''].map((path) => statSync(`${root}/${path}`, { bigint: true }).mtimeNs);
  for (const change of [
    () => writeFileSync(`${replica.source}/folder/a.tmp`, 'x'),
    () => renameSync(`${replica.source}/folder/a.tmp`, `${replica.source}/b.tmp`),
    () => rmSync(`${replica.source}/b.tmp`),
  ]) {
    const before = times(replica.source);
    change();
    expect(times(replica.source)).not.toEqual(before);
    await eventually('the times are the same', () => String(times(replica.target)) === String(times(replica.source)));
  }
  expect(readdirSync(replica.target)).toEqual(['folder']);
});
