import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toReplicationError } from '../../../../src-main/base/index.ts';
import { establishConnection } from '../../../../src-main/control/index.ts';
import { eventually } from '../../../support/eventually.ts';
import { HandClock } from '../../../support/hand-clock.ts';
import { startTestService } from '../../../support/start-test-service.ts';

const HOUR = 3_600_000;

test('times of parking are set, checked, carried out by the clock of the service and kept over a restart', async () => {
  const clock = new HandClock(Date.parse('2026-11-27T21:00:00Z'));
  const source = await startTestService({ clock });
  const target = await startTestService({ name: 'beta' });
  const { session } = source;
  await session.call('service.configure', { settings: { clock: { timeZone: 'UTC' } } });
  await session.call('set.create', { name: 'Docs' });
  await session.call('set.add-rule', { name: 'Docs', rule: { path: '/srv/data', verdict: 'include', recursive: true } });
  await session.call('set.save', { name: 'Docs' });
  const made = { setName: 'Docs', map: { kind: 'base', base: '/replica' }, mirror: null, targetHost: '127.0.0.1' } as const;
  const { id: connectionId } = await establishConnection(session, target.session, { ...made, targetName: 'Beta' });

  const set = (at: string) => session.call('connection.configure', { connectionId, settings: { park: { at } } });
  expect(toReplicationError(await set('0 25 * * *').catch((error: unknown) => error)).details.text).toContain('is no time');
  await expect(session.call('connection.get', { connectionId })).resolves.toMatchObject({ settings: { park: { at: null } } });
  await set('0 22 * * *');
  const parks = () => JSON.parse(readFileSync(join(source.dataDir, 'parks.json'), 'utf8')) as unknown;
  // A look that is not over yet is not begun anew: the clock is looked at again and again, as it is in life.
  await eventually('the times are noted', () => {
    clock.turn(0);
    return parks() !== null;
  });
  await expect(session.call('connection.get', { connectionId })).resolves.toMatchObject({
    parkSchedule: { nextParkAt: '2026-11-27T22:00:00.000Z', nextReconnectAt: null, last: null },
  });

  clock.turn(HOUR);
  await eventually('it was parked', async () => {
    clock.turn(0);
    return (await session.call('connection.get', { connectionId })).parkSchedule?.last;
  });
  expect(source.engine.calls).toContain('command park');
  expect(parks()).toMatchObject({ version: 1, parks: [{ connectionId, last: { what: 'park', outcome: 'ordered' } }] });
  const again = await source.restart();
  await expect(again.session.call('connection.get', { connectionId })).resolves.toMatchObject({
    parkSchedule: { nextParkAt: '2026-11-28T22:00:00.000Z', last: { what: 'park', dueAt: '2026-11-27T22:00:00.000Z' } },
  });
});
