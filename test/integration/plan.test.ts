import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlanAction, PlanSummary } from '../../src-main/api/index.ts';
import { eventually } from '../support/eventually.ts';
import { Replica } from '../support/replica.ts';
import { ServicePair } from '../support/service-pair.ts';

let pair: ServicePair;
beforeAll(async () => {
  pair = await ServicePair.start();
});
afterAll(() => pair.close());

const entriesOf = ({ counts }: PlanSummary) =>
  Object.fromEntries(Object.entries(counts).flatMap(([action, { entries }]) => (entries === 0 ? [] : [[action, entries]])));

async function plan(replica: Replica): Promise<PlanSummary> {
  const before = (await replica.get()).plan.last?.id;
  await pair.call('source', 'mirror.plan', { connectionId: replica.id, options: { kind: 'different' } });
  const after = await replica.when('the plan is ready', (now) => now.plan.run === null && now.plan.last?.id !== before);
  if (after.plan.last === null) throw new Error('there is no plan');
  return after.plan.last;
}

async function entries(replica: Replica, action: PlanAction | null, offset = 0, limit = 100): Promise<string[]> {
  const request = { connectionId: replica.id, planId: null, action, offset, limit };
  const page = await pair.call('source', 'mirror.planned', request);
  return page.entries.map((entry) => `${entry.action} ${entry.path.slice(replica.source.length)}: ${entry.reason}`);
}

async function mirroredReplica(name: string, ...files: string[]): Promise<Replica> {
  const replica = new Replica(pair, name);
  for (const file of files) writeFileSync(`${replica.source}/${file}`, `first ${file}`);
  await replica.connect({ kind: 'all' });
  await replica.mirrored();
  await replica.settled();
  return replica;
}

const limit = (replica: Replica, maxDeletes: number | null) =>
  pair.call('source', 'connection.configure', { connectionId: replica.id, settings: { mirror: { maxDeletes } } });

/** Deletions that the source holds back, so that only a mirror could do them. */
async function removeUnsent(replica: Replica, ...files: string[]): Promise<void> {
  await pair.call('source', 'transmission.pause', { connectionId: replica.id, reason: 'a test' });
  await replica.when('it is paused', ({ transmission }) => transmission.kind === 'paused');
  for (const file of files) rmSync(`${replica.source}/${file}`);
}

test('a plan tells what a mirror would create, update, delete and keep, and does none of it', async () => {
  const replica = await mirroredReplica('told', 'same', 'edited', 'lost', 'gone');
  await removeUnsent(replica, 'gone');
  // Somebody changes the replica behind the back of the source, so that a mirror has something to do.
  writeFileSync(`${replica.target}/edited`, 'another length');
  rmSync(`${replica.target}/lost`);
  const told = await plan(replica);
  expect(entriesOf(told)).toEqual({ create: 1, update: 1, delete: 1, keep: 1 });
  expect(told).toMatchObject({ sourceFiles: 3, sendBytes: 'first lost'.length + 'first edited'.length, exceeded: [] });
  const all = ['update /edited: another size', 'create /lost: not on the target', 'delete /gone: not on the source'];
  expect(await entries(replica, null)).toEqual(all);
  expect(await entries(replica, null, 1, 1)).toEqual(all.slice(1, 2));
  expect(await entries(replica, 'delete')).toEqual(['delete /gone: not on the source']);
  expect(existsSync(`${replica.target}/lost`), 'nothing was done').toBe(false);
  expect(existsSync(`${replica.target}/gone`)).toBe(true);

  await pair.call('source', 'transmission.resume', { connectionId: replica.id });
  await replica.mirror({ kind: 'different' });
  await replica.becomesEqual();
  expect(entriesOf(await plan(replica))).toEqual({ keep: 3 });
});

test('a mirror that would go beyond a limit does nothing and asks; changes flow meanwhile; resumed it runs, once', async () => {
  const replica = await mirroredReplica('limited', 'a', 'b', 'c', 'd');
  await limit(replica, 1);
  await removeUnsent(replica, 'a', 'b');
  await pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'different' } });
  const asked = await replica.when('it asks', ({ mirror }) => mirror.kind === 'limited');
  expect(asked.targetData, 'nothing was done').toBe('good');
  expect(asked.plan.question).toMatchObject({ code: 'mirror-limited' });
  expect(asked.plan.question?.cause).toContain('it would delete 2 entries, and 1 are allowed');
  expect(asked.plan.last?.exceeded).toMatchObject([{ limit: 'maxDeletes', allowed: 1, planned: 2 }]);

  await pair.stop('source');
  await pair.start('source');
  await replica.when('it still asks', ({ mirror, plan: { question } }) => mirror.kind === 'limited' && question !== null);

  await pair.call('source', 'transmission.resume', { connectionId: replica.id });
  writeFileSync(`${replica.source}/e`, 'while it asks');
  await eventually('a change arrives', () => existsSync(`${replica.target}/e`));
  expect((await replica.get()).mirror.kind).toBe('limited');
  const before = asked.plan.last?.id;
  await pair.call('source', 'mirror.resume', { connectionId: replica.id });
  const { plan: after } = await replica.when('it is over', ({ mirror }) => mirror.kind === 'idle');
  expect(after).toMatchObject({ question: null, last: { id: before } });
  await replica.becomesEqual();
});

test('a mirror within its limits is planned and runs by itself; one that asks can be stopped, and replication goes on', async () => {
  const replica = await mirroredReplica('within', 'a', 'b');
  await limit(replica, 1);
  const within = await replica.mirror({ kind: 'different' });
  expect(within.plan.last).toMatchObject({ startedBy: 'its limits', exceeded: [] });

  await limit(replica, 0);
  await removeUnsent(replica, 'a');
  await pair.call('source', 'mirror.start', { connectionId: replica.id, options: { kind: 'different' } });
  await replica.when('it asks', ({ mirror }) => mirror.kind === 'limited');
  await pair.call('source', 'mirror.stop', { connectionId: replica.id });
  const stopped = await replica.when('it is stopped', ({ mirror }) => mirror.kind === 'idle');
  expect(stopped).toMatchObject({ targetData: 'good', plan: { question: null } });
  writeFileSync(`${replica.source}/c`, 'live');
  await pair.call('source', 'transmission.resume', { connectionId: replica.id });
  await replica.becomesEqual();
  expect(readFileSync(`${replica.target}/c`, 'utf8')).toBe('live');
});

test('one plan at a time, none while a mirror runs, and it can be given up', async () => {
  const replica = await mirroredReplica('refused', 'a');
  await pair.call('source', 'transmission.stop', { connectionId: replica.id, reason: 'so that a plan has to wait' });
  await replica.when('the link is closed', ({ link }) => link.kind === 'stopped');
  const request = { connectionId: replica.id, options: { kind: 'different' } } as const;
  const refusal = (made: Promise<unknown>) =>
    made.then(
      () => 'taken',
      (error: unknown) => (error as { code: string }).code,
    );
  expect(await refusal(pair.call('source', 'mirror.stop-plan', { connectionId: replica.id }))).toBe('no-plan');
  expect(await refusal(pair.call('source', 'mirror.plan', request))).toBe('taken');
  expect(await refusal(pair.call('source', 'mirror.plan', request))).toBe('plan-running');
  expect(await refusal(pair.call('source', 'mirror.stop-plan', { connectionId: replica.id }))).toBe('taken');
  expect(await refusal(pair.call('source', 'mirror.start', request))).toBe('taken');
  expect(await refusal(pair.call('source', 'mirror.plan', request))).toBe('mirror-running');
  expect(await refusal(entries(replica, null))).toBe('not-found');
});
