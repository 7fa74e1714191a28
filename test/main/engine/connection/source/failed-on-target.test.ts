import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { initialConnectionSettings } from '../../../../../src-main/api/index.ts';
import type { ErrorCode } from '../../../../../src-main/base/index.ts';
import { FailedOnTarget } from '../../../../../src-main/engine/connection/source/failed-on-target.ts';
import { SourceStagesBench } from '../../../../support/source-stages.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

async function open(settings = initialConnectionSettings) {
  const folder = tempFolder();
  mkdirSync(`${folder}/a`);
  for (const name of ['1', '2']) writeFileSync(`${folder}/a/${name}`, name);
  const bench = await SourceStagesBench.open(folder, undefined, settings);
  await bench.mirror({ kind: 'all' });
  let nowMs = 0;
  const failures = new FailedOnTarget(bench.stages, () => nowMs);
  let before = bench.target.ops.length;
  return {
    bench,
    folder,
    wait: (ms: number) => (nowMs += ms),
    /** The target says that an op failed at a place. */
    fails: (path: string, sequence = bench.stages.outbox.sequence, code: ErrorCode = 'missing-on-target') =>
      failures.heard({ kind: 'failed', sequence, root: 0, path, code, details: {} }),
    /** What was sent since the last time, in short. */
    sent: async () => {
      await bench.follow();
      const ops = bench.target.ops.slice(before).map((op) => `${op.kind} ${'path' in op ? op.path : ''}`);
      before = bench.target.ops.length;
      return ops;
    },
  };
}

test('a folder that the target lacks is sent with all that is in it', async () => {
  const { fails, sent } = await open();
  fails('a');
  expect(await sent()).toEqual(expect.arrayContaining(['folder a', 'write a/1', 'write a/2']));
});

test('the same failure, told again with each new link, does not use up the attempts', async () => {
  const { bench, fails, sent } = await open();
  const { sequence } = bench.stages.outbox;
  for (let link = 0; link < 10; link++) {
    fails('a', sequence);
    expect(await sent()).toEqual(expect.arrayContaining(['folder a', 'write a/1', 'write a/2']));
  }
  expect(bench.stages.problems.count).toBe(0);
});

test('after three attempts it is a problem, until a minute has passed without one', async () => {
  const { bench, fails, sent, wait } = await open();
  for (let i = 0; i < 3; i++) {
    fails('a');
    expect(await sent()).toContain('write a/1');
  }
  expect(() => fails('a')).toThrow('a'); // the bench throws what is told to people
  expect(await sent()).toEqual([]);
  expect(bench.stages.problems.count).toBe(1);
  wait(61_000);
  fails('a', bench.stages.outbox.sequence + 1);
  expect(await sent()).toContain('write a/1');
  expect(bench.stages.problems.count).toBe(0);
});

test('when something newer was sent meanwhile, all of the tree is looked at again, however often it failed', async () => {
  const { bench, fails, sent } = await open();
  const { sequence } = bench.stages.outbox;
  for (let i = 0; i < 5; i++) {
    fails('a', sequence + i - 5);
    expect(await sent()).toEqual(expect.arrayContaining(['folder a', 'write a/1', 'write a/2']));
  }
});

test('the old name of an entry that the target did not have is told to be empty, once', async () => {
  const { bench, fails, folder, sent } = await open();
  renameSync(`${folder}/a`, `${folder}/b`);
  bench.renamed('a', 'b', true);
  expect(await sent()).toContain('rename b');
  const { sequence } = bench.stages.outbox;
  fails('b', sequence);
  fails('a', sequence);
  const ops = await sent();
  expect(ops).toEqual(expect.arrayContaining(['folder b', 'write b/1', 'write b/2', 'remove a']));
  bench.gone('a');
  expect(await sent()).not.toContain('remove a');
});

test('the old name of an entry that could not be moved, because something was in the way, is told to be empty', async () => {
  const { bench, fails, folder, sent } = await open();
  renameSync(`${folder}/a/1`, `${folder}/a/3`);
  bench.renamed('a/1', 'a/3', false);
  expect(await sent()).toContain('rename a/3');
  const { sequence } = bench.stages.outbox;
  expect(() => fails('a/3', sequence, 'not-empty')).toThrow(); // the bench throws what is told to people: the new name waits
  fails('a/1', sequence, 'not-empty');
  expect(await sent()).toContain('remove a/1');
});

test('where deletes are ignored, what a place is told to be empty of is kept', async () => {
  const deletes = { ...initialConnectionSettings.deletes, isIgnored: true };
  const { bench, fails, folder, sent } = await open({ ...initialConnectionSettings, deletes });
  renameSync(`${folder}/a/1`, `${folder}/a/3`);
  bench.renamed('a/1', 'a/3');
  await sent();
  fails('a/1', bench.stages.outbox.sequence, 'not-empty');
  expect(await sent()).toContain('remove a/1');
  expect(bench.target.ops.filter((op) => op.kind === 'remove')).toMatchObject([{ isKept: true }]);
});

test('what was said of a place counts once, also when something is there again by then', async () => {
  const { bench, fails, folder, sent } = await open();
  renameSync(`${folder}/a/1`, `${folder}/a/3`);
  bench.renamed('a/1', 'a/3');
  await sent();
  fails('a/1');
  writeFileSync(`${folder}/a/1`, 'new');
  const ops = await sent();
  expect(ops).toContain('write a/1');
  expect(ops).not.toContain('remove a/1');
  renameSync(`${folder}/a/1`, `${folder}/a/4`);
  bench.renamed('a/1', 'a/4');
  expect(await sent()).toContain('rename a/4');
  bench.stages.queue.examine(bench.at('a/1'), { content: true, deep: true, isSettled: true }, Date.now());
  expect(await sent()).not.toContain('remove a/1');
});
