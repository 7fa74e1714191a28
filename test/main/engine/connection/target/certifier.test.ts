import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { initialReplicaSettings, type ReplicaSettings } from '../../../../../src-main/api/index.ts';
import { KeptDeleted, OrphanList, ReplicaRecords } from '../../../../../src-main/engine/apply/index.ts';
import { certificateFiles } from '../../../../../src-main/engine/backup/index.ts';
import { Certifier, type StandingReplica } from '../../../../../src-main/engine/connection/target/certifier.ts';
import { statEntry } from '../../../../../src-main/engine/fs/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { replicaSpec } from '../../../../support/target-fixture.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import { testIdentity } from '../../../../support/test-identity.ts';

/** A certifier of a folder; whether the replica stands still is the test's to say. */
async function start(atCut: ReplicaSettings['certificate']['atCut'] = 'never') {
  const folder = tempFolder();
  const root = `${folder}/replica`;
  for (const path of [root, `${folder}/queue`]) mkdirSync(path);
  writeFileSync(`${root}/f`, 'content');
  const identity = await testIdentity('beta, the second');
  const state: { standing: StandingReplica | null } = { standing: null };
  const events: string[] = [];
  const spec = replicaSpec(identity, [{ from: '/source', to: root }], 'c');
  const make = () =>
    new Certifier({
      spec,
      folder: `${folder}/queue`,
      recordsFile: `${folder}/records.db`,
      certificates: `${folder}/certificates`,
      signer: identity,
      settings: () => ({ ...initialReplicaSettings, certificate: { atCut, keep: 30 } }),
      otherRoots: () => [],
      standing: () => state.standing,
      hold: () => ({ owner: 'eva', reason: 'backup', since: '' }),
      onChanged: () => undefined,
      onEvent: (_severity, text) => events.push(text),
    });
  const certifier = make();
  onTestFinished(() => certifier.close());
  return { folder, root, state, events, certifier, make };
}

const at = (sequence: number, by: StandingReplica['by'] = 'hold'): StandingReplica => ({
  by,
  cut: { sequence, at: '2026-11-22T11:00:00.000Z', label: 'point-in-time' },
  appliedSequence: sequence,
});

const made = (certifier: Certifier, sequence: number) =>
  eventually('a certificate is made', () => {
    const { run, last } = certifier.certificates;
    return run === null && last?.appliedSequence === sequence ? last : null;
  });

test('with the setting each state at which the replica is held is proven once, also over a restart', async () => {
  const { state, certifier, make } = await start('hold');
  certifier.changed();
  state.standing = at(7, 'rest');
  certifier.changed();
  state.standing = at(7, 'pause');
  certifier.changed();
  expect(certifier.certificates).toEqual({ run: null, last: null, failure: null });
  state.standing = at(7);
  certifier.changed();
  const first = await made(certifier, 7);
  expect(first).toMatchObject({ files: 1, targetName: 'beta, the second', standstill: { by: 'hold', owner: 'eva' } });
  certifier.changed();
  expect(certifier.certificates.run).toBeNull();
  const next = make();
  onTestFinished(() => next.close());
  next.changed();
  expect(next.certificates).toEqual({ run: null, last: first, failure: null });
  state.standing = at(9);
  next.changed();
  expect((await made(next, 9)).id).not.toBe(first.id);
});

test('what the source deleted and what it does not have are marked, and counted', async () => {
  const { folder, root, state, certifier } = await start();
  for (const name of ['kept', 'orphan']) writeFileSync(`${root}/${name}`, name);
  const records = new ReplicaRecords(`${folder}/records.db`);
  new KeptDeleted(records).add(`${root}/kept`, statEntry(`${root}/kept`) ?? expect.fail('a file'), 'files', 1_000);
  const orphans = new OrphanList(records, 'c');
  orphans.put({ path: `${root}/orphan`, kind: 'file', size: 6, mtimeNs: 0n, outcome: 'reported', why: '' });
  orphans.put({ path: `${root}/f`, kind: 'file', size: 6, mtimeNs: 0n, outcome: 'deleted', why: '' });
  records.commit();
  state.standing = at(7);
  certifier.start('eva', false);
  const last = await made(certifier, 7);
  records.close();
  expect(last).toMatchObject({ files: 3, kept: 1, orphans: 1 });
  const lines = readFileSync(certificateFiles(`${folder}/certificates`, last.id).file, 'utf8').split('\n');
  expect(lines.find((line) => line.includes('"kept"'))).toContain('"kept":"1970-01-01T00:00:01.000Z"');
  expect(lines.find((line) => line.includes('"path":"orphan"'))).toContain('"orphan":true');
});

test('one that is stopped, or whose replica moves, leaves nothing; a second one is refused meanwhile, and one of what moves', async () => {
  const { folder, root, state, events, certifier } = await start();
  const coded = (code: string) => expect.objectContaining({ code }) as Error;
  expect(() => certifier.start('eva', false)).toThrow(coded('replica-moving'));
  expect(() => certifier.stop()).toThrow(coded('no-certificate-run'));
  truncateSync(`${root}/f`, 1024 ** 3);
  state.standing = at(7);
  for (const end of [() => certifier.stop(), () => certifier.moving()]) {
    certifier.start('eva', false);
    expect(() => certifier.start('eva', false)).toThrow(coded('certificate-running'));
    end();
    await eventually('it is over', () => certifier.certificates.run === null);
    expect(certifier.certificates.last).toBeNull();
  }
  expect(events[0]).toContain('was stopped');
  expect(events[1]).toContain('went on while its certificate was being made');
  expect(certifier.certificates.failure?.text).toContain('went on');
  expect(readdirSync(`${folder}/certificates`)).toEqual([]);
});
