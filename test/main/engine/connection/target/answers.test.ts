import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ReplicaPaths } from '../../../../../src-main/engine/apply/index.ts';
import { Answers, type Question } from '../../../../../src-main/engine/connection/target/answers.ts';
import { Milestone } from '../../../../../src-main/engine/connection/target/milestone.ts';
import type { TargetLink } from '../../../../../src-main/engine/connection/target/target-link.ts';
import type { BlockHasher } from '../../../../../src-main/engine/fs/index.ts';
import type { TargetMessage } from '../../../../../src-main/engine/wire/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

const HUGE_BYTES = 256 * 1024 * 1024;
const HUGE_BLOCKS = HUGE_BYTES / 65_536;

/** Answers about a replica with a huge and a small file and a folder, over a link that tells what was sent. */
function open({ applied = 0, onHashed = () => undefined }: { applied?: number; onHashed?: (blocks: number) => unknown } = {}) {
  const root = `${tempFolder()}/replica`;
  mkdirSync(`${root}/folder`, { recursive: true });
  writeFileSync(`${root}/small`, 'content');
  writeFileSync(`${root}/huge`, '');
  truncateSync(`${root}/huge`, HUGE_BYTES);
  const state = { hashed: 0, answered: 0 };
  const hasher: BlockHasher = {
    hash: () => {
      onHashed(++state.hashed);
      return Buffer.alloc(16);
    },
  };
  const committed = new Milestone(applied);
  const answers = new Answers({
    paths: new ReplicaPaths([root]),
    stageFolders: [],
    leaving: (found) => found,
    hasher,
    committed,
    onAnswered: () => state.answered++,
  });
  const told: TargetMessage[] = [];
  const closing = new AbortController();
  const link = {
    send: (message: TargetMessage) => told.push(message),
    get isOpen() {
      return !closing.signal.aborted;
    },
    whenClosed: closing.signal,
    whenDrained: () => Promise.resolve(),
  } as unknown as TargetLink;
  const stop = new AbortController();
  const over = Promise.allSettled([answers.runSoon(stop.signal), answers.runLong(stop.signal)]);
  onTestFinished(async () => {
    stop.abort();
    await over;
  });
  let requestId = 0;
  const ask = (question: 'huge' | 'small' | 'folder', sequence = applied) => {
    const about: Question =
      question === 'folder'
        ? { kind: 'get-listing', requestId: ++requestId, root: 0, path: 'folder' }
        : { kind: 'get-signatures', requestId: ++requestId, files: [{ root: 0, path: question }] };
    answers.ask(about, sequence, link);
  };
  const ids = () => told.map((message) => ('requestId' in message ? message.requestId : null));
  return { answers, ask, ids, told, state, committed, closing, stop, over };
}

test('a listing and the hashes of a small file are answered while a huge file is hashed', async () => {
  const { ask, ids, told, answers } = open();
  for (const question of ['huge', 'folder', 'small'] as const) ask(question);
  await eventually('all is answered', () => !answers.isBusy);
  expect(ids()).toEqual([2, 3, 1]);
  expect(told[2]).toMatchObject({ files: [{ size: HUGE_BYTES, blocks: HUGE_BLOCKS }] });
});

test('questions that do not take long are answered in their order, and so are those that do', async () => {
  const { ask, ids, answers } = open();
  for (const question of ['small', 'huge', 'folder', 'huge', 'small', 'folder'] as const) ask(question);
  await eventually('all is answered', () => !answers.isBusy);
  expect(ids().filter((id) => id !== 2 && id !== 4)).toEqual([1, 3, 5, 6]);
  expect(ids().filter((id) => id === 2 || id === 4)).toEqual([2, 4]);
});

test('no question passes one that waits for what was sent before it', async () => {
  const { ask, ids, committed, state, answers } = open({ applied: 5 });
  ask('folder', 5);
  ask('huge', 7);
  ask('folder', 7);
  await eventually('the first is answered', () => state.answered === 1);
  expect(ids()).toEqual([1]);
  expect(state.hashed).toBe(0);
  committed.reach(7);
  await eventually('all is answered', () => !answers.isBusy);
  expect(ids()).toEqual([1, 3, 2]);
});

test('a huge file is hashed no further when the link is lost, and none that was asked about over it', async () => {
  const { ask, told, state, closing, answers } = open({ onHashed: (blocks) => blocks === 1 && closing.abort() });
  ask('huge');
  ask('huge');
  await eventually('nothing waits', () => !answers.isBusy);
  expect(state.hashed).toBeLessThan(HUGE_BLOCKS / 2);
  expect(told).toEqual([]);
});

test('a stop need not wait until a huge file is hashed', async () => {
  const { ask, told, state, stop, over } = open({ onHashed: (blocks) => blocks === 1 && stop.abort() });
  ask('huge');
  await over;
  expect(state.hashed).toBeLessThan(HUGE_BLOCKS / 2);
  expect(told).toEqual([]);
});
