import { beforeEach, expect, test } from 'vitest';
import type { PlanEntry, PlanSummary } from '../../../src-main/api/index.ts';
import { PlanTally } from '../../../src-main/engine/mirror/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const loggedIn = 'login alpha admin right; source alpha;';
const tally = new PlanTally();
tally.add('create', 2000);
tally.add('delete', 20);
tally.add('keep', 5);
const summary: PlanSummary = {
  id: 'p1', connectionId: 'c', setName: 'accounts', sourceName: 'alpha', targetName: 'beta', roots: [{ from: '/a', to: '/b' }],
  options: { kind: 'different' }, startedBy: 'admin', startedAt: '2026-11-22T11:00:00.000Z', endedAt: '2026-11-22T11:00:02.000Z', elapsedMs: 2000,
  counts: tally.counts, sourceFiles: 2, sourceBytes: 2005, sendBytes: 2000, estimateMs: 90_000,
  exceeded: [{ limit: 'maxDeletes', allowed: 0, planned: 1, text: 'it would delete 1 entries, and 0 are allowed' }],
}; // prettier-ignore
const entries: PlanEntry[] = [
  { action: 'create', path: '/a/new', kind: 'file', bytes: 2000, reason: 'not on the target' },
  { action: 'delete', path: '/a/old', kind: 'file', bytes: 20, reason: 'not on the source' },
];

let host: FakeDtclHost;
beforeEach(() => {
  host = new FakeDtclHost();
  host.services.alpha.addConnection({ setName: 'accounts', targetName: 'beta', map: { kind: 'exact' } });
  host.services.alpha.answerPlan = { summary, entries };
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  return {
    results: results.slice(2).map(([, result]) => result),
    text: lines.slice(2).join('\n'),
    errors: reports.map(({ error }) => error?.text ?? '').join(''),
  };
}

test('a plan waits for its end, prints its sums and gives the number of changes', async () => {
  const { results, text } = await run('$n = mirror plan 1 different; write "changes" $n;');
  expect(results).toEqual([1, 1]);
  expect(text).toMatch(/create +1 are not on the target, 2/);
  expect(text).toMatch(/delete +1 are deleted on the target/);
  expect(text).toMatch(/Estimate: +1 min/);
  expect(text).toContain('Beyond mirror.maxDeletes: it would delete 1 entries, and 0 are allowed');
  expect(text).toContain('changes 2');
});

test('the entries are printed with their reasons, all or of one action, as text or as one line of JSON', async () => {
  const { text } = await run('mirror plan show 1;');
  expect(text).toContain('create      /a/new  (file, 2000 bytes): not on the target');
  const deletes = (await run('mirror plan show 1 delete;')).text;
  expect(deletes).toContain('/a/old');
  expect(deletes).not.toContain('/a/new');
  const json = (await run('mirror plan show 1 delete json;')).text;
  expect(JSON.parse(json)).toMatchObject({ id: 'p1', listed: 1, entries: [{ action: 'delete', path: '/a/old' }] });
});

test('a wait on a mirror that asks fails and says what it would do and how it goes on', async () => {
  const { alpha } = host.services;
  const [connection] = alpha.connections;
  const words = { cause: 'It would delete too much.', effect: '', nextStep: 'Resume it or stop it.' };
  const question = { code: 'mirror-limited', path: null, since: summary.startedAt, ...words };
  alpha.change(connection?.id ?? '', { plan: { run: null, last: summary, question } });
  const { results, errors } = await run('wait on mirror 1 for 5;');
  expect(results).toEqual([-118]);
  expect(errors).toContain('It would delete too much. Resume it or stop it.');
});
