import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ReplicaSnapshot, StoredSnapshot } from '../../../src-main/api/index.ts';
import { ReplicationError } from '../../../src-main/base/index.ts';
import { runUnderstudy } from '../../../src-main/cli/run-understudy.ts';
import { fileSecretBox, openRegistry } from '../../../src-main/console/index.ts';
import { formatAddress } from '../../../src-main/control/index.ts';
import { storedSnapshot } from '../../support/fake-calls.ts';
import { ADMIN, startTestService } from '../../support/start-test-service.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const connectionId = '3b6ff0d4-5c55-4d4e-9d53-5e1f1a0c7b12';
const ended = '3b6ff0d4-5c55-4d4e-9d53-5e1f1a0c7b13';

/** A target with a replica of “accounts”, whose login this user has stored. */
async function target(prepare: { refusal?: ReplicationError } = {}) {
  const orders: unknown[] = [];
  const kept: StoredSnapshot[] = [
    storedSnapshot({ connectionId }),
    storedSnapshot({ connectionId: ended, id: 'old', name: 'of yore' }),
  ];
  const { service } = await startTestService({
    name: 'beta',
    prepareEngine: (engine) =>
      Object.assign(engine, {
        replicas: () => [{ connectionId, setName: 'accounts' } as ReplicaSnapshot], // the rest is not looked at
        snapshots: (of: string | null) => kept.filter((one) => of === null || one.connectionId === of),
        snapshot: (of: string, order: { kind: string }) => {
          orders.push({ of, ...order });
          if (prepare.refusal !== undefined) return Promise.reject(prepare.refusal);
          return Promise.resolve(order.kind === 'delete' ? null : storedSnapshot({ connectionId: of, id: 'made' }));
        },
      }),
  });
  const home = join(tempFolder(), 'home');
  vi.stubEnv('UNDERSTUDY_HOME', home);
  const registry = openRegistry(home, { box: fileSecretBox(home) });
  registry.add({ name: 'beta', address: formatAddress(service.control), fingerprint: service.info.fingerprint });
  registry.storeLogin('beta', ADMIN);
  registry.close();
  return orders;
}

let out = '';
let err = '';
beforeEach(() => {
  [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  return () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  };
});

const snapshot = (...args: readonly string[]) => runUnderstudy(['snapshot', ...args, '--on', 'beta']);

test('one is taken of a replica by its set, under a name, and told with the place where it lies', async () => {
  const orders = await target();
  expect(await snapshot('take', 'accounts', '--name', 'before the upgrade', '--file-level')).toBe(0);
  expect(orders).toMatchObject([
    { of: connectionId, kind: 'take', name: 'before the upgrade', isFileLevelEnough: true, takenBy: ADMIN.user },
  ]);
  expect(out).toContain('made  ');
  expect(out.split('\n')[1]).toMatch(/^ {2}\//);
});

test('the list is of one replica or of all of the target, also of connections that have ended; as text or JSON', async () => {
  await target();
  expect(await snapshot('list')).toBe(0);
  expect(out).toContain('of yore');
  out = '';
  expect(await snapshot('list', 'ACCOUNTS')).toBe(0);
  expect(out).not.toContain('of yore');
  out = '';
  expect(await snapshot('list', ended.toUpperCase(), '--json')).toBe(0);
  expect(JSON.parse(out)).toMatchObject([{ id: 'old' }]);
});

test('a replica is set back, and what comes of it is said; one is deleted', async () => {
  const orders = await target();
  expect(await snapshot('revert', 'accounts', 'noon')).toBe(0);
  expect(out).toMatch(/holds the snapshot noon now. What it held before: made\.\nNothing is sent to it before a mirror/);
  expect(await snapshot('delete', ended, 'old')).toBe(0);
  expect(orders).toMatchObject([
    { of: connectionId, kind: 'revert', id: 'noon' },
    { of: ended, kind: 'delete', id: 'old' },
  ]);
});

test('a refusal ends with 1 and says why and what to do; a wrong command with 2', async () => {
  await target({ refusal: new ReplicationError('no-snapshots', { path: '/replica', type: 'ext4' }) });
  expect(await snapshot('take', 'accounts')).toBe(1);
  expect(err).toContain('The file system of /replica has no snapshots (ext4).');
  expect(err).toContain('Elsewhere rotate two replicas');
  expect(await snapshot('take', 'nothing')).toBe(1);
  expect(await snapshot('take', '/a/folder')).toBe(1);
  expect(await runUnderstudy(['snapshot', 'take', 'accounts'])).toBe(2);
  expect(await snapshot('revert', 'accounts')).toBe(2);
});
