import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';
import { startTarget } from '../support/target-fixture.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testIdentity } from '../support/test-identity.ts';

const hold = { owner: 'eva', reason: 'backup', since: new Date(0).toISOString() };

test('a group is applied as a unit; a hold lets it end, keeps what comes after, and goes on when it is lifted', async () => {
  const folder = tempFolder();
  const root = `${folder}/replica`;
  const dataDir = `${folder}/data`;
  const [identity, source] = await Promise.all([testIdentity('beta'), testIdentity('alpha')]);
  const target = await startTarget({ dataDir, identity, source, roots: [root] });
  const link = await target.join();
  link.folder('');
  await link.whenApplied(1);
  link.ops([{ kind: 'group-begin' }]);
  await link.whenReceived(link.write('log', '1'));
  expect(existsSync(`${root}/log`)).toBe(false);
  link.write('data', '1');
  const cut = link.ops([{ kind: 'group-end', atMs: 1_000, label: 'point-in-time' }]);
  await link.whenApplied(cut);
  expect([readFileSync(`${root}/log`, 'utf8'), readFileSync(`${root}/data`, 'utf8')]).toEqual(['1', '1']);
  await eventually('the label', () => target.replica()?.consistency === 'point-in-time');
  expect(link.lastAck?.label).toBe('point-in-time');

  await target.host.hold(target.spec.connectionId, hold);
  expect(await link.next('standing')).toMatchObject({ isHeld: true });
  link.send({ kind: 'hold-noted' });
  await eventually('it is held', () => target.replica()?.state === 'held');
  const later = link.write('log', '2');
  await link.whenReceived(later);
  expect(readFileSync(`${root}/log`, 'utf8')).toBe('1');
  const file = `${dataDir}/target/${target.spec.connectionId}/replica.json`;
  await eventually(
    'the state file says so',
    () => (JSON.parse(readFileSync(file, 'utf8')) as { state: string }).state === 'held',
  );
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ label: 'point-in-time', lastAppliedCut: { sequence: cut } });

  await target.host.hold(target.spec.connectionId, null);
  await link.whenApplied(later);
  expect(readFileSync(`${root}/log`, 'utf8')).toBe('2');
  await eventually('the label drops', () => target.replica()?.consistency === 'file-level');
});

test('a hold lasts over a clean restart and a kill of the target, while changes are kept safe, and ends when it is lifted', async () => {
  const pair = await ServicePair.start();
  onTestFinished(() => pair.close());
  const replica = new Replica(pair, 'restarted');
  writeFileSync(`${replica.source}/f`, 'before');
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await pair.call('target', 'replica.hold', { connectionId: replica.id, reason: 'backup' });
  const isHeld = async () => (await replica.held()).state === 'held';
  await eventually('it is held', isHeld);
  expect((await replica.held()).consistency).toBe('point-in-time');
  for (const [round, end] of (['stop', 'kill'] as const).entries()) {
    await pair[end]('target');
    writeFileSync(`${replica.source}/f`, `after ${end}`);
    await pair.start('target');
    await eventually('it is held again', isHeld);
    await eventually('the change is kept there', async () => (await replica.held()).queuedOps > round);
    expect(readFileSync(`${replica.target}/f`, 'utf8')).toBe('before');
    expect(await replica.held()).toMatchObject({ consistency: 'point-in-time', hold: { reason: 'backup', isEffective: true } });
  }
  await pair.call('target', 'replica.resume', { connectionId: replica.id });
  await replica.becomesEqual();
  expect(readFileSync(`${replica.target}/f`, 'utf8')).toBe('after kill');
});
