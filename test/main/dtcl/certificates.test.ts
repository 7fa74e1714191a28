import { beforeEach, expect, test } from 'vitest';
import type { CertificateSummary, ReplicaSnapshot } from '../../../src-main/api/index.ts';
import { initialReplicaSettings } from '../../../src-main/api/index.ts';
import { parse } from '../../../src-main/dtcl/index.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

const at = '2026-11-22T11:00:00.000Z';
const summary: CertificateSummary = {
  id: '2026-11-22T11-00-00-000Z', connectionId: 'c', setName: 'accounts', sourceName: 'alpha', targetName: 'beta', roots: [{ from: '/a', to: '/b' }],
  cut: { sequence: 41, at, label: 'point-in-time' }, appliedSequence: 41, standstill: { by: 'hold', owner: 'eva', reason: 'backup' }, startedBy: 'eva',
  startedAt: at, finishedAt: at, files: 4, folders: 1, symlinks: 0, others: 0, bytes: 40, unreadable: 1, kept: 0, orphans: 0, readFiles: 4,
  readBytes: 40, sha256: 'abc', fingerprint: 'AA:BB', fileBytes: 1_000,
}; // prettier-ignore

let host: FakeDtclHost;
let id: string;
beforeEach(() => {
  host = new FakeDtclHost();
  id = host.services.alpha.addConnection({ setName: 'accounts', targetName: 'beta', map: { kind: 'exact' } }).id;
  const replica: ReplicaSnapshot = {
    connectionId: id, setName: 'accounts', sourceName: 'alpha', roots: [], settings: initialReplicaSettings, state: 'held', since: at,
    consistency: 'point-in-time', receivedSequence: 41, appliedSequence: 41, queuedOps: 0, queuedBytes: 0, cut: summary.cut,
    hold: { owner: 'eva', reason: 'backup', since: at, isEffective: true }, problem: null, losses: [], kept: { count: 0, bytes: 0 }, orphans: null,
    drift: { count: 0, newest: [] }, queue: { freeBytes: null, full: null }, certificates: { run: null, last: null, failure: null },
    snapshots: { isComplete: true, run: null, count: 0, newest: null, reverted: null },
  }; // prettier-ignore
  host.services.beta.replicas = [replica];
  host.services.beta.certificates = [summary];
  host.services.beta.certificateText = 'lines of a certificate\n';
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, `login alpha admin right; login beta admin right; ${text}`);
  return {
    results: results.slice(2).map(([, result]) => result),
    text: lines.slice(2).join('\n'),
    errors: reports.map(({ error }) => error?.text ?? '').join(''),
  };
}

test('one is made, waited for and its id taken', async () => {
  host.services.beta.certificates = [];
  host.services.beta.answerCertificate = { run: null, last: summary, failure: null };
  const { results, text } = await run(
    'source alpha; certificate make 1 full; $made = wait on certificate 1 for 60; write $made;',
  );
  expect(results.slice(1)).toEqual([1, 1, 1]);
  expect(host.services.beta.certified).toEqual([true]);
  expect(text).toContain(
    `${summary.id}  accounts from alpha, cut 41 (point-in-time) of ${at}, held: 4 files, 1 folders, 0 links, 40 B, 1 unreadable`,
  );
  expect(text.split('\n').at(-1)).toBe(summary.id);
});

test('the wait fails with the reason when none was made, and when somebody stopped it', async () => {
  host.services.beta.answerCertificate = { run: null, last: null, failure: { at, text: 'The replica went on.' } };
  const failed = await run('source alpha; certificate make 1; wait on certificate 1;');
  expect([failed.results.at(-1), failed.errors]).toEqual([-126, 'The replica went on.']);
  host.services.beta.answerCertificate = { run: null, last: null, failure: { at, text: 'The replica went on.' } };
  const stopped = await run('source alpha; certificate make 1; certificate stop 1; wait on certificate 1;');
  expect(stopped.results.at(-1)).toBe(-126);
  expect(stopped.errors).toContain('was stopped');
});

test('an older certificate is never taken for the one that was waited for, whatever became of the failure before', async () => {
  const [replica] = host.services.beta.replicas;
  if (replica === undefined) throw new Error('no replica');
  const before = { run: null, last: summary, failure: { at, text: 'The replica went on.' } };
  host.services.beta.replicas = [{ ...replica, certificates: before }];
  // The service was started anew, or the newest was deleted, while the one that is waited for was made.
  host.services.beta.answerCertificate = { run: null, last: summary, failure: null };
  const stopped = await run('source alpha; certificate make 1; wait on certificate 1;');
  expect([stopped.results.at(-1), stopped.errors]).toEqual([-126, expect.stringContaining('None was made')]);
  const older = { ...summary, id: '2026-11-21T11-00-00-000Z' };
  host.services.beta.certificates = [summary, older];
  host.services.beta.answerCertificate = { run: null, last: older, failure: null };
  expect((await run('source alpha; certificate make 1; wait on certificate 1;')).results.at(-1)).toBe(-126);
  const newer = { ...summary, id: '2026-11-23T11-00-00-000Z' };
  host.services.beta.answerCertificate = { run: null, last: newer, failure: null };
  expect((await run('source alpha; certificate make 1; wait on certificate 1;')).results.at(-1)).toBe(1);
});

test('what was applied after the last cut is not shown with the label of the cut', async () => {
  host.services.beta.certificates = [{ ...summary, appliedSequence: 43 }];
  const { text } = await run(`certificate list ${id} on beta;`);
  expect(text).toContain(`operation 43 (file-level) after cut 41 of ${at}, held`);
  expect(text).not.toContain('point-in-time');
});

test('a wait ends when its time is over', async () => {
  const going = { startedAt: at, startedBy: 'eva', files: 1, bytes: 1, readFiles: 0, readBytes: 0 };
  host.services.beta.answerCertificate = { run: going, last: null, failure: null };
  const { results, errors } = await run('source alpha; certificate make 1; wait on certificate 1 for 2;');
  expect(results.at(-1)).toBe(-125);
  expect(errors).toContain('It goes on');
});

test('the certificates of a target whose source is gone are named by its id and the server', async () => {
  const { results, text } = await run(
    `certificate list ${id} on beta; certificate list on beta; certificate delete ${id} ${summary.id} on beta;`,
  );
  expect(results).toEqual([1, 1, 1]);
  expect(text.match(/sha256 abc/g)).toHaveLength(2);
  expect(host.services.beta.certificates).toEqual([]);
  expect((await run('certificate list on beta;')).text).toBe('There are no certificates.');
  const unknown = await run('certificate list 0b5e0d63-7f4f-4a52-9d0e-3f1f6a0c9b11 on beta;');
  expect([unknown.results, unknown.errors]).toEqual([[-115], expect.stringContaining('beta holds no replica of a connection')]);
});

test('one is exported piece by piece into a new file, and an existing file is left as it is', async () => {
  const first = await run('source alpha; certificate export 1 to "/backup/c";');
  expect(first.results.at(-1)).toBe(1);
  expect(host.files.get('/backup/c')).toBe('lines of a certificate\n');
  host.services.beta.certificateText = 'another';
  expect((await run('source alpha; certificate export 1 to "/backup/c";')).results.at(-1)).toBeLessThan(0);
  expect(host.files.get('/backup/c')).toBe('lines of a certificate\n');
  await run('source alpha; certificate export 1 none-such to "/backup/d";');
  expect(host.files.has('/backup/d')).toBe(false);
});

test.each([
  ['certificate;', 'certificate make'],
  ['certificate make;', 'the connection is missing'],
  ['certificate make 1 ful;', 'did you mean "full"?'],
  ['certificate export 1 "/backup/c";', '"to" is missing here'],
  ['certificate delete 1;', 'the certificate is missing'],
])('%s is refused before anything runs', (text, why) => {
  expect(
    parse(text)
      .problems.map((problem) => problem.text)
      .join(),
  ).toContain(why);
});

test('certificates of a connection that has ended are listed, exported and deleted on their target', async () => {
  host.services.beta.replicas = [];
  host.services.beta.certificates = [{ ...summary, connectionId: id }];
  const { results, text, errors } = await run(
    `certificate list ${id} on beta; certificate export ${id} to "ended.certificate" on beta; certificate delete ${id} ${summary.id} on beta;`,
  );
  expect([results, errors]).toEqual([[1, 1, 1], '']);
  expect(text).toContain('deleted: accounts from alpha.');
  expect((await run(`certificate export ${id} to "none.certificate" on beta;`)).results).toEqual([-115]);
});
