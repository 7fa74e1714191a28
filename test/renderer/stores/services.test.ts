import { describe, expect, test } from 'vitest';
import { Services } from '../../../src-renderer/stores/services.svelte.ts';
import { FakeLink, rotation, server, snapshot } from '../fake-link.ts';

const since = '2026-01-02T03:04:05.000Z';
const settle = () => new Promise((done) => setTimeout(done));

function open(lists: Partial<Record<'connections' | 'replicas' | 'sets' | 'rotations', unknown>> = {}) {
  const link = new FakeLink({
    'servers.list': () => [server('alpha'), server('beta', { state: { kind: 'login-required', since, problem: null } })],
    'connection.list': () => lists.connections ?? [snapshot('1')],
    'replica.list': () => lists.replicas ?? [],
    'set.list': () => lists.sets ?? [],
    'rotation.list': () => lists.rotations ?? [],
  });
  return { link, services: new Services(link) };
}

describe('what the services say', () => {
  test('is asked of every server that is online, and settled only when all have told', async () => {
    const { link, services } = open();
    expect(services.isSettled).toBe(false);
    const loading = services.reload();
    await loading;
    expect(services.isSettled).toBe(false);
    await settle();
    expect(services.isSettled).toBe(true);
    expect(services.connections).toEqual([{ serverId: 'alpha', connection: snapshot('1') }]);
    expect(link.calls.filter(({ name }) => name === 'connection.list')).toHaveLength(1);
  });

  test('is replaced by updates and dropped with a server that goes away', async () => {
    const { services } = open();
    await services.reload();
    await settle();
    services.receive({ name: 'connections', serverId: 'alpha', value: [snapshot('1'), snapshot('2')] });
    expect(services.connectionsOf('alpha')).toHaveLength(2);
    services.receive({ name: 'servers', value: [server('alpha', { state: { kind: 'connecting', since } })] });
    expect(services.connections).toEqual([]);
    services.receive({ name: 'connections', serverId: 'alpha', value: [snapshot('9')] });
    expect(services.connections).toEqual([]);
  });

  test('is asked again when a server comes back', async () => {
    const { link, services } = open();
    await services.reload();
    await settle();
    services.receive({ name: 'servers', value: [server('alpha', { state: { kind: 'connecting', since } })] });
    services.receive({ name: 'servers', value: [server('alpha')] });
    await settle();
    expect(link.calls.filter(({ name }) => name === 'connection.list')).toHaveLength(2);
    expect(services.connections).toHaveLength(1);
  });

  test('a snapshot that a call returned is in place at once, new or known', async () => {
    const { services } = open();
    await services.reload();
    await settle();
    services.place('alpha', snapshot('1', { targetData: 'mirroring' }));
    services.place('alpha', snapshot('2'));
    expect(services.connectionsOf('alpha').map(({ id, targetData }) => [id, targetData])).toEqual([
      ['1', 'mirroring'],
      ['2', 'good'],
    ]);
  });

  test('rotations are told by every server, replaced by its updates, and by what a call returned', async () => {
    const { services } = open({ rotations: [rotation('noon')] });
    await services.reload();
    await settle();
    const names = () => services.rotations.map(({ serverId, rotation: { name, order } }) => `${serverId} ${name} ${order}`);
    expect(names()).toEqual(['alpha noon safe']);
    services.placeRotation('alpha', rotation('noon', { order: 'quick' }));
    expect(names()).toEqual(['alpha noon quick']);
    services.receive({ name: 'rotations', serverId: 'alpha', value: [rotation('week')] });
    expect(names()).toEqual(['alpha week safe']);
    services.receive({ name: 'servers', value: [server('alpha', { state: { kind: 'connecting', since } })] });
    expect(names()).toEqual([]);
  });

  test('a server that refuses a list has an empty one, and the others are there', async () => {
    const { link, services } = open({ sets: [{ name: 'Documents', rules: [], saved: true, connectionIds: [], size: null }] });
    link.answers['replica.list'] = () => Promise.reject(new Error('gone'));
    await services.reload();
    await settle();
    expect(services.replicasOf('alpha')).toEqual([]);
    expect(services.setsOf('alpha')).toHaveLength(1);
  });

  test('only an administrator who is online may change things', async () => {
    const { services } = open();
    await services.reload();
    expect(services.isAdmin('alpha')).toBe(true);
    expect(services.isAdmin('beta')).toBe(false);
    services.receive({
      name: 'servers',
      value: [server('alpha', { state: { kind: 'online', since, role: 'monitor', user: 'watch' } })],
    });
    expect(services.isAdmin('alpha')).toBe(false);
  });
});
