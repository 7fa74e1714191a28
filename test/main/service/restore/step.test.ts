import { beforeEach, expect, test } from 'vitest';
import type { BackupWindow, ConnectionSnapshot, ReplicaSnapshot, RestoreResult } from '../../../../src-main/api/index.ts';
import { ReplicationError, silentLog } from '../../../../src-main/base/index.ts';
import type { RestoreParts } from '../../../../src-main/service/restore/parts.ts';
import { giveBack, takeStep } from '../../../../src-main/service/restore/step.ts';
import type { StoredRestore } from '../../../../src-main/service/restore/stored.ts';

const signal = new AbortController().signal;
const cut = { sequence: 4, at: '2026-11-27T02:00:00.000Z', label: 'point-in-time' as const };
const restore = {
  id: 'r1', kind: 'restore', name: 'files', choice: { from: { kind: 'replica', connectionId: 'c1' }, paths: [], to: { kind: 'origin' } }, overwrite: 'different',
  checksum: false, isPlannedFirst: false, connection: { id: 'carrier', setName: 'restore of files', targetName: 'alpha', warnings: ['as admitted'] }, startedBy: 'eva',
  startedAt: cut.at, state: 'copying', cut, cancelledBy: null, drill: null, plan: null, result: null,
} as unknown as StoredRestore; // prettier-ignore
const window = { connectionId: 'c1', owner: 'restore r1', state: 'open', why: '', cut } as unknown as BackupWindow;
const verified = { outcome: 'equal', busy: 0, options: { bytes: true } };

/** A connection whose mirror and verification are over, on a replica that a window keeps still. */
class Scene {
  windows: readonly BackupWindow[] = [window];
  connection: unknown = {
    id: 'carrier', halt: null, replication: 'replicating', problems: [], problemCount: 0,
    mirror: { kind: 'idle', lastCompletedAt: cut.at, lastResult: null }, verify: { run: null, last: verified },
  }; // prettier-ignore
  replica: unknown = { connectionId: 'c1', cut, hold: { isEffective: true }, snapshots: { isComplete: true, reverted: null } };
  verdict: unknown = { kind: 'go' };
  isConfirmed = true;
  ended: () => Promise<{ ended: BackupWindow | null }> = () => Promise.resolve({ ended: window });
  readonly opened: string[] = [];
  readonly parts = {
    connections: {
      list: () => [this.connection as ConnectionSnapshot],
      has: () => true,
      openForRestore: ({ warnings }: { warnings: readonly string[] }, mirror: unknown) => {
        this.opened.push(`${mirror === null ? 'without' : 'with'} a mirror: ${warnings.join('|')}`);
        return Promise.resolve();
      },
      command: () => Promise.resolve(),
      disconnect: () => Promise.resolve({ isConfirmed: this.isConfirmed }),
    },
    replicas: { list: () => [this.replica as ReplicaSnapshot] },
    windows: {
      list: () => this.windows,
      begin: () => Promise.resolve({ verdict: this.verdict }),
      end: () => this.ended(),
    },
    log: silentLog,
  } as unknown as RestoreParts;

  step(change: Partial<StoredRestore> = {}) {
    return takeStep({ ...restore, ...change }, this.parts, signal);
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

const failure = (why: RegExp) => ({ state: 'ending', result: { outcome: 'failed', why: expect.stringMatching(why) as string } });

test('a mirror is verified, and what is found equal is restored', async () => {
  expect(await scene.step()).toEqual({ state: 'verifying' });
  expect(await scene.step({ state: 'verifying' })).toMatchObject({ state: 'ending', result: { outcome: 'restored', why: '' } });
});

test('a file that was not compared because it is on its way is enough for a restore that is not complete', async () => {
  scene.connection = { ...(scene.connection as object), verify: { run: null, last: { ...verified, busy: 1 } } };
  expect(await scene.step({ state: 'verifying' })).toMatchObject({ result: { outcome: 'different' } });
});

test('a problem of a single file is enough for a restore that is not complete', async () => {
  scene.connection = { ...(scene.connection as object), problemCount: 1, problems: [{ cause: 'x' }] };
  expect(await scene.step({ state: 'verifying' })).toMatchObject({ result: { outcome: 'different' } });
});

test('a replica that no window keeps still any more fails the restore, also when all was found equal', async () => {
  scene.windows = [{ ...window, owner: 'somebody else' }];
  for (const state of ['planning', 'planned', 'copying', 'verifying'] as const)
    expect(await scene.step({ state })).toMatchObject(failure(/changed while it was read: .*ended by somebody else/));
  scene.windows = [{ ...window, state: 'broken', why: 'the hold was ended' }];
  expect(await scene.step({ state: 'verifying' })).toMatchObject(failure(/the hold was ended\. .*mixture/));
  const folder = { ...restore.choice, from: { kind: 'folder', path: '/x' } } as const;
  expect(await scene.step({ choice: folder }), 'nobody keeps a folder still').toEqual({ state: 'verifying' });
});

test('a connection that somebody ended or that halted, and a mirror that somebody stopped, are told', async () => {
  scene.connection = { ...(scene.connection as object), mirror: { kind: 'idle', lastCompletedAt: null } };
  expect(await scene.step()).toMatchObject(failure(/stopped its mirror/));
  scene.connection = { ...(scene.connection as object), halt: { cause: 'The source has gone.' } };
  expect(await scene.step()).toMatchObject(failure(/^The source has gone\.$/));
  scene.connection = { ...(scene.connection as object), id: 'another' };
  expect(await scene.step()).toMatchObject(failure(/disconnected the connection/));
});

test.each([
  ['nothing is said of a complete copy', { isComplete: true, reverted: null }, ''],
  ['an incomplete copy is told', { isComplete: false, reverted: null }, '|The replica is not a complete copy'],
  [
    'a state that it was set back to is told',
    { isComplete: false, reverted: { snapshotId: 's1', at: '' } },
    '|The replica was set back',
  ],
])('when the replica stands it is opened, and %s', async (_what, snapshots, warning) => {
  scene.replica = { ...(scene.replica as object), snapshots };
  const step = await scene.step({ state: 'holding' });
  expect(step).toMatchObject({ state: 'copying', cut });
  expect(scene.opened).toEqual([expect.stringContaining(`with a mirror: as admitted${warning}`)]);
  expect(step?.connection?.warnings).toHaveLength(warning === '' ? 1 : 2);
});

test('a replica that may not be read now fails it, and one that does not stand yet is waited for', async () => {
  scene.replica = { ...(scene.replica as object), hold: { isEffective: false } };
  expect(await scene.step({ state: 'holding' })).toBeNull();
  scene.verdict = { kind: 'no', why: 'It is held by eva.', nextStep: 'Wait.' };
  expect(await scene.step({ state: 'holding' })).toMatchObject(failure(/held by eva\. Wait/));
});

test('what it took is given back, and it is known whether the receiver was told and the replica stood', async () => {
  const result = { mirror: {} } as RestoreResult;
  expect(await giveBack({ ...restore, result }, scene.parts)).toEqual({ moving: null, isTold: true });
  expect(scene.opened, 'there is nothing to be opened').toEqual([]);
  scene.isConfirmed = false;
  scene.ended = () => Promise.resolve({ ended: { ...window, state: 'broken', why: 'it went on' } });
  expect(await giveBack(restore, scene.parts)).toEqual({ moving: 'it went on', isTold: false });
  expect(scene.opened, 'so that the receiver can be told').toHaveLength(1);
  scene.ended = () => Promise.reject(new ReplicationError('unknown-connection', {}));
  expect(await giveBack(restore, scene.parts)).toEqual({ moving: null, isTold: false });
});
