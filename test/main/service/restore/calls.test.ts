import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CallInput } from '../../../../src-main/api/index.ts';
import { ADMIN, startTestService, type TestService } from '../../../support/start-test-service.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const to = { kind: 'folder', path: '/back' } as const;
const how = {
  overwrite: 'different',
  checksum: false,
  owners: 'number',
  plan: false,
  drill: null,
  receiverHost: '127.0.0.1',
} as const;

async function order({ session }: TestService, path: string): Promise<CallInput<'restore.start'>> {
  const choice = { from: { kind: 'folder', path }, paths: [], to } as const;
  const { offer } = await session.call('restore.prepare', { choice, receiverFingerprint: 'AB' });
  const admitted = { targetName: 'gamma', targetFingerprint: 'AB', dataPort: 1, disk: null, warnings: [] };
  return { choice, offer, admission: { ...admitted, roots: offer.roots }, ...how };
}

test('a monitor sees restores and begins, ends and prepares none', async () => {
  const { session, dial } = await startTestService();
  await session.call('account.create', { name: 'watch', password: ADMIN.password, role: 'monitor' });
  const monitor = await dial();
  await monitor.call('session.login', { user: 'watch', password: ADMIN.password });
  await expect(monitor.call('restore.list', null)).resolves.toEqual([]);
  await expect(monitor.call('restore.get', { restoreId: null })).rejects.toThrow('not-found');
  const choice = { from: { kind: 'folder', path: '/' }, paths: [], to } as const;
  await expect(monitor.call('restore.prepare', { choice, receiverFingerprint: 'AB' })).rejects.toThrow('not-allowed');
  await expect(monitor.call('restore.sample', { from: choice.from, files: 1, seed: null })).rejects.toThrow('not-allowed');
  await expect(monitor.call('restore.cancel', { restoreId: 'x' })).rejects.toThrow('not-allowed');
  const file = { connectionId: '00000000-0000-4000-8000-000000000001', path: '/etc/shadow' };
  await expect(monitor.call('connection.hash-file', file)).rejects.toThrow('not-allowed');
});

test('an offer begins one restore only: a second one would end the connection of the first', async () => {
  const service = await startTestService();
  const wanted = await order(service, tempFolder());
  await service.session.call('restore.start', wanted);
  await expect(service.session.call('restore.start', wanted)).rejects.toThrow('used already');
  expect(await service.session.call('restore.list', null)).toHaveLength(1);
});

test('what lies behind a link of a replica or folder is not taken for a part of it', async () => {
  const { session } = await startTestService();
  const folder = tempFolder();
  const outside = tempFolder();
  mkdirSync(join(folder, 'sub'), { recursive: true });
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, 'secret'), '');
  symlinkSync(outside, join(folder, 'sub/out'));
  const prepare = (path: string) =>
    session.call('restore.prepare', {
      choice: { from: { kind: 'folder', path: folder }, paths: [join(folder, path)], to },
      receiverFingerprint: 'AB',
    });
  await expect(prepare('sub/out/secret')).rejects.toThrow('outside-root');
  const link = await prepare('sub/out');
  expect(link.offer.roots).toEqual([{ from: join(folder, 'sub/out'), to: '/back/sub/out' }]);
  expect(link.offer.namesInside).toEqual([2]);
});

test('the audit tells of what was chosen and of no file content or password', async () => {
  const service = await startTestService();
  const wanted = await order(service, tempFolder());
  const sample = { seed: 's', files: [], population: { files: 0, bytes: 0 }, unnameable: 0, unreadable: 0 };
  await service.session.call('restore.start', { ...wanted, drill: { sample, originals: null } });
  const [entry] = await service.session.call('audit.list', { limit: 1 });
  expect(entry).toMatchObject({ action: 'restore.start', outcome: 'ok' });
  expect(entry?.details).toContain(wanted.choice.from.kind === 'folder' ? wanted.choice.from.path : '');
  expect(readFileSync(join(service.dataDir, 'audit.jsonl'), 'utf8')).not.toContain(ADMIN.password);
});
