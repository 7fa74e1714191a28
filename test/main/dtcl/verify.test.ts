import { beforeEach, expect, test } from 'vitest';
import type { Halt, VerifyDifference, VerifySummary } from '../../../src-main/api/index.ts';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const since = '2026-11-22T11:00:00.000Z';
const loggedIn = 'login alpha admin right; source alpha;';
const summary: VerifySummary = {
  id: 'r1', connectionId: 'c', setName: 'accounts', sourceName: 'alpha', targetName: 'beta', roots: [{ from: '/a', to: '/b' }],
  options: { bytes: true, repair: 'none', orphans: false }, startedBy: 'admin', startedAt: since, endedAt: since, elapsedMs: 2500,
  outcome: 'different', why: null, differences: 1, sha256: 'abc', files: 4, folders: 1, symlinks: 0, bytes: 40, missing: 0, extra: 0,
  different: 1, unreadable: 0, busy: 2, bytesOutOfSync: 9, repaired: 0,
}; // prettier-ignore
const side = {
  kind: 'file',
  size: 9,
  modified: '2026-11-22T11:00:00.000000001Z',
  mode: '0644',
  owner: '0:0',
  extended: 'none',
  linkTarget: null,
};
const difference: VerifyDifference = {
  path: '/a/x', what: 'different', properties: ['modified', 'content'], source: side, target: { ...side, mode: '0600' }, bytesOutOfSync: 9,
  isDrift: true, why: null, isRepaired: false,
}; // prettier-ignore

let host: FakeDtclHost;
let id: string;
beforeEach(() => {
  host = new FakeDtclHost();
  id = host.services.alpha.addConnection({ setName: 'accounts', targetName: 'beta', map: { kind: 'exact' } }).id;
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, loggedIn + text);
  return {
    results: results.slice(2).map(([, result]) => result),
    text: lines.slice(2).join('\n'),
    errors: reports.map(({ error }) => error?.text ?? '').join(''),
  };
}

test.each([
  ['verify 1;', { bytes: false, repair: 'none', orphans: false }],
  ['verify 1 mirror, newer, checksum, orphans;', { bytes: true, repair: 'newer', orphans: true }],
  ['verify 1 mirror;', { bytes: false, repair: 'all', orphans: false }],
])('%s says what is compared and what is done about it', async (text, options) => {
  host.services.alpha.answerVerify = { summary, differences: [difference] };
  const { results } = await run(text);
  expect(results).toEqual([1]);
  expect(host.services.alpha.verified).toEqual([options]);
});

test('newer without mirror is refused before anything runs', () => {
  expect(
    parse('verify 1 newer')
      .problems.map(({ text }) => text)
      .join(),
  ).toContain('"newer" follows "mirror"');
});

test('a schedule is a setting of the connection', async () => {
  const { results } = await run('verify 1 schedule every 2 days checksum;');
  expect(results).toEqual([1]);
  expect(host.services.alpha.connections[0]?.settings.verify).toMatchObject({ everyMinutes: 2880, bytes: true, repair: 'none' });
  await run('verify 1 schedule off;');
  expect(host.services.alpha.connections[0]?.settings.verify).toMatchObject({ everyMinutes: null, bytes: true });
  expect((await run('verify 1 schedule every 0 hours;')).results).toEqual([-122]);
});

test('a wait gives the number of differences of the verification that the script started, not of one before', async () => {
  const { alpha } = host.services;
  alpha.change(id, { verify: { run: null, last: { ...summary, id: 'r0', differences: 77 }, nextAt: null } });
  alpha.answerVerify = { summary, differences: [difference] };
  const { results, text } = await run('verify 1 checksum; $n = wait on verify 1 for 60; write "found" $n;');
  expect(results).toEqual([1, 1, 1]);
  expect(text).toContain('found 1');
});

test('a report is printed with the values of both sides and a trailer, or as one line of JSON', async () => {
  host.services.alpha.answerVerify = { summary, differences: [difference] };
  const { text } = await run('verify show 1;');
  expect(text).toContain('different (modified, content): /a/x');
  expect(text).toContain('  source  file  9 bytes  2026-11-22T11:00:00.000000001Z  0644  0:0');
  expect(text).toContain('  9 bytes out of sync; changed on the target after it was sent');
  expect(text).toMatch(/Elapsed: +2.5 s/);
  expect(text).toMatch(/SHA-256: +abc$/m);
  const json = (await run('verify show 1 r1 json;')).text;
  expect(JSON.parse(json)).toMatchObject({ id: 'r1', isIntact: true, listed: [{ path: '/a/x' }] });
  expect((await run('verify list 1;')).text).toContain('r1  accounts to beta');
});

test('a report that is not as it was written is said so, and fails', async () => {
  host.services.alpha.answerVerify = { summary, differences: [], isIntact: false };
  const { results, text, errors } = await run('verify show 1;');
  expect(results).toEqual([-1]);
  expect(text).toContain('DAMAGED');
  expect(errors).toContain('not as it was written');
});

test('the question of a halted connection is answered by name or label, and only with what it offers', async () => {
  const halt: Halt = {
    code: 'source-vanished', path: '/a', cause: 'It is gone.', since, effect: '', nextStep: '',
    answers: [{ id: 'check-again', label: 'Check again', effect: 'Looks again.' }],
  }; // prettier-ignore
  expect((await run('answer 1 check-again;')).results).toEqual([-101]);
  host.services.alpha.change(id, { halt });
  const { results, text } = await run('answer 1 check-again; answer 1 "check again"; answer 1 accept;');
  expect(results).toEqual([1, 1, -101]);
  expect(text).toContain('Answered "Check again"');
  expect(host.services.alpha.answers).toEqual(['check-again', 'check-again']);
});
