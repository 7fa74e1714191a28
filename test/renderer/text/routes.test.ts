import { expect, test } from 'vitest';
import { parseRoute, routeLink, type Route } from '../../../src-renderer/text/routes.ts';

test.each<Route>([
  { page: 'home' },
  { page: 'protect' },
  { page: 'connections', serverId: null, connectionId: null },
  { page: 'connections', serverId: 'alpha', connectionId: '00-1' },
  { page: 'connect', serverId: null, setName: null },
  { page: 'connect', serverId: 'alpha', setName: 'a/b #1 ü' },
  { page: 'rotations', serverId: null, rotationId: null },
  { page: 'rotations', serverId: 'alpha', rotationId: '00-1' },
  { page: 'rotate', serverId: null, rotationId: null },
  { page: 'rotate', serverId: 'alpha', rotationId: '00-1' },
  { page: 'backups', serverId: null, connectionId: null },
  { page: 'backups', serverId: 'alpha', connectionId: '00-1' },
  { page: 'restores', serverId: null, restoreId: null },
  { page: 'restores', serverId: 'beta', restoreId: '00-1' },
  { page: 'restore', serverId: null, from: null },
  { page: 'restore', serverId: 'beta', from: '/replicas/a b' },
  { page: 'sets' },
  { page: 'set', serverId: 'alpha', name: '50 % & more/less' },
  { page: 'servers', serverId: null },
  { page: 'servers', serverId: 'alpha' },
  { page: 'messages' },
])('the link of %j leads back to it', (route) => expect(parseRoute(routeLink(route))).toEqual(route));

test('an unknown or broken address is home', () => {
  expect(parseRoute('#/nowhere/else')).toEqual({ page: 'home' });
  expect(parseRoute('')).toEqual({ page: 'home' });
  expect(parseRoute('#/sets/alpha/100%')).toEqual({ page: 'set', serverId: 'alpha', name: '100%' });
});
