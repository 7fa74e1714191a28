import { expect, test } from 'vitest';
import { initialLineSettings } from '../../../src-main/api/index.ts';
import { establishConnection } from '../../../src-main/control/index.ts';
import { changed } from '../../../src-main/service/change-settings.ts';
import { startTestService, type TestService } from '../../support/start-test-service.ts';

async function connected(): Promise<{ source: TestService; target: TestService; connectionId: string }> {
  const source = await startTestService();
  const target = await startTestService({ name: 'beta' });
  const { session } = source;
  await session.call('set.create', { name: 'Docs' });
  await session.call('set.add-rule', { name: 'Docs', rule: { path: '/srv/data', verdict: 'include', recursive: true } });
  await session.call('set.save', { name: 'Docs' });
  const map = { kind: 'base', base: '/replica' } as const;
  const options = { setName: 'Docs', map, mirror: null, targetHost: '127.0.0.1', targetName: 'Beta' };
  return { source, target, connectionId: (await establishConnection(session, target.session, options)).id };
}

test('a change lays what it names over what is there', () => {
  const old = initialLineSettings;
  const after = changed(old, { limits: { bytesPerSec: 4096 } });
  expect(after).toEqual({ ...old, limits: { ...old.limits, bytesPerSec: 4096 } });
  expect(changed(after, { limits: undefined, schedule: { windowOpen: undefined } })).toEqual(after);
});

test('the settings of a connection and of its line reach the engine, are shown, audited, and survive a restart', async () => {
  const { source, connectionId } = await connected();
  const settings = { compression: { isEnabled: true } };
  const after = await source.session.call('connection.configure', { connectionId, settings });
  expect(after.settings.compression).toEqual({ isEnabled: true, level: 1 });
  const { targetFingerprint } = after;
  await source.session.call('line.configure', { targetFingerprint, settings: { limits: { bytesPerSec: 4096 } } });
  await source.session.call('line.configure', { targetFingerprint, settings: { schedule: { windowOpen: '22:00' } } });
  expect(source.engine.calls).toEqual(expect.arrayContaining(['command configure', `configure-line ${targetFingerprint}`]));
  const audit = await source.session.call('audit.list', { limit: 10 });
  expect(audit.map(({ action }) => action)).toEqual(expect.arrayContaining(['connection.configure', 'line.configure']));

  const again = await source.restart();
  await expect(again.session.call('connection.get', { connectionId })).resolves.toMatchObject({
    settings: { compression: { isEnabled: true, level: 1 } },
  });
  await expect(again.session.call('line.list', null)).resolves.toMatchObject([
    { targetFingerprint, settings: { limits: { bytesPerSec: 4096 }, schedule: { windowOpen: '22:00', windowClose: null } } },
  ]);
});

test('the settings of a service survive a restart', async () => {
  const service = await startTestService();
  await service.session.call('service.configure', { settings: { clock: { timeZone: 'Europe/Berlin' } } });
  const again = await service.restart();
  await expect(again.session.call('service.settings', null)).resolves.toMatchObject({ clock: { timeZone: 'Europe/Berlin' } });
  expect(again.engine.options.settings.clock.timeZone).toBe('Europe/Berlin');
});

test('a time zone that there is not is refused and not stored', async () => {
  const { session } = await startTestService();
  const settings = { clock: { timeZone: 'Mars/Olympus' } };
  await expect(session.call('service.configure', { settings })).rejects.toThrow(/knows no time zone/);
  await expect(session.call('service.settings', null)).resolves.toMatchObject({ clock: { timeZone: null } });
});

test('a setting of a connection that is not there is refused', async () => {
  const { source, target } = await connected();
  const connectionId = '00000000-0000-4000-8000-000000000000';
  const unknown = expect.objectContaining({ code: 'unknown-connection' }) as Error;
  await expect(source.session.call('connection.configure', { connectionId, settings: {} })).rejects.toThrow(unknown);
  await expect(target.session.call('replica.configure', { connectionId, settings: {} })).rejects.toThrow(unknown);
});

test('a connection can be created with settings of its own', async () => {
  const { source, target } = await connected();
  const { session } = source;
  const map = { kind: 'base', base: '/second' } as const;
  const { fingerprint } = await target.session.call('server.info', null);
  const offer = await session.call('connection.prepare', { setName: 'Docs', map, targetFingerprint: fingerprint });
  const admission = await target.session.call('replica.admit', { offer });
  const settings = { compression: { level: 3 } };
  const created = await session.call('connection.create', { offer, admission, targetHost: '127.0.0.1', mirror: null, settings });
  expect(created.settings.compression).toEqual({ isEnabled: false, level: 3 });
});
