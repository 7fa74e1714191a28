import { beforeEach, expect, test } from 'vitest';
import { storedSnapshot } from '../../support/fake-calls.ts';
import { FakeDtclHost, runOn } from '../../support/fake-dtcl-host.ts';

let host: FakeDtclHost;
let id: string;
beforeEach(() => {
  host = new FakeDtclHost();
  id = host.services.alpha.addConnection({ setName: 'accounts', targetName: 'beta', map: { kind: 'exact' } }).id;
});

async function run(text: string) {
  const { results, lines, reports } = await runOn(host, `login alpha admin right; login beta admin right; source alpha; ${text}`);
  return {
    results: results.slice(3).map(([, result]) => result),
    text: lines.slice(3).join('\n'),
    errors: reports.map(({ error }) => error?.text ?? '').join(''),
  };
}

test('one is taken on the target of the connection, shown, and its id taken', async () => {
  const { results, text } = await run(
    '$taken = snapshot take 1 named "before the upgrade" filelevel; write $taken; snapshot list 1;',
  );
  expect(results).toEqual([1, 1, 1]);
  expect(host.services.beta.storedSnapshots).toMatchObject([
    { connectionId: id, name: 'before the upgrade', takenBy: 'admin, file-level' },
  ]);
  expect(text).toContain('4 files, 4.0 KiB, by admin, file-level: before the upgrade');
  expect(text).toContain('  /replica/.understudy-stage/snapshots/c/1/0  (clones)');
  expect(text).toContain('\n2026-11-22T11-00-00-000Z\n');
});

test('those of a connection that has ended are found, reverted to and deleted by its id, on the server that is named', async () => {
  host.services.beta.storedSnapshots = [
    storedSnapshot({ connectionId: 'gone', isGood: false, certificateId: 'proof', leftOut: 2 }),
  ];
  const { results, text, errors } = await run(
    'snapshot list on beta; $kept = snapshot revert gone 2026-11-22T11-00-00-000Z on beta; snapshot delete gone $kept on beta; snapshot list gone on beta; ' +
      'snapshot revert gone 2020-01-01T00-00-00-000Z on beta;',
  );
  expect(results).toEqual([1, 1, 1, 1, -117]);
  expect(text).toContain('[not taken at a good state]  [2 special files left out]  certificate proof');
  expect(text).toContain('holds the snapshot 2026-11-22T11-00-00-000Z now. What it held before: 2026-11-22T12-00-00-000Z.');
  expect(host.services.beta.storedSnapshots.map(({ id: left }) => left)).toEqual(['2026-11-22T11-00-00-000Z']);
  expect(errors).toContain('2020-01-01T00-00-00-000Z');
});

test('a list without a connection needs a target that is known', async () => {
  const { results, errors } = await run('snapshot list on gamma;');
  expect(results).toEqual([-107]);
  expect(errors).toContain('gamma');
});
