import { expect, test } from 'vitest';
import { ADMIN, startTestService } from '../../../support/start-test-service.ts';

const named = { side: 'source', name: 'accounts', target: null } as const;

test('a monitor sees windows and begins none; a name that means nothing is told', async () => {
  const { session, dial } = await startTestService();
  await session.call('account.create', { name: 'watch', password: ADMIN.password, role: 'monitor' });
  const monitor = await dial();
  await monitor.call('session.login', { user: 'watch', password: ADMIN.password });
  await expect(monitor.call('backup.list', null)).resolves.toEqual([]);
  await expect(monitor.call('backup.views', null)).resolves.toEqual([]);
  await expect(monitor.call('backup.look', named)).rejects.toThrow('unknown-connection');
  const order = { ...named, owner: 'x', reason: '', maxMinutes: 1 };
  await expect(monitor.call('backup.begin', order)).rejects.toThrow('not-allowed');
  await expect(session.call('backup.begin', { ...order, maxMinutes: 0 })).rejects.toThrow('bad-input');
  await expect(session.call('backup.end', { ...named, side: 'target', owner: 'x' })).rejects.toThrow('unknown-connection');
});

test('a replica that is being read is neither given up nor purged: what was kept back would be applied', async () => {
  const source = await startTestService();
  const target = await startTestService({ name: 'beta' });
  await source.session.call('set.create', { name: 'accounts' });
  const rules = [{ path: '/srv', verdict: 'include', recursive: true }] as const;
  await source.session.call('set.replace-rules', { name: 'accounts', rules });
  await source.session.call('set.save', { name: 'accounts' });
  const { fingerprint } = await target.session.call('server.info', null);
  const map = { kind: 'base', base: '/replica' } as const;
  const offer = await source.session.call('connection.prepare', { setName: 'accounts', map, targetFingerprint: fingerprint });
  await target.session.call('replica.admit', { offer });
  const { connectionId } = offer;
  const window = { side: 'target', name: connectionId, target: null, owner: 'nightly' } as const;
  await target.session.call('backup.begin', { ...window, reason: 'tape', maxMinutes: 1 });
  await expect(target.session.call('replica.release', { connectionId })).rejects.toThrow('window-open');
  const purge = { connectionId, search: '', olderThanDays: 0, untilBytes: null };
  await expect(target.session.call('replica.purge-kept', purge)).rejects.toThrow(/window-open/);
  await target.session.call('backup.end', window);
  await target.session.call('replica.release', { connectionId });
});
