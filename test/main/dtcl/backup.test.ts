import { beforeEach, expect, test } from 'vitest';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const loggedIn = 'login alpha admin right; source alpha;';
let host: FakeDtclHost;
beforeEach(() => {
  host = new FakeDtclHost();
  const { id } = host.addAccounts('c:\\noon');
  host.services.alpha.change(id, { targetData: 'good' });
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  const failures = reports.map(({ error }) => error?.text ?? '');
  return { results: results.slice(2).map(([, result]) => result), text: [...lines, ...failures].join('\n') };
}

test('a window is begun at a cut, told, the same for its owner, refused to another, and ended once', async () => {
  const begun = await run(
    'backup begin accounts to beta owner nightly reason "tape" max 60; backup begin accounts owner nightly;',
  );
  expect(begun.results).toEqual([1, 1]);
  expect(begun.text).toContain('accounts to beta: go, it may be read.');
  expect(begun.text).toContain('Folder:       c:\\noon\\c\\data');
  expect(begun.text).toContain('Cut:          operation 41,');
  expect(begun.text).toMatch(/Window: +nightly: tape, by a pause, since .*, 1 h 0 min at the most/);
  const other = await run('backup begin accounts owner weekly; backup end accounts owner weekly;');
  expect(other.results).toEqual([-126, -126]);
  expect(other.text).toContain('A backup window of nightly has been open');
  const ended = await run('backup end accounts owner nightly; backup end accounts owner nightly; backup status accounts;');
  expect(ended.results).toEqual([1, 1, 1]);
  expect(ended.text).toContain('Given back: accounts to beta.\nNo window was open: accounts to beta.');
  expect(ended.text).toContain('no window is open; one could be begun');
});

test('what is on its way is waited for; what takes longer is -125 and keeps its window', async () => {
  host.services.alpha.pausesAtOnce = false;
  const slow = await run('backup begin accounts owner nightly for 2; backup status accounts;');
  expect(slow.results).toEqual([-125, 1]);
  expect(slow.text).toContain('wait. the replica is on its way to its cut');
  expect(host.services.alpha.windows.list()).toMatchObject([{ owner: 'nightly', state: 'closing' }]);
});

test('a replica that went on during the window makes its end fail', async () => {
  await run('backup begin accounts;');
  const [connection] = host.services.alpha.connections;
  host.services.alpha.change(connection?.id ?? '', { holds: [], transmission: { kind: 'active', since: '' } });
  const ended = await run('backup end accounts;');
  expect(ended.results).toEqual([-126]);
  expect(ended.text).toContain('changed while it was read: transmission was resumed');
});

test('with a hold it is the target that keeps the replica still, and a login there is needed', async () => {
  const { id: connectionId, setName, roots } = host.services.alpha.connections[0] ?? expect.fail('there is a connection');
  const cut = { sequence: 41, at: '2026-11-27T05:59:00.000Z', label: 'point-in-time' as const };
  type Replica = (typeof host.services.beta.replicas)[number];
  host.services.beta.replicas = [
    { connectionId, setName, roots, sourceName: 'alpha', hold: null, problem: null, cut } as Replica,
  ];
  expect((await run('backup begin accounts method hold;')).results).toEqual([-110]);
  const begun = await run('login beta admin right; backup begin accounts method hold; backup status accounts;');
  expect(begun.results.slice(1)).toEqual([1, 1]);
  expect(begun.text).toContain('script: requested by a script, by a hold of the target');
  expect(host.services.beta.replicas[0]?.hold?.owner).toBe('backup window of script');
  expect(host.services.alpha.calls).not.toContain('backup.begin');
  const ended = await run('login beta admin right; backup end accounts;');
  expect(ended.results.slice(1)).toEqual([1]);
  expect(host.services.beta.replicas[0]?.hold).toBeNull();
});

test.each([
  ['backup;', 'backup begin'],
  ['backup begin;', 'the slot, rotation, connection or set is missing'],
  ['backup begin accounts method;', '"pause" is missing'],
  ['backup end accounts owner;', 'the value of "owner" is missing'],
])('%s is refused before anything runs', (text, why) => {
  expect(
    parse(text)
      .problems.map((problem) => problem.text)
      .join(),
  ).toContain(why);
});
