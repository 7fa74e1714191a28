import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { initialReplicaSettings, type ReplicaSettings } from '../../../../../src-main/api/index.ts';
import { KeptDeleted, ReplicaRecords } from '../../../../../src-main/engine/apply/index.ts';
import { Completeness } from '../../../../../src-main/engine/connection/target/completeness.ts';
import { DriftWatch } from '../../../../../src-main/engine/connection/target/drift-watch.ts';
import { ApplyTurns } from '../../../../../src-main/engine/connection/target/apply-turns.ts';
import { ReplicaRun, type RunFigures } from '../../../../../src-main/engine/connection/target/replica-run.ts';
import type { TargetLink } from '../../../../../src-main/engine/connection/target/target-link.ts';
import { createBlockHasher, VolumeFlushes, statEntry } from '../../../../../src-main/engine/fs/index.ts';
import type { SourceMessage, TargetMessage } from '../../../../../src-main/engine/wire/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { plainAttributes } from '../../../../support/fake-source.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

function listening(told: TargetMessage[]): TargetLink {
  return {
    send: (message: TargetMessage) => told.push(message),
    pause: () => undefined,
    resume: () => undefined,
    whenClosed: new AbortController().signal,
  } as unknown as TargetLink;
}

/** An open replica with a link that only listens. */
async function open(flushes = new VolumeFlushes()) {
  const folder = tempFolder();
  const root = `${folder}/replica`;
  for (const path of [root, `${folder}/queue-of-it`]) mkdirSync(path);
  const records = new ReplicaRecords(':memory:');
  const kept = new KeptDeleted(records);
  const state: { settings: ReplicaSettings; moves: number } = { settings: initialReplicaSettings, moves: 0 };
  const told: TargetMessage[] = [];
  const events: string[] = [];
  const run = new ReplicaRun({
    connectionId: 'c',
    roots: [root],
    folder: `${folder}/queue-of-it`,
    hasher: await createBlockHasher(),
    turns: new ApplyTurns(),
    flushes,
    drift: new DriftWatch({ file: `${folder}/drift`, onFirst: () => undefined }),
    settings: () => state.settings,
    completeness: new Completeness(`${folder}/completeness.json`),
    isHoldOrdered: false,
    leftovers: { records, kept, setName: 'accounts', otherRoots: () => [] },
    onMoving: () => state.moves++,
    onChanged: () => undefined,
    onEvent: (_severity, text) => events.push(text),
  });
  const working = run.run();
  await run.attach(listening(told));
  onTestFinished(async () => {
    run.stop();
    await working;
    await run.close(false);
  });
  const write = (sequence: number, path: string, size: number) =>
    run.received(
      {
        kind: 'ops',
        ops: [{ kind: 'write', sequence, root: 0, path, size, attributes: plainAttributes }],
      },
      { parts: [Buffer.alloc(size, 1)] },
    );
  const standings = () => told.filter((message) => message.kind === 'standing').map(({ isHeld, isFull }) => ({ isHeld, isFull }));
  const configure = (change: Partial<ReplicaSettings>) => {
    state.settings = { ...state.settings, ...change };
    run.configured();
  };
  return { run, working, root, kept, told, events, write, standings, configure, state };
}

test('a replica that has nothing left to do ends at once, long before the time that a disk is given to answer', async () => {
  const { run, working, write } = await open();
  write(1, 'f', 100);
  await eventually('it is applied', () => run.figures.appliedSequence === 1);
  const stoppedAtMs = performance.now();
  run.stop();
  await working;
  expect(performance.now() - stoppedAtMs).toBeLessThan(2_500);
});

test('a queue at its limit is told to the source at once, and again when it is drained', async () => {
  const { run, root, events, write, standings, configure } = await open();
  configure({ targetQueue: { maxBytes: 1024 * 1024, keepFreeBytes: 0 } });
  run.hold(true);
  run.received({ kind: 'hold-noted' }, { parts: [] });
  await eventually('it is held', () => run.figures.isHeld);
  for (const sequence of [1, 2, 3, 4]) write(sequence, `f${sequence}`, 250_000);
  await eventually('all is received', () => run.figures.receivedSequence === 4);
  expect(run.figures).toMatchObject({ queuedBytes: 1_000_000, queue: { full: null } });
  write(5, 'f5', 100_000);
  await eventually('it is full', () => run.figures.queue.full !== null);
  expect(standings().at(-1)).toEqual({ isHeld: true, isFull: true });
  expect(events.join()).toContain('Its source pauses.');
  run.hold(false);
  await eventually('all is applied', () => run.figures.appliedSequence === 5);
  expect(run.figures).toMatchObject({ queuedBytes: 0, queue: { full: null } });
  expect(standings().at(-1)).toEqual({ isHeld: false, isFull: false });
  expect(existsSync(`${root}/f5`)).toBe(true);
});

test('space that is to be left and is not there is told, with each new link too, until it need not be left', async () => {
  const { run, standings, configure, told } = await open();
  configure({ targetQueue: { maxBytes: null, keepFreeBytes: 1e15 } });
  expect(standings().at(-1)).toEqual({ isHeld: false, isFull: true });
  expect(run.figures.queue.freeBytes).toBeGreaterThan(0);
  told.length = 0;
  await run.attach(listening(told));
  expect(standings()).toEqual([{ isHeld: false, isFull: true }]);
  configure({ targetQueue: { maxBytes: null, keepFreeBytes: 0 } });
  expect(standings().at(-1)).toEqual({ isHeld: false, isFull: false });
});

test('space that runs short while a large file comes is told before its op comes', async () => {
  const { run, standings, state } = await open();
  // As if others had taken it.
  state.settings = { ...state.settings, targetQueue: { maxBytes: null, keepFreeBytes: 1e15 } };
  const none = { parts: [] };
  run.received({ kind: 'stream', stream: 1, root: 0, isPatch: false }, none);
  const payload = Buffer.alloc(4 * 1024 * 1024, 1);
  for (let piece = 0; piece < 3; piece++)
    run.received({ kind: 'data', stream: 1, offset: piece * payload.length }, { parts: [payload] });
  await eventually('it is full', () => standings().at(-1)?.isFull === true);
});

test('kept deleted files beyond their limit go at once, and never while the replica is held', async () => {
  const { run, root, kept, events, configure } = await open();
  for (const name of ['a', 'b']) {
    writeFileSync(`${root}/${name}`, 'x'.repeat(100));
    const stat = statEntry(`${root}/${name}`) ?? expect.fail('a file');
    kept.add(`${root}/${name}`, stat, 'accounts', name === 'a' ? 1_000 : 2_000);
  }
  run.hold(true);
  configure({ kept: { maxAgeDays: null, maxBytes: 100 } });
  expect(existsSync(`${root}/a`)).toBe(true);
  run.hold(false);
  configure({ kept: { maxAgeDays: null, maxBytes: 100 } });
  expect([existsSync(`${root}/a`), existsSync(`${root}/b`)]).toEqual([false, true]);
  expect(events.join()).toContain('1 kept deleted files (100 B) were removed for good');
  rmSync(`${root}/b`);
  configure({ kept: { maxAgeDays: 30, maxBytes: null } });
  expect(run.figures.kept.count, 'what somebody else removed is kept no more').toBe(0);
});

test('whoever has orphans deleted where deletes are kept is warned when he says so', async () => {
  const { root, kept, events, configure } = await open();
  writeFileSync(`${root}/a`, 'x');
  kept.add(`${root}/a`, statEntry(`${root}/a`) ?? expect.fail('a file'), 'accounts', 1_000);
  configure({ orphans: { ...initialReplicaSettings.orphans, action: 'delete' } });
  expect(events.join()).toContain('its source ignores deletes');
});

test('a new link hears nothing before its welcome, which waits until what came on the last one is on disk', async () => {
  const { run, write } = await open();
  write(1, 'a', 10);
  run.detach();
  const told: TargetMessage[] = [];
  const attached = run.attach(listening(told));
  run.hold(true);
  await attached;
  expect(told[0]).toMatchObject({ kind: 'welcome', receivedSequence: 1 });
  expect(told).toContainEqual({ kind: 'standing', isHeld: true, isFull: false });
});

test('a hold takes effect at the cut that the source made for it, not before that is applied', async () => {
  const { run, root } = await open();
  run.hold(true);
  const payload = Buffer.from('x');
  const write = { kind: 'write', sequence: 2, root: 0, path: 'f', size: 1, attributes: plainAttributes } as const;
  const end = { kind: 'group-end', sequence: 3, atMs: 1_000, label: 'point-in-time' } as const;
  run.received({ kind: 'ops', ops: [{ kind: 'group-begin', sequence: 1 }, write, end] }, { parts: [payload] });
  run.received({ kind: 'hold-noted' }, { parts: [] });
  await eventually('it is held', () => run.figures.isHeld);
  expect(run.figures).toMatchObject({ appliedSequence: 3, label: 'point-in-time' });
  expect(existsSync(`${root}/f`)).toBe(true);
});

test('whoever looks while what came after a cut goes to disk finds the cut with what is applied, not the one before', async () => {
  const looks: RunFigures[] = [];
  const disk = { syncVolume: () => Promise.resolve(), syncFd: () => Promise.resolve() };
  const { run, write } = await open(new VolumeFlushes(disk));
  run.hold(true);
  const end = { kind: 'group-end', sequence: 3, atMs: 1_000, label: 'point-in-time' } as const;
  run.received({ kind: 'ops', ops: [{ kind: 'group-begin', sequence: 1 }] }, { parts: [] });
  write(2, 'f', 1);
  run.received({ kind: 'ops', ops: [end] }, { parts: [] });
  run.received({ kind: 'hold-noted' }, { parts: [] });
  let next = 4;
  disk.syncFd = () => {
    looks.push(run.figures);
    // There is always more to keep, until the cut was reached while something was.
    if (run.figures.appliedSequence < 3) write(next, `f${next++}`, 1);
    return Promise.resolve();
  };
  const atCut = await eventually('it is looked at there', () => looks.find(({ appliedSequence }) => appliedSequence === 3));
  expect(atCut).toMatchObject({ isHeld: true, label: 'point-in-time', cut: { sequence: 3 } });
});

test('it stands still at a cut with nothing after it, knows a pause by its mark, and tells before an entry changes', async () => {
  const { run, state, write } = await open();
  const pass = (...ops: Extract<SourceMessage, { kind: 'ops' }>['ops']) => run.received({ kind: 'ops', ops }, { parts: [] });
  const applied = (sequence: number) => eventually('all is applied', () => run.figures.appliedSequence === sequence);
  expect(run.standstill).toBeNull();
  write(1, 'f', 10);
  await applied(1);
  expect([run.standstill, state.moves]).toEqual([null, 1]);
  pass({ kind: 'group-end', sequence: 2, atMs: 1_000, label: 'point-in-time' });
  await applied(2);
  expect([run.standstill, state.moves]).toEqual(['rest', 1]);
  pass({ kind: 'barrier', sequence: 3 }, { kind: 'group-end', sequence: 4, atMs: 2_000, label: 'point-in-time' });
  expect(run.standstill).toBeNull();
  await applied(4);
  expect([run.standstill, run.figures.label, state.moves]).toEqual(['pause', 'point-in-time', 1]);
  pass({ kind: 'group-begin', sequence: 5 });
  expect(run.standstill, 'a group has begun to come').toBeNull();
  write(6, 'f', 20);
  pass({ kind: 'group-end', sequence: 7, atMs: 3_000, label: 'point-in-time' });
  await applied(7);
  expect([run.standstill, state.moves]).toEqual(['rest', 2]);
  run.ask({ kind: 'purge-kept', search: '', beforeMs: 0, untilBytes: 0 });
  expect(state.moves).toBe(3);
});

test('a replica that is held stands still although changes wait', async () => {
  const { run, write, state } = await open();
  run.hold(true);
  run.received({ kind: 'hold-noted' }, { parts: [] });
  await eventually('it is held', () => run.figures.isHeld);
  write(1, 'f', 10);
  await eventually('it is received', () => run.figures.receivedSequence === 1);
  expect([run.standstill, state.moves]).toEqual(['hold', 0]);
  run.hold(false);
  await eventually('it goes on', () => state.moves === 1);
});

test('an op that failed is told until its place has whole content again, under the name that the place has by then', async () => {
  const { run, root, write } = await open();
  const pass = (message: Parameters<typeof run.received>[0], data = Buffer.alloc(0)) =>
    run.received(message, { parts: data.length === 0 ? [] : [data] });
  const failures = async () => {
    const told: TargetMessage[] = [];
    await run.attach(listening(told));
    return told.filter((message) => message.kind === 'failed').map(({ sequence, path }) => ({ sequence, path }));
  };
  const common = { root: 0, attributes: plainAttributes };
  pass({ kind: 'ops', ops: [{ kind: 'folder', sequence: 1, path: 'd', ...common }] });
  write(2, 'd/a', 10);
  pass({ kind: 'stream', stream: 1, root: 0, isPatch: true });
  pass({ kind: 'data', stream: 1, offset: 0 }, Buffer.from('new'));
  pass({ kind: 'data-end', stream: 1, sequence: 3, size: 99, attributes: plainAttributes });
  pass({ kind: 'ops', ops: [{ kind: 'patch-stream', sequence: 3, root: 0, path: 'd/a', baseSize: 99 }] });
  pass({ kind: 'ops', ops: [{ kind: 'attributes', sequence: 4, path: 'd/a', entry: 'file', ...common }] });
  await eventually('all is applied', () => run.figures.appliedSequence === 4);
  expect(await failures()).toEqual([{ sequence: 3, path: 'd/a' }]);
  pass({ kind: 'ops', ops: [{ kind: 'rename', sequence: 5, root: 0, path: 'e', fromRoot: 0, from: 'd' }] });
  await eventually('all is applied', () => run.figures.appliedSequence === 5);
  expect(existsSync(`${root}/e/a`)).toBe(true);
  expect(await failures()).toEqual([{ sequence: 3, path: 'e/a' }]);
  write(6, 'e/a', 10);
  await eventually('all is applied', () => run.figures.appliedSequence === 6);
  expect(await failures()).toEqual([]);
});
