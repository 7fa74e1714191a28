import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { MapSpec, SetRule } from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { establishConnection, type ControlSession } from '../../../src-main/control/index.ts';
import { initDataFolder, startService } from '../../../src-main/service/index.ts';
import { eventually } from '../../support/eventually.ts';
import { fakeReplicator } from '../../support/fake-replicator.ts';
import { ADMIN, startTestService, type TestService } from '../../support/start-test-service.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const base: MapSpec = { kind: 'base', base: '/replica' };
const data: SetRule = { path: '/srv/data', verdict: 'include', recursive: true };
const coded = (code: string) => expect.objectContaining({ code }) as Error;

async function savedSet(session: ControlSession, name = 'Docs'): Promise<void> {
  await session.call('set.create', { name });
  await session.call('set.add-rule', { name, rule: data });
  await session.call('set.save', { name });
}

function connect(source: TestService, target: TestService, map: MapSpec = base) {
  const options = { setName: 'Docs', map, mirror: { kind: 'all' } as const, targetHost: '127.0.0.1', targetName: 'Beta' };
  return establishConnection(source.session, target.session, options);
}

describe('replication sets', () => {
  test('have a working copy and a saved one: what was not saved is gone after a restart', async () => {
    const first = await startTestService();
    await savedSet(first.session);
    await first.session.call('set.create', { name: 'Draft' });
    const edited = await first.session.call('set.remove-rule', { name: 'docs', path: '/srv/data/' });
    expect(edited).toMatchObject({ name: 'Docs', rules: [], saved: false });
    const second = await first.restart();
    await expect(second.session.call('set.list', null)).resolves.toMatchObject([{ name: 'Docs', rules: [data], saved: true }]);
  });

  test('know their size after a calculation, until a rule changes', async () => {
    const { session } = await startTestService();
    await savedSet(session);
    await session.call('set.calculate', { rules: [data] });
    await expect(session.call('set.get', { name: 'Docs' })).resolves.toMatchObject({
      saved: true,
      size: { files: 1, bytes: 100 },
    });
    await session.call('set.add-rule', { name: 'Docs', rule: { ...data, recursive: false } });
    await expect(session.call('set.get', { name: 'Docs' })).resolves.toMatchObject({
      saved: false,
      size: null,
      rules: [{ recursive: false }],
    });
  });

  test('refuse what cannot be meant, when it is typed', async () => {
    const { session } = await startTestService({ volumes: [{ name: 'C', folder: tempFolder() }] });
    await session.call('set.create', { name: 'Docs' });
    const add = (path: string) => session.call('set.add-rule', { name: 'Docs', rule: { ...data, path } });
    await expect(add('data')).rejects.toThrow(coded('bad-path'));
    await expect(add('d:\\data')).rejects.toThrow(coded('volume-unknown'));
    await expect(add('c:\\data')).resolves.toMatchObject({ rules: [{ path: 'c:\\data' }] });
    // The same folder to Windows: the rule takes the other's place.
    await expect(add('C:/Data/')).resolves.toMatchObject({ rules: [{ path: 'C:/Data/' }] });
    await expect(session.call('set.create', { name: 'DOCS' })).rejects.toThrow(coded('set-exists'));
    await expect(session.call('set.get', { name: 'nope' })).rejects.toThrow(coded('unknown-set'));
    await expect(session.call('set.remove-rule', { name: 'Docs', path: '/other' })).rejects.toThrow(coded('bad-input'));
  });

  test('that are unsaved or empty cannot be connected, and connected ones cannot be deleted', async () => {
    const source = await startTestService();
    const target = await startTestService({ name: 'beta' });
    const { session } = source;
    await session.call('set.create', { name: 'Docs' });
    await expect(connect(source, target)).rejects.toThrow(coded('set-unsaved'));
    await session.call('set.save', { name: 'Docs' });
    await expect(connect(source, target)).rejects.toThrow(coded('set-empty'));
    await session.call('set.add-rule', { name: 'Docs', rule: data });
    await session.call('set.save', { name: 'Docs' });
    const { id } = await connect(source, target);
    await expect(session.call('set.get', { name: 'Docs' })).resolves.toMatchObject({ connectionIds: [id] });
    await expect(session.call('set.delete', { name: 'Docs' })).rejects.toThrow(coded('set-in-use'));
    await session.call('connection.disconnect', { connectionId: id });
    await session.call('set.delete', { name: 'Docs' });
    await expect(session.call('set.list', null)).resolves.toEqual([]);
  });
});

describe('connections', () => {
  async function pair() {
    const source = await startTestService();
    const target = await startTestService({ name: 'beta' });
    await savedSet(source.session);
    return { source, target };
  }

  test('are stored on both sides, opened with their mirror, and opened again without one after a restart', async () => {
    const { source, target } = await pair();
    const made = await connect(source, target);
    expect(made).toMatchObject({
      number: 1,
      setName: 'Docs',
      sourceName: 'alpha',
      targetName: 'Beta',
      roots: [{ from: '/srv/data', to: '/replica/srv/data' }],
    });
    expect(source.engine.opened.get(made.id)?.start).toEqual({ mirror: { kind: 'all' }, isNew: true });
    expect(target.engine.admitted.get(made.id)).toMatchObject({
      sourceName: 'alpha',
      sourceFingerprint: source.service.info.fingerprint,
    });
    const again = await source.restart();
    expect(again.engine.opened.get(made.id)).toMatchObject({ number: 1, start: { mirror: null, isNew: false } });
    const targetAgain = await target.restart();
    expect([...targetAgain.engine.admitted.keys()]).toEqual([made.id]);
  });

  test('the same set, target and map are connected only once, however the map is written', async () => {
    const { source, target } = await pair();
    await connect(source, target);
    await expect(connect(source, target, { kind: 'base', base: '/replica/' })).rejects.toThrow(coded('connection-exists'));
    await expect(connect(source, target, { kind: 'base', base: '/other' })).resolves.toMatchObject({ number: 2 });
  });

  test('an admission is taken back when the source cannot create the connection', async () => {
    const { source, target } = await pair();
    source.engine.failNext('open', new ReplicationError('not-found', { path: '/srv/data' }));
    await expect(connect(source, target)).rejects.toThrow(coded('not-found'));
    await expect(target.session.call('replica.list', null)).resolves.toEqual([]);
    await expect(source.session.call('connection.list', null)).resolves.toEqual([]);
    expect((await source.restart()).engine.opened.size).toBe(0);
  });

  test.each(['waiting-for-source', 'retrying'] as const)(
    'an admission that nobody uses any more gives way to the same source coming again: %s',
    async (state) => {
      const { source, target } = await pair();
      const { id } = await connect(source, target);
      const replicas = target.engine.replicas.bind(target.engine);
      vi.spyOn(target.engine, 'replicas').mockImplementation(() => replicas().map((replica) => ({ ...replica, state })));
      // The target was away when the source disconnected: the fake source tells it nothing.
      await source.session.call('connection.disconnect', { connectionId: id });
      const again = await connect(source, target);
      expect([...target.engine.admitted.keys()]).toEqual([again.id]);
    },
  );

  test('an admission that is in use, or held, does not give way', async () => {
    const { source, target } = await pair();
    const { id } = await connect(source, target);
    const replicas = target.engine.replicas.bind(target.engine);
    vi.spyOn(target.engine, 'replicas').mockImplementation(() => replicas().map((replica) => ({ ...replica, state: 'held' })));
    await source.session.call('connection.disconnect', { connectionId: id });
    await connect(source, target);
    expect(target.engine.admitted.has(id)).toBe(true);
  });

  test('a pause and its owner are stored, stay theirs, survive a restart, and end with the resume', async () => {
    const { source, target } = await pair();
    const { id: connectionId } = await connect(source, target);
    const owner = await source.dial();
    await owner.call('session.login', ADMIN);
    // This engine stands at once; that is told when the cut is on disk.
    await expect(owner.call('transmission.pause', { connectionId, reason: 'backup' })).resolves.toMatchObject({
      transmission: { kind: 'pausing', owner: 'eva', reason: 'backup' },
    });
    await eventually('it stands', async () => {
      const { transmission } = await source.session.call('connection.get', { connectionId });
      return transmission.kind === 'paused';
    });
    await expect(source.session.call('transmission.pause', { connectionId, reason: 'another' })).resolves.toMatchObject({
      transmission: { kind: 'paused', owner: 'eva', reason: 'backup' },
    });
    const again = await source.restart();
    expect(again.engine.opened.get(connectionId)?.spec.hold).toMatchObject({
      ...{ kind: 'pause', owner: 'eva', reason: 'backup' },
      cut: { sequence: 0, label: 'file-level' },
    });
    await again.session.call('transmission.resume', { connectionId });
    expect((await again.restart()).engine.opened.get(connectionId)?.spec.hold).toBeNull();
  });

  test('an order to park is stored with its owner, survives a restart, and ends with the reconnect, unless that is refused', async () => {
    const { source, target } = await pair();
    const { id: connectionId } = await connect(source, target);
    const stored = (service: TestService) => service.engine.opened.get(connectionId)?.spec.park;
    await source.session.call('connection.park', { connectionId, reason: 'rotation' });
    await source.session.call('connection.park', { connectionId, reason: 'another' });
    expect(source.engine.calls.filter((call) => call === 'command park')).toHaveLength(1);
    const again = await source.restart();
    expect(stored(again)).toMatchObject({ owner: 'console', reason: 'rotation' });
    again.engine.failNext('command', new ReplicationError('not-disconnected'));
    const reconnect = { connectionId, mirror: null };
    await expect(again.session.call('connection.reconnect', reconnect)).rejects.toThrow(coded('not-disconnected'));
    const third = await again.restart();
    expect(stored(third)).toMatchObject({ reason: 'rotation' });
    await third.session.call('connection.reconnect', reconnect);
    expect(stored(await third.restart())).toBeNull();
  });

  test('a pause that the engine refuses is not stored', async () => {
    const { source, target } = await pair();
    const { id: connectionId } = await connect(source, target);
    source.engine.failNext('command', new ReplicationError('halted'));
    await expect(source.session.call('transmission.pause', { connectionId, reason: '' })).rejects.toThrow(coded('halted'));
    expect((await source.restart()).engine.opened.get(connectionId)?.spec.hold).toBeNull();
  });

  test('are found by set, target and map, and the answer says what there is instead', async () => {
    const { source, target } = await pair();
    const { id } = await connect(source, target);
    const find = (setName: string, name: string, map: MapSpec | null) =>
      source.session.call('connection.find', { setName, target: name, map });
    await expect(find('DOCS', 'beta', base)).resolves.toMatchObject({ id });
    await expect(find('Docs', target.service.info.fingerprint, null)).resolves.toMatchObject({ id });
    await expect(find('Docs', 'beta', { kind: 'exact' })).rejects.toMatchObject({
      code: 'unknown-connection',
      details: {
        set: 'Docs',
        target: 'beta',
        map: 'map exact',
        hint: 'It is connected there with another map: map base /replica.',
      },
    });
    await expect(find('Docs', 'gamma', null)).rejects.toMatchObject({ details: { hint: 'The set is connected to Beta.' } });
    await connect(source, target, { kind: 'base', base: '/other' });
    await expect(find('Docs', 'beta', null)).rejects.toMatchObject({
      details: { hint: 'It is connected there 2 times; say which map is meant: map base /replica; map base /other.' },
    });
  });

  test('a disconnect that the engine cannot finish still ends the connection here', async () => {
    const { source, target } = await pair();
    const { id: connectionId } = await connect(source, target);
    source.engine.failNext('disconnect', new ReplicationError('unreachable'));
    await expect(source.session.call('connection.disconnect', { connectionId })).rejects.toThrow(coded('unreachable'));
    expect((await source.restart()).engine.opened.size).toBe(0);
  });

  test('a replica that its source released is forgotten', async () => {
    const { source, target } = await pair();
    const { id } = await connect(source, target);
    target.engine.options.onReleased(id);
    expect((await target.restart()).engine.admitted.size).toBe(0);
    await expect(target.session.call('replica.release', { connectionId: id })).rejects.toThrow(coded('unknown-connection'));
  });

  test('an offer of another server, or one used twice, is refused', async () => {
    const { source, target } = await pair();
    const targetFingerprint = target.service.info.fingerprint;
    const offer = await source.session.call('connection.prepare', { setName: 'Docs', map: base, targetFingerprint });
    const admission = await target.session.call('replica.admit', { offer });
    const create = (changed: object) =>
      source.session.call('connection.create', { offer: { ...offer, ...changed }, admission, targetHost: 'beta', mirror: null });
    await expect(create({ sourceFingerprint: targetFingerprint })).rejects.toThrow(coded('bad-input'));
    await create({});
    await expect(create({})).rejects.toThrow(coded('bad-input'));
    await expect(target.session.call('replica.admit', { offer })).rejects.toThrow(coded('bad-input'));
  });

  test('one that cannot be opened at the start does not keep the service from starting, and is told', async () => {
    const { source, target } = await pair();
    await connect(source, target);
    await source.service.close();
    const { session, engine } = await startTestService({
      dataDir: source.dataDir,
      prepareEngine: (prepared) => prepared.failNext('open', new ReplicationError('not-found', { path: '/srv/data' })),
    });
    expect(engine.opened.size).toBe(0);
    const messages = await session.call('message.list', { afterId: 0, limit: 10 });
    expect(messages.at(-1)?.text).toMatch(/^“Docs” could not be started again: \/srv\/data does not exist\./);
  });
});

describe('accounts, audit and messages', () => {
  test('accounts survive a restart; the last administrator stays', async () => {
    const first = await startTestService();
    await first.session.call('account.create', { name: 'Mona', password: 'x', role: 'monitor' });
    await expect(first.session.call('account.create', { name: 'mona', password: 'y', role: 'admin' })).rejects.toThrow(
      coded('account-exists'),
    );
    const eva = await (await first.restart()).dial();
    await eva.call('session.login', ADMIN);
    await expect(eva.call('account.list', null)).resolves.toMatchObject([
      { name: 'eva', role: 'admin' },
      { name: 'Mona', role: 'monitor' },
    ]);
    await expect(eva.call('account.delete', { name: 'eva' })).rejects.toThrow(coded('last-admin'));
    await expect(eva.call('account.delete', { name: 'nobody' })).rejects.toThrow(coded('unknown-account'));
    await eva.call('account.delete', { name: 'MONA' });
  });

  test('an account gets another role, which holds at its next login; the last administrator stays one, and the same role ends no login', async () => {
    const { session, dial, restart } = await startTestService();
    await session.call('account.create', { name: 'Mona', password: 'x', role: 'monitor' });
    const eva = await dial();
    await eva.call('session.login', ADMIN);
    await expect(eva.call('account.set-role', { name: 'eva', role: 'monitor' })).rejects.toThrow(coded('last-admin'));
    await expect(session.call('account.set-role', { name: 'eva', role: 'monitor' })).rejects.toThrow(coded('last-admin'));
    await expect(eva.call('account.set-role', { name: 'nobody', role: 'admin' })).rejects.toThrow(coded('unknown-account'));
    await expect(eva.call('account.set-role', { name: 'mona', role: 'admin' })).resolves.toMatchObject({
      name: 'Mona',
      role: 'admin',
    });
    await eva.call('account.set-role', { name: 'eva', role: 'admin' });
    await eva.call('account.set-role', { name: 'eva', role: 'monitor' });
    await expect(eva.call('set.list', null)).rejects.toThrow(coded('not-logged-in'));

    const again = await restart();
    const mona = await again.dial();
    await mona.call('session.login', { user: 'mona', password: 'x' });
    await expect(mona.call('account.set-role', { name: 'mona', role: 'monitor' })).rejects.toThrow(coded('last-admin'));
    const entries = await mona.call('audit.list', { limit: 10 });
    expect(
      entries.find(({ details }) => details.includes('"eva","role":"monitor"') && !details.includes('last-admin')),
    ).toMatchObject({
      user: 'eva',
      action: 'account.set-role',
      outcome: 'ok',
    });
  });

  test('the audit tells who did what with what outcome, and holds no password', async () => {
    const { session, dial, dataDir } = await startTestService();
    const eva = await dial();
    await eva.call('session.login', { user: 'eva', password: 'wrong guess' }).catch(() => undefined);
    await eva.call('session.login', ADMIN);
    await eva.call('set.create', { name: 'Docs' });
    await eva.call('account.create', { name: 'mona', password: 'hidden one', role: 'monitor' });
    await eva.call('account.create', { name: 'x', password: 'hidden two', rank: 'hidden three' } as never).catch(() => undefined);
    await eva.call('set.list', null);
    const entries = await session.call('audit.list', { limit: 10 });
    expect(entries.map(({ user, from, action, outcome }) => [user, from, action, outcome]).reverse()).toEqual([
      ['eva', '127.0.0.1', 'session.login', 'refused'],
      ['eva', '127.0.0.1', 'session.login', 'ok'],
      ['eva', '127.0.0.1', 'set.create', 'ok'],
      ['eva', '127.0.0.1', 'account.create', 'ok'],
      ['eva', '127.0.0.1', 'account.create', 'failed'],
    ]);
    const file = join(dataDir, 'audit.jsonl');
    expect(readFileSync(file, 'utf8')).not.toMatch(/wrong guess|hidden|pass word/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(session.call('audit.list', { limit: 2 })).resolves.toHaveLength(2);
  });

  test('messages of the engine are kept, numbered on over a restart, and read from a number on', async () => {
    const first = await startTestService();
    first.engine.options.onEvent({ severity: 'warning', connectionId: null, text: 'One.' });
    first.engine.options.onEvent({ severity: 'info', connectionId: null, text: 'Two.' });
    const { session, engine } = await first.restart();
    engine.options.onEvent({ severity: 'error', connectionId: null, text: 'Three.' });
    const all = await session.call('message.list', { afterId: 0, limit: 100 });
    expect(all.map(({ id, severity, text }) => [id, severity, text])).toEqual([
      [1, 'warning', 'One.'],
      [2, 'info', 'Two.'],
      [3, 'error', 'Three.'],
    ]);
    await expect(session.call('message.list', { afterId: 2, limit: 100 })).resolves.toMatchObject([{ id: 3 }]);
    await expect(session.call('message.list', { afterId: 0, limit: 2 })).resolves.toMatchObject([{ id: 2 }, { id: 3 }]);
  });
});

describe('a data folder', () => {
  const addresses = {
    control: { host: '127.0.0.1', port: 0 },
    data: { host: '127.0.0.1', port: 0 },
    createReplicator: fakeReplicator,
  };

  test('is readable by its owner only, and is not initialised twice', async () => {
    const { dataDir } = await startTestService();
    for (const file of ['identity/key.pem', 'identity/certificate.pem', 'accounts.json', 'server.json', 'messages.db']) {
      expect([file, statSync(join(dataDir, file)).mode & 0o077]).toEqual([file, 0]);
    }
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    await expect(initDataFolder({ dataDir, admin: null })).rejects.toThrow(coded('already-initialised'));
  });

  test('takes one service at a time', async () => {
    const { dataDir, service } = await startTestService();
    await expect(startService({ dataDir, ...addresses })).rejects.toThrow(coded('data-in-use'));
    await service.close();
    await (await startService({ dataDir, ...addresses })).close();
  });

  test('that is missing, damaged or newer is refused with its path, and left as it is', async () => {
    await expect(startService({ dataDir: join(tempFolder(), 'no'), ...addresses })).rejects.toThrow(coded('not-initialised'));
    const { dataDir, service } = await startTestService();
    await service.close();
    writeFileSync(join(dataDir, 'sets.json'), '{"version":9}');
    await expect(startService({ dataDir, ...addresses })).rejects.toThrow(coded('newer-data'));
    writeFileSync(join(dataDir, 'sets.json'), '{');
    await expect(startService({ dataDir, ...addresses })).rejects.toThrow(coded('damaged-data'));
    expect(readFileSync(join(dataDir, 'sets.json'), 'utf8')).toBe('{');
  });

  test('a port in use is named, and nothing is left running', async () => {
    const { service } = await startTestService();
    const other = join(tempFolder(), 'other');
    await initDataFolder({ dataDir: other, admin: null });
    const engines: ReturnType<typeof fakeReplicator>[] = [];
    const createReplicator = (options: Parameters<typeof fakeReplicator>[0]) => {
      const engine = fakeReplicator(options);
      engines.push(engine);
      return engine;
    };
    const start = (control: { host: string; port: number }) =>
      startService({ dataDir: other, ...addresses, control, createReplicator });
    await expect(start(service.control)).rejects.toMatchObject({ code: 'port-in-use', details: { port: service.control.port } });
    expect(engines.map(({ isClosed }) => isClosed)).toEqual([true]);
    const second = await start({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => second.close());
  });
});

test('a volume of the command line must be a folder that is there', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'file'), '');
  const startWith = (path: string) => startTestService({ volumes: [{ name: 'C', folder: path }] });
  await expect(startWith(join(folder, 'missing'))).rejects.toThrow(/volume C does not exist/);
  await expect(startWith(join(folder, 'file'))).rejects.toThrow(/volume C is not a folder/);
});

test('whoever starts a second service on a folder is told where the first one is', async () => {
  const { service, dataDir } = await startTestService();
  const again = () => startTestService({ dataDir });
  const inUse = (address: string) =>
    expect.objectContaining({ details: expect.objectContaining({ pid: process.pid, address }) as object }) as Error;
  await expect(again()).rejects.toThrow(inUse(`127.0.0.1:${service.control.port}`));
  service.announce('http://127.0.0.1:6322/');
  await expect(again()).rejects.toThrow(inUse('http://127.0.0.1:6322/'));
});
