import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  initialConnectionSettings,
  type ConnectionSnapshot,
  type ConsoleUpdate,
  type KnownServer,
  type StatisticsSample,
} from '../../../src-main/api/index.ts';
import { silentLog } from '../../../src-main/base/index.ts';
import { fileSecretBox, openConsole, type Console } from '../../../src-main/console/index.ts';
import { formatAddress } from '../../../src-main/control/index.ts';
import { eventually } from '../../support/eventually.ts';
import { ADMIN, startTestService, type TestService } from '../../support/start-test-service.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const coded = (code: string) => expect.objectContaining({ code }) as Error;

function open(
  embedded: TestService | null,
  home = join(tempFolder(), 'home'),
): Console & { home: string; updates: ConsoleUpdate[] } {
  const console = openConsole({
    home,
    shell: 'browser',
    version: '0',
    box: fileSecretBox(home),
    embedded: embedded && { session: embedded.session, controlAddress: formatAddress(embedded.service.control) },
    log: silentLog,
  });
  onTestFinished(() => console.close());
  const updates: ConsoleUpdate[] = [];
  console.subscribe((update) => updates.push(update));
  return { ...console, home, updates };
}

const servers = (console: Console) => console.invoke('servers.list', null) as Promise<KnownServer[]>;
const stateOf = async (console: Console, name: string) => (await servers(console)).find((server) => server.name === name)?.state;

async function add(console: Console, { service }: TestService, name = 'remote'): Promise<KnownServer> {
  const address = formatAddress(service.control);
  const { fingerprint } = (await console.invoke('servers.probe', { address })) as { fingerprint: string };
  const added = (await console.invoke('servers.add', { name, address, fingerprint })) as KnownServer;
  await eventually('the server answers', async () => (await stateOf(console, name))?.kind === 'login-required');
  return added;
}

const login = (console: Console, serverId: string, remember = false, password: string = ADMIN.password) =>
  console.invoke('servers.login', { serverId, user: ADMIN.user, password, remember });

describe('the console', () => {
  test('is at once at home on its embedded service, which needs no login and stays', async () => {
    const console = open(await startTestService());
    await eventually('online', async () => (await stateOf(console, 'alpha'))?.kind === 'online');
    const [known] = await servers(console);
    expect(known).toMatchObject({ id: 'this-machine', isEmbedded: true, state: { user: 'console', role: 'admin' } });
    const call = (name: string, input: unknown) =>
      console.invoke('service.call', { serverId: 'this-machine', call: name, input });
    await call('set.create', { name: 'Docs' });
    await expect(call('set.list', null)).resolves.toMatchObject([{ name: 'Docs' }]);
    await eventually('an update with the server’s id', () =>
      console.updates.some((update) => update.name === 'sets' && update.serverId === 'this-machine'),
    );
    await expect(call('set.list', {})).rejects.toThrow(coded('bad-input'));
    await expect(call('session.login', ADMIN)).rejects.toThrow(coded('bad-input'));
    await expect(console.invoke('servers.remove', { serverId: 'this-machine' })).rejects.toThrow(coded('bad-input'));
    await expect(console.invoke('servers.list', {})).rejects.toThrow(coded('bad-input'));
  });

  test('adds a server with a confirmed fingerprint, logs in, and tells its state with every step', async () => {
    const remote = await startTestService({ name: 'remote-host' });
    const console = open(null);
    const { id } = await add(console, remote);
    await expect(console.invoke('service.call', { serverId: id, call: 'set.list', input: null })).rejects.toThrow(
      coded('not-logged-in'),
    );
    await expect(login(console, id, false, 'wrong')).rejects.toThrow(coded('wrong-password'));
    await expect(login(console, id)).resolves.toMatchObject({
      name: 'remote',
      state: { kind: 'online', role: 'admin', user: 'eva' },
    });
    const kinds = console.updates.flatMap((update) =>
      update.name === 'servers' ? update.value.map(({ state }) => state.kind) : [],
    );
    expect(kinds.filter((kind, i) => kind !== kinds[i - 1])).toEqual(['connecting', 'login-required', 'online']);
    await console.invoke('servers.logout', { serverId: id });
    await eventually('logged out', async () => (await stateOf(console, 'remote'))?.kind === 'login-required');
    await console.invoke('servers.remove', { serverId: id });
    await expect(servers(console)).resolves.toEqual([]);
  });

  test('a broken line comes back by itself, still logged in; meanwhile the outage has a cause', async () => {
    const remote = await startTestService();
    const console = open(null);
    const { id } = await add(console, remote);
    await login(console, id);
    const { port } = remote.service.control;
    await remote.service.close();
    const state = await eventually('unreachable', async () => {
      const now = await stateOf(console, 'remote');
      return now?.kind === 'unreachable' ? now : null;
    });
    expect(state.problem).toMatchObject({ code: 'unreachable', cause: expect.stringContaining('remote') as string });
    expect(state.problem.nextStep).not.toBe('');
    await startTestService({ dataDir: remote.dataDir, control: { host: '127.0.0.1', port } });
    await eventually('online again', async () => (await stateOf(console, 'remote'))?.kind === 'online');
  });

  test('a remembered login serves the next start; one that became wrong is not tried twice', async () => {
    const remote = await startTestService();
    const first = open(null);
    const { id } = await add(first, remote);
    await login(first, id, true);
    await first.close();
    const second = open(null, first.home);
    await eventually('online without a person', async () => (await stateOf(second, 'remote'))?.kind === 'online');
    await remote.session.call('account.set-password', { name: 'eva', password: 'new' });
    await second.close();
    const third = open(null, first.home);
    const state = await eventually('a person is asked', async () => {
      const now = await stateOf(third, 'remote');
      return now?.kind === 'login-required' ? now : null;
    });
    expect(state.problem).toMatchObject({ code: 'wrong-password' });
  });

  test('another certificate at a known address is never logged in to, and both fingerprints are shown', async () => {
    const remote = await startTestService();
    const console = open(null);
    const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
    await console.invoke('servers.add', { name: 'remote', address: formatAddress(remote.service.control), fingerprint });
    const state = await eventually('refused', async () => {
      const now = await stateOf(console, 'remote');
      return now?.kind === 'unreachable' ? now : null;
    });
    expect(state.problem.code).toBe('fingerprint-mismatch');
    expect(state.problem.cause).toContain(fingerprint);
    expect(state.problem.cause).toContain(remote.service.info.fingerprint);
  });

  test('connects a set of one server to another in one step, under the name that people use', async () => {
    const source = await startTestService();
    const target = await startTestService({ name: 'target-host' });
    const console = open(source);
    const { id: targetId } = await add(console, target, 'backup');
    await login(console, targetId);
    await source.session.call('set.create', { name: 'Docs' });
    await source.session.call('set.add-rule', { name: 'Docs', rule: { path: '/srv', verdict: 'include', recursive: true } });
    await source.session.call('set.save', { name: 'Docs' });
    const wizard = { sourceId: 'this-machine', targetId, setName: 'Docs', map: { kind: 'base', base: '/replica' }, mirror: null };
    await expect(console.invoke('replication.connect', wizard)).resolves.toMatchObject({
      targetName: 'backup',
      targetAddress: expect.stringContaining('127.0.0.1') as string,
    });
  });

  test('begins a restore from one server to another under the name that people use; a drill asks the holder for its sample', async () => {
    const holder = await startTestService();
    const receiver = await startTestService({ name: 'target-host' });
    const console = open(holder);
    const { id: receiverId } = await add(console, receiver, 'backup');
    await login(console, receiverId);
    const folder = tempFolder();
    const from = { kind: 'folder', path: folder };
    const both = { holderId: 'this-machine', receiverId, owners: 'number' };
    const how = { overwrite: 'different', checksum: false, plan: true };
    const choice = { from, paths: [], to: { kind: 'folder', path: join(folder, 'restored') } };
    await expect(console.invoke('replication.restore', { ...both, choice, ...how })).resolves.toMatchObject({
      kind: 'restore',
      name: folder,
      targetName: 'backup',
    });
    const drill = { ...both, from, folder: '/scratch', files: 1, seed: null, sourceId: null };
    await expect(console.invoke('replication.drill', drill)).rejects.toThrow(coded('bad-input'));
    await expect(console.invoke('replication.drill', { ...drill, files: 501 })).rejects.toThrow(coded('bad-input'));
  });

  test('keeps the last half hour of a connection’s statistics, one sample a second', async () => {
    const remote = await startTestService();
    const console = open(remote);
    await eventually('online', async () => (await stateOf(console, 'alpha'))?.kind === 'online');
    vi.useFakeTimers({ toFake: ['setInterval', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const sampled = open(remote);
    await eventually('online', async () => (await stateOf(sampled, 'alpha'))?.kind === 'online');
    const connectionId = '3b6ff0d4-5c55-4d4e-9d53-5e1f1a0c7b12';
    for (const sentBytes of [1000, 3000, 0]) {
      const statistics = { sentBytes, appliedBytes: sentBytes, queuedBytes: 7, queuedOps: 1, targetQueueBytes: 2 };
      const settings = initialConnectionSettings;
      const told = {
        id: connectionId,
        settings,
        statistics,
        transmission: { kind: 'active' },
        holds: [],
        problems: [],
        problemCount: 0,
      } as unknown as ConnectionSnapshot;
      remote.engine.options.onConnections([told]);
      vi.advanceTimersByTime(1000);
    }
    const history = (await sampled.invoke('statistics.history', {
      serverId: 'this-machine',
      connectionId,
    })) as StatisticsSample[];
    expect(history.map(({ sentBytesPerSec, queuedBytes }) => [sentBytesPerSec, queuedBytes])).toEqual([
      [2000, 7],
      [0, 7],
    ]);
    vi.advanceTimersByTime(31 * 60_000);
    expect(await sampled.invoke('statistics.history', { serverId: 'this-machine', connectionId })).toHaveLength(1800);
  });
});
