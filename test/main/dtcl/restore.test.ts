import { beforeEach, expect, test } from 'vitest';
import type { ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, loggedIn, runOn } from '../../support/fake-dtcl-host.ts';
import { endedRestore } from '../../support/fake-restore.ts';

let host: FakeDtclHost;
const replica = { connectionId: 'c1', setName: 'accounts', sourceName: 'alpha', roots: [] } as unknown as ReplicaSnapshot;
beforeEach(() => {
  host = new FakeDtclHost();
  host.services.beta.replicas = [replica];
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  const failures = reports.map(({ error }) => error?.text ?? '');
  return { results: results.slice(3).map(([, result]) => result), text: [...lines, ...failures].join('\n') };
}
const end = (outcome: 'restored' | 'different') => {
  const [restore] = host.services.beta.restores;
  if (restore !== undefined)
    host.services.beta.restores[0] = endedRestore(restore, outcome, outcome === 'restored' ? '' : 'Two files differ.');
};

test('a restore says what, from where, to where and how, and is waited for', async () => {
  const { results } = await run(
    '$r = restore accounts from beta to alpha only /data/a "/data/b c" base /back overwrite older checksum owners; restore status $r on beta;',
  );
  expect(results).toEqual([1, 1]);
  expect(host.restored).toEqual([
    {
      ...{
        holder: 'beta',
        receiver: 'alpha',
        overwrite: 'older',
        checksum: true,
        owners: 'name',
        plan: false,
        drill: null,
      },
      choice: {
        from: { kind: 'replica', connectionId: 'c1' },
        paths: ['/data/a', '/data/b c'],
        to: { kind: 'folder', path: '/back' },
      },
    },
  ]);
  const late = await run('wait on restore r1 on beta for 2;');
  expect(late.results).toEqual([-125]);
  end('restored');
  const over = await run('wait on restore r1 on beta; restore status on beta; restore status r1 on beta json;');
  expect(over.results).toEqual([1, 1, 1]);
  expect(over.text).toContain('Over: r1  restore of accounts to alpha, by admin: restored');
  expect(over.text).toContain('"sha256":"f00d"');
});

test('where it was and what is different are meant when nothing else is said, and a folder goes by its path', async () => {
  await run('restore /snapshots/noon from beta to alpha base /back; restore ACCOUNTS from beta to alpha;');
  expect(host.restored).toMatchObject([
    { choice: { from: { kind: 'folder', path: '/snapshots/noon' }, paths: [], to: { kind: 'folder', path: '/back' } } },
    { choice: { from: { kind: 'replica' }, to: { kind: 'origin' } }, overwrite: 'different', checksum: false, owners: 'number' },
  ]);
});

test('one that is not complete, an unknown replica and one of several fail with their reason', async () => {
  await run('restore accounts from beta to alpha;');
  end('different');
  const { results, text } = await run(
    'wait on restore r1 on beta; restore payroll from beta to alpha; wait on restore r9 on beta;',
  );
  expect(results).toEqual([-126, -115, -117]);
  expect(text).toContain('not complete. Two files differ.');
  host.services.beta.replicas = [replica, { ...replica, connectionId: 'c2' }];
  const several = await run('restore accounts from beta to alpha;');
  expect(several.results).toEqual([-101]);
  expect(several.text).toContain('name one by its id: c1 from alpha');
});

test('a drill draws on the target, asks the source for its files, and restores into a folder of its own', async () => {
  const { results } = await run('restore drill accounts from beta to alpha base /scratch/ files 5 seed again source alpha;');
  expect(results).toEqual([1]);
  const [{ choice, drill, overwrite } = {}] = host.restored;
  expect(choice?.paths).toEqual(['/data/x']);
  expect(choice?.to).toMatchObject({ kind: 'folder', path: expect.stringMatching(/^\/scratch\/drill-2026-/) as string });
  expect({ drill, overwrite }).toMatchObject({
    overwrite: 'always',
    drill: { sample: { seed: 'again' }, originals: [{ content: null }] },
  });
  const much = await run('restore drill accounts from beta to alpha base /scratch files 501;');
  expect(much.results).toEqual([-122]);
});

test('a restore is cancelled, or carried out when it was kept', async () => {
  await run('restore accounts from beta to alpha;');
  const { results, text } = await run('restore go r1 on beta; restore cancel r1 on beta; restore cancel r2 on beta;');
  expect(results).toEqual([1, 1, -117]);
  expect(text).toContain('Goes on: r1.');
});

test.each([
  ['restore accounts to alpha;', '"from" is missing here'],
  ['restore accounts from beta to alpha overwrite sometimes;', '"never" or "older" or "different" or "always" is missing here'],
  ['restore accounts from beta to alpha only;', 'a path is missing'],
  ['restore drill accounts from beta to alpha;', '"base" is missing here'],
  ['restore accounts from beta to alpha keep;', '"keep" means nothing here'],
])('%s is refused before anything runs', (text, problem) => {
  expect(parse(text).problems[0]?.text).toContain(problem);
});
