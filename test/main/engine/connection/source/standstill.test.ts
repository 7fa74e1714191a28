import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { Wake } from '../../../../../src-main/base/index.ts';
import { statEntry } from '../../../../../src-main/engine/fs/index.ts';
import type { LinkFlow } from '../../../../../src-main/engine/connection/source/link-flow.ts';
import { SourceStatus } from '../../../../../src-main/engine/connection/source/source-status.ts';
import { Standstill, type StandstillParts } from '../../../../../src-main/engine/connection/source/standstill.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** A pause that seeks its cut over real stages. */
function seeking(bench: SourceStagesBench, change: Partial<StandstillParts> = {}) {
  const { stages } = bench;
  const status = new SourceStatus(new Date().toISOString());
  status.setTransmission({ kind: 'pausing', since: '', owner: 'person', reason: '' });
  const follow = async (item: Parameters<typeof stages.follower.follow>[0]) => {
    stages.queue.close(item);
    await stages.follower.follow(item);
    stages.queue.shift(item);
  };
  const standstill = new Standstill({
    stages,
    doubts: bench.doubts,
    instantCut: { attempt: () => Promise.resolve(false) },
    status,
    flow: { mustBreathe: false } as unknown as LinkFlow,
    wake: new Wake(),
    signal: new AbortController().signal,
    holdWritersMs: () => 0,
    isGateOpen: () => true,
    mustFindOut: () => false,
    follow,
    sendPiece: () => Promise.resolve(false),
    sendFolderTimes: () => undefined,
    queuePostponed: () => undefined,
    atCut: () => undefined,
    event: () => undefined,
    ...change,
  });
  return { follow, standstill, status };
}

test('the change of a large file that rests is in a cut that is sought, also where no copies are tried', async () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/db`, 'old');
  truncateSync(`${folder}/db`, 2 * 1024 * 1024);
  const bench = await SourceStagesBench.open(folder);
  const { stages } = bench;
  bench.touched('db', true);
  await bench.follow();
  const stat = statEntry(`${folder}/db`);
  if (stat === null) throw new Error('the file is there');
  stages.hotFiles.sent(bench.at('db'), stat, 60_000);
  appendFileSync(`${folder}/db`, 'last');

  const { follow, standstill } = seeking(bench);
  bench.touched('db', true);
  await follow(stages.queue.peek() ?? expect.fail('a change waits'));
  expect(stages.hotFiles.size).toBe(1);
  while (stages.groups.cut === null) await standstill.step();
  bench.target.take();
  expect(bench.target.text('db')?.slice(-4)).toBe('last');
});

test('a cut that is to be another one’s too waits for what is still being looked for', async () => {
  const bench = await SourceStagesBench.open(tempFolder());
  let isFindingOut = true;
  const { standstill } = seeking(bench, { mustFindOut: () => isFindingOut });
  expect(await standstill.step()).toBe(false); // other work, the comparison, goes on
  expect(bench.stages.groups.cut).toBeNull();
  isFindingOut = false;
  while (bench.stages.groups.cut === null) expect(await standstill.step()).toBe(true);
});

test('a common cut is told to the target as a pause’s when it is known to stand, with the moment of both', async () => {
  const folder = tempFolder();
  const bench = await SourceStagesBench.open(folder);
  const { common, groups } = bench.stages;
  const pushed: string[] = [];
  bench.stages.outbox.onPushed = (op) => pushed.push(op.kind);
  const { standstill } = seeking(bench);
  standstill.forgetCut('other');
  while (groups.cut === null) await standstill.step();
  expect(pushed).toEqual(['group-end']);
  const first = groups.cut;
  const atMs = Date.parse(first.at) + 20;
  common.heard({ kind: 'same', atMs });
  await standstill.step();
  expect(pushed).toEqual(['group-end', 'barrier', 'group-end']);
  expect(groups.cut).toMatchObject({ sequence: first.sequence + 2, label: first.label, at: new Date(atMs).toISOString() });
});

test('a cut that was to be common until just before it was made is told to the target as a pause’s too', async () => {
  const bench = await SourceStagesBench.open(tempFolder());
  const { common } = bench.stages;
  const pushed: string[] = [];
  const { standstill, status } = seeking(bench, {
    sendFolderTimes: () => common.heard({ kind: 'apart', why: 'the other one is gone' }),
  });
  bench.stages.outbox.onPushed = (op) => pushed.push(op.kind);
  standstill.forgetCut('other');
  while (bench.stages.groups.cut === null) await standstill.step();
  expect(pushed.slice(-2)).toEqual(['barrier', 'group-end']);
  const { sequence } = bench.stages.outbox;
  bench.stages.outbox.inFlight.acknowledged(sequence, sequence, 0);
  await Promise.race([standstill.step(), nextTurn()]);
  expect(status.transmission).toMatchObject({ cut: { sequence, common: { isSame: false, why: 'the other one is gone' } } });
});

test('a hold that is asked for while a common cut is compared takes effect at that cut, and leaves it what it is', async () => {
  const bench = await SourceStagesBench.open(tempFolder());
  const { common, groups, outbox } = bench.stages;
  const { standstill, status } = seeking(bench);
  let notedAt = 0;
  const send = outbox.send.bind(outbox);
  outbox.send = (message) => {
    if (message.kind === 'hold-noted') notedAt = outbox.sequence;
    send(message);
  };
  standstill.forgetCut('other');
  while (groups.cut === null) await standstill.step();
  standstill.heard(true);
  common.heard({ kind: 'same', atMs: Date.parse(groups.cut.at) });
  await standstill.step();
  // The end of the cut went first: a target that stands before it would never come to it.
  expect(notedAt).toBe(groups.cut.sequence);
  outbox.inFlight.acknowledged(notedAt, notedAt, 0);
  await Promise.race([standstill.step(), nextTurn()]);
  expect(status.transmission).toMatchObject({ kind: 'paused', cut: { sequence: notedAt, common: { isSame: true } } });
});

test('while a change waits for the schedule no group settles, also where another cut is only to be tried in a moment', async () => {
  const folder = tempFolder();
  const bench = await SourceStagesBench.open(folder);
  const { common, groups } = bench.stages;
  let isGateOpen = true;
  const { standstill } = seeking(bench, { isGateOpen: () => isGateOpen });
  standstill.forgetCut('other');
  while (groups.cut === null) await standstill.step();
  const first = groups.cut;
  common.heard({ kind: 'again', afterMs: 200 });
  await standstill.step();
  isGateOpen = false;
  writeFileSync(`${folder}/a`, 'held back');
  bench.touched('a', true);
  const rest = vi.spyOn(groups, 'rest');
  while (groups.cut === first) await standstill.step();
  expect(rest).not.toHaveBeenCalled();
  expect(groups.cut).toMatchObject({ label: 'file-level', why: 'the schedule holds changes back' });
});
