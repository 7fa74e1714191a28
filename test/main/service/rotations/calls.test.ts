import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toReplicationError } from '../../../../src-main/base/index.ts';
import { ADMIN, startTestService } from '../../../support/start-test-service.ts';

const schedule = (cron: string, timeZone: string | null = null) => [
  { slot: null, timeZone, time: { kind: 'cron', cron } as const },
];

test('a rotation is made, changed and kept over a restart; what cannot be meant is refused and changes nothing', async () => {
  const { session, dataDir, restart } = await startTestService();
  const made = await session.call('rotation.create', { name: 'noon' });
  expect(made).toMatchObject({ name: 'noon', order: 'safe', mirror: { kind: 'checksum' }, isEnabled: true, slots: [], runs: [] });
  const configure = (cron: string, timeZone?: string) =>
    session
      .call('rotation.configure', { rotation: 'noon', settings: { schedule: schedule(cron, timeZone) } })
      .catch((error: unknown) => toReplicationError(error).details.text);
  expect(await configure('0 25 * * *')).toContain('“0 25 * * *” is no time for a schedule: Invalid value for hour: 25');
  expect(await configure('0 12 * * *', 'Mars/Olympus')).toContain('no time zone “Mars/Olympus”');
  expect(await configure('0 3 31 2 *')).toContain('“0 3 31 2 *” is no time for a schedule: it never comes');
  const onDay = { slot: null, time: { kind: 'date', at: '2027-02-31T10:00' }, timeZone: null } as const;
  const preview = { slots: ['A', 'B'], live: 'A', count: 3, schedule: [onDay], order: 'safe', missed: made.missed } as const;
  await expect(session.call('rotation.preview-draft', preview)).rejects.toThrow();
  await expect(session.call('rotation.configure', { rotation: 'noon', settings: { schedule: [onDay] } })).rejects.toMatchObject({
    details: { text: '“2027-02-31T10:00” is no time for a schedule: there is no such day' },
  });
  await configure('0 12 * * *', 'Europe/Berlin');
  await session.call('rotation.configure', { rotation: made.id, settings: { order: 'quick' } });
  expect(JSON.parse(readFileSync(join(dataDir, 'rotations.json'), 'utf8'))).toMatchObject({
    version: 1,
    rotations: [{ name: 'noon' }],
  });

  const again = await restart();
  await expect(again.session.call('rotation.list', null)).resolves.toMatchObject([
    { id: made.id, order: 'quick', schedule: schedule('0 12 * * *', 'Europe/Berlin') },
  ]);
  const audit = await again.session.call('audit.list', { limit: 20 });
  expect(audit.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
    expect.arrayContaining(['rotation.create ok', 'rotation.configure failed', 'rotation.configure ok']),
  );
  await again.session.call('rotation.delete', { rotation: 'noon' });
  await expect(again.session.call('rotation.list', null)).resolves.toEqual([]);
});

test('a monitor sees rotations and what they would do, and changes nothing', async () => {
  const { session, dial } = await startTestService();
  await session.call('rotation.create', { name: 'noon' });
  await session.call('account.create', { name: 'watch', password: ADMIN.password, role: 'monitor' });
  const monitor = await dial();
  await monitor.call('session.login', { user: 'watch', password: ADMIN.password });
  await expect(monitor.call('rotation.list', null)).resolves.toHaveLength(1);
  await expect(monitor.call('rotation.preview', { rotation: 'noon', count: 3 })).resolves.toEqual([]);
  await expect(monitor.call('rotation.run-now', { rotation: 'noon', slot: null })).rejects.toThrow('not-allowed');
  await expect(monitor.call('rotation.use', { rotation: 'noon', slot: 'A', reason: '' })).rejects.toThrow('not-allowed');
});

test('a rotation that is only being thought of shows its starts, and nothing is kept of it', async () => {
  const { session } = await startTestService();
  const draft = {
    slots: ['A', 'B'],
    live: 'A',
    schedule: schedule('0 0,12 * * *', 'Europe/Berlin'),
    order: 'safe',
    missed: { policy: 'skip', withinMinutes: 1 },
    count: 3,
  } as const;
  const planned = await session.call('rotation.preview-draft', draft);
  expect(planned.map(({ from, to, action }) => `${action} ${from} ${to}`)).toEqual(['switch A B', 'switch B A', 'switch A B']);
  expect(planned.every(({ local }) => / (00|12):00$/.test(local))).toBe(true);
  const refused = (change: object) =>
    session.call('rotation.preview-draft', { ...draft, ...change }).catch((error: unknown) => toReplicationError(error).code);
  expect(await refused({ schedule: schedule('0 25 * * *') })).toBe('bad-input');
  expect(await refused({ schedule: [{ ...schedule('0 0 * * *')[0], slot: 'C' }] })).toBe('unknown-slot');
  await expect(session.call('rotation.list', null)).resolves.toEqual([]);
});

test('who listens hears of a rotation that was changed', async () => {
  const { session } = await startTestService();
  const heard: string[] = [];
  session.onUpdate((update) => update.name === 'rotations' && heard.push(...update.value.map(({ name }) => name)));
  await session.call('rotation.create', { name: 'noon' });
  expect(heard).toContain('noon');
});
