import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { beforeEach, expect, test, vi } from 'vitest';
import { initialConnectionSettings, type ConnectionSettings, type MirrorOptions } from '../../../../../src-main/api/index.ts';
import { silentLog } from '../../../../../src-main/base/index.ts';
import type { ConnectionSpec } from '../../../../../src-main/engine/connection/index.ts';
import type { CaptureTask } from '../../../../../src-main/engine/connection/source/shared-capture.ts';
import { SourceHost, type SourceHostOptions } from '../../../../../src-main/engine/connection/source/source-host.ts';
import type { SourceWorkerData } from '../../../../../src-main/engine/connection/source/source-protocol.ts';
import { FakeThread } from '../../../../support/fake-thread.ts';
import { quietLine } from '../../../../support/quiet-line.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';

/** The main thread's end of a connection whose threads are not real. */
class Scene {
  readonly errors: string[] = [];
  readonly threads: FakeThread[] = [];
  /** What each was told to begin with. */
  readonly mirrors: (MirrorOptions | null)[] = [];
  readonly haveRun: boolean[] = [];
  readonly holds: (string | undefined)[] = [];
  breakCapture: (error: Error) => void = () => undefined;
  readonly host: SourceHost;

  constructor(mirror: MirrorOptions | null = null, settings: ConnectionSettings = initialConnectionSettings) {
    const folder = tempFolder();
    const spec = { id: 'c', setName: 'files', targetName: 'beta', roots: [], rules: [], hold: null, park: null };
    this.host = new SourceHost({
      spec: { ...spec, settings } as unknown as ConnectionSpec,
      mirror,
      isNew: mirror !== null,
      volumes: [],
      catalogFile: join(folder, 'catalog'),
      verifyFolder: join(folder, 'verify'),
      planFolder: join(folder, 'plan'),
      log: silentLog,
      threads: {
        open: ({ spec, mirror, hasRun }: Pick<SourceWorkerData, 'spec' | 'mirror' | 'hasRun'>, isAlone: boolean) => {
          this.mirrors.push(mirror);
          this.haveRun.push(hasRun);
          this.holds.push(spec.hold?.kind);
          const thread = new FakeThread();
          thread.isShared = !isAlone;
          this.threads.push(thread);
          return thread;
        },
      },
      line: { join: () => undefined, meter: { memory: null }, isGateOpen: true, snapshot: () => quietLine() },
      onChange: () => undefined,
      onEvent: ({ severity, text }: { severity: string; text: string }) => severity === 'error' && this.errors.push(text),
      captures: {
        start: (_task: CaptureTask, onBroke: (error: Error) => void) => {
          this.breakCapture = onBroke;
          return { port: new MessageChannel().port1, end: () => Promise.resolve() };
        },
      },
      commonCuts: { leave: () => undefined },
    } as unknown as SourceHostOptions);
  }

  answer(): void {
    this.host.command({ kind: 'answer', answer: 'check-again' });
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

const settled = () => vi.advanceTimersByTimeAsync(0);

test('two answers to one question start one thread', async () => {
  const scene = new Scene();
  const [first] = scene.threads;
  scene.breakCapture(new Error('a bug'));
  scene.answer();
  scene.answer();
  first?.ends();
  await settled();
  expect(scene.threads).toHaveLength(2);
});

test('while a broken thread has not ended, however long, no other comes to its catalog', async () => {
  const scene = new Scene();
  const [first] = scene.threads;
  scene.breakCapture(new Error('a bug'));
  scene.answer();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(scene.threads).toHaveLength(1);
  first?.ends();
  await settled();
  expect(scene.threads).toHaveLength(2);
});

test('a thread that was given up, and fails on its way out, does not stop the one after it', async () => {
  const scene = new Scene();
  const [first] = scene.threads;
  scene.breakCapture(new Error('a bug'));
  scene.answer();
  first?.emit('error', new Error('another bug'));
  first?.ends();
  await settled();
  first?.emit('error', new Error('another bug'));
  expect(scene.errors).toHaveLength(1);
  expect(scene.threads[1]?.heard).toEqual([]);
});

test('a stop does not wait for ever for a broken thread that hangs', async () => {
  const scene = new Scene();
  scene.breakCapture(new Error('a bug'));
  let isClosed = false;
  void scene.host.close().then(() => (isClosed = true));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(isClosed).toBe(true);
});

test('a thread of several that fails is left, and the connection goes on in one of its own, where it halts when it fails again', async () => {
  const scene = new Scene();
  const [first] = scene.threads;
  first?.emit('error', new Error("somebody's bug"));
  await settled();
  expect([scene.threads.length, scene.errors]).toEqual([1, []]);
  first?.ends();
  await settled();
  const [, second] = scene.threads;
  expect([scene.threads.length, second?.isShared]).toEqual([2, false]);
  expect(scene.host.state.replication).not.toBe('halted');
  second?.emit('error', new Error('its own bug'));
  expect(scene.host.state.replication).toBe('halted');
  expect(scene.errors).toHaveLength(1);
});

test('one that reports its own bug halts, whoever is in its thread', () => {
  const scene = new Scene();
  scene.threads[0]?.emit('message', { kind: 'broke', error: new Error('a bug') });
  expect(scene.host.state.replication).toBe('halted');
});

test('one whose owners go by name may have to wait for others, and is alone', () => {
  const byName = new Scene(null, { ...initialConnectionSettings, owners: { by: 'name' } });
  expect([byName.threads[0]?.isShared, new Scene().threads[0]?.isShared]).toEqual([false, true]);
});

test('a new connection whose thread fails before it began is begun with its own mirror', async () => {
  const scene = new Scene({ kind: 'checksum' });
  const [first] = scene.threads;
  first?.emit('error', new Error("somebody's bug"));
  first?.ends();
  await settled();
  const [, second] = scene.threads;
  second?.emit('message', { kind: 'begun' });
  second?.emit('message', { kind: 'broke', error: new Error('a bug') });
  second?.ends();
  scene.answer();
  await settled();
  expect(scene.mirrors).toEqual([{ kind: 'checksum' }, { kind: 'checksum' }, null]);
});

test('orders that are given while one thread is gone and the next not there are carried out, in their order', async () => {
  const scene = new Scene();
  const [first] = scene.threads;
  first?.emit('error', new Error("somebody's bug"));
  const hold = { kind: 'pause-transmission', owner: 'ann', reason: 'a backup' } as const;
  scene.host.command({ kind: 'start-mirror', options: { kind: 'all' } });
  scene.host.command(hold);
  first?.ends();
  await settled();
  const [, second] = scene.threads;
  expect(second?.heard).toMatchObject([{ command: { kind: 'start-mirror' } }, { command: hold }]);
  expect(scene.host.state.transmission.kind).toBe('pausing');
  expect(scene.holds).toEqual([undefined, 'pause']);
});

test('a connection that goes on in another thread is not told of a restart; one that a service opens is', async () => {
  const scene = new Scene();
  for (const at of [0, 1]) {
    scene.threads[at]?.emit('message', { kind: 'begun' });
    scene.threads[at]?.emit('message', { kind: 'broke', error: new Error('a bug') });
    scene.threads[at]?.ends();
    scene.answer();
    await settled();
  }
  expect(scene.haveRun).toEqual([false, true, true]);
});
