import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { EngineIdentity } from '../../../../../src-main/engine/connection/index.ts';
import { snapshotsFolder } from '../../../../../src-main/engine/connection/target/target-host.ts';
import { SnapshotStore } from '../../../../../src-main/engine/snapshots/index.ts';
import { eventually } from '../../../../support/eventually.ts';
import { FakeSource } from '../../../../support/fake-source.ts';
import { snapshotDraft } from '../../../../support/snapshot-draft.ts';
import { listenTarget, replicaSpec } from '../../../../support/target-fixture.ts';
import { tempFolder } from '../../../../support/temp-folder.ts';
import { testIdentity } from '../../../../support/test-identity.ts';

let ours: EngineIdentity;
let theirs: EngineIdentity;
beforeAll(async () => {
  ours = await testIdentity('beta');
  theirs = await testIdentity('alpha');
});

const start = (port = 0) => listenTarget({ dataDir: tempFolder(), identity: ours, port });
const spec = () => replicaSpec(theirs, [{ from: '/source', to: `${tempFolder()}/replica` }]);
const threads = () => readdirSync('/proc/self/task').length;

test('a server without a replica holds its port, so that another cannot have it', async () => {
  const { port } = await start();
  await expect(start(port)).rejects.toMatchObject({ code: 'port-in-use' });
});

test.skipIf(process.platform !== 'linux')('it has no thread for receiving until it has a replica', async () => {
  const before = threads();
  const { host } = await start();
  // One of another test may end meanwhile.
  const idle = threads();
  expect(idle).toBeLessThanOrEqual(before);
  await host.admit(spec());
  await eventually('it has one', () => threads() > idle);
});

test('a source can come as soon as its replica is admitted, at the port that was known before', async () => {
  const { host, port } = await start();
  const replica = spec();
  await host.admit(replica);
  const source = await FakeSource.join({ port, connectionId: replica.connectionId, identity: theirs });
  expect(source.isClosed).toBe(false);
});

test('a replica can be configured and asked as soon as it is admitted', async () => {
  const { host } = await start();
  for (const replica of [spec(), spec()]) {
    const { connectionId, settings } = replica;
    await host.admit(replica);
    expect(host.configure(connectionId, settings)).toMatchObject({ connectionId, settings });
    expect(await host.ask(connectionId, { kind: 'orphans', offset: 0, limit: 10 })).toMatchObject({ entries: [] });
  }
});

test('a source that comes where no replica is finds, when it comes again, who tells it why it is refused', async () => {
  const { port } = await start();
  const early = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(early, 'close');
  await eventually('it is told', async () => {
    try {
      const source = await FakeSource.connect({ port, connectionId: randomUUID(), identity: theirs });
      await eventually('an answer', () => source.messages.length > 0 || source.isClosed);
      return source.messages.some((message) => message.kind === 'refused' && message.code === 'not-admitted');
    } catch {
      return false; // The port changes hands.
    }
  });
});

test('a port that somebody takes while it changes hands is had again when it is free', async () => {
  const { host, port } = await start();
  const replica = spec();
  const admitted = host.admit(replica);
  const thief = createServer();
  onTestFinished(() => void thief.close());
  await eventually('the port is taken', async () => {
    thief.listen(port, '127.0.0.1');
    const [problem] = (await Promise.race([
      once(thief, 'listening'),
      once(thief, 'error').catch((error: unknown) => [error]),
    ])) as unknown[];
    return problem === undefined;
  });
  await admitted;
  await new Promise((resolve) => thief.close(resolve));
  await eventually('the source is taken', async () => {
    try {
      return !(await FakeSource.join({ port, connectionId: replica.connectionId, identity: theirs })).isClosed;
    } catch {
      return false;
    }
  });
});

test('a server that is closed before it had a replica lets the port go', async () => {
  const { host, port } = await start();
  await host.close();
  const again = await start(port);
  expect(again.port).toBe(port);
});

test('what is ordered after its thread has died of a bug is refused, and done once there is another', async () => {
  const { host, events } = await start();
  const { connectionId, ...replica } = spec();
  await host.admit({ connectionId, ...replica });
  const dying = host.ask(connectionId, { kind: 'a bug' } as never);
  await expect(dying).rejects.toMatchObject({ code: 'internal' });
  await eventually('it is dead', () => events.some(({ text }) => text.includes('is started again')));
  const orders = () => [
    host.hold(connectionId, null),
    host.ask(connectionId, { kind: 'orphans', offset: 0, limit: 1 }),
    host.snapshot(connectionId, { kind: 'delete', id: 'x' }),
  ];
  for (const order of orders()) await expect(order).rejects.toMatchObject({ code: 'busy' });
  await eventually('there is another', () => host.hold(connectionId, null).then(() => true, () => false)); // prettier-ignore
});

test('nobody comes to hold a replica, and to read it, while it is set back', async () => {
  const dataDir = tempFolder();
  const { host } = await listenTarget({ dataDir, identity: ours });
  const replica = spec();
  const { connectionId, roots } = replica;
  // Of a time when nothing was at the root, so that any file system will do.
  const draft = snapshotDraft(roots[0]?.to ?? '', connectionId);
  const kept = draft.roots.map((root) => ({ ...root, place: '/never-made', kind: 'none' as const }));
  const record = { version: 1, ...draft, roots: kept, files: 0, bytes: 0, leftOut: 0 } as const;
  new SnapshotStore(snapshotsFolder(dataDir)).put({ ...record, state: 'ready' });
  await host.admit(replica);
  const reverting = host.snapshot(connectionId, { kind: 'revert', id: draft.id, takenBy: 'eva' });
  const hold = { owner: 'nightly', reason: 'tape', since: new Date(0).toISOString() };
  await expect(host.hold(connectionId, hold)).rejects.toMatchObject({ code: 'snapshot-running' });
  await reverting;
  await host.hold(connectionId, hold);
});
