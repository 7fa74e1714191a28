/** Where in the console a person is; it lives in the address after `#`, so back, forward and reload work. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'protect' }
  | { readonly page: 'connections'; readonly serverId: string | null; readonly connectionId: string | null }
  | { readonly page: 'connect'; readonly serverId: string | null; readonly setName: string | null }
  | { readonly page: 'limits'; readonly serverId: string; readonly connectionId: string }
  | { readonly page: 'script' }
  | { readonly page: 'sets' }
  | { readonly page: 'set'; readonly serverId: string; readonly name: string }
  | { readonly page: 'rotations'; readonly serverId: string | null; readonly rotationId: string | null }
  /** The form of a rotation; a new one without an id. */
  | { readonly page: 'rotate'; readonly serverId: string | null; readonly rotationId: string | null }
  | { readonly page: 'backups'; readonly serverId: string | null; readonly connectionId: string | null }
  | { readonly page: 'restores'; readonly serverId: string | null; readonly restoreId: string | null }
  /** The form of a restore; `from`: what the server holds, a replica by its connection or a folder by its path. */
  | { readonly page: 'restore'; readonly serverId: string | null; readonly from: string | null }
  | { readonly page: 'servers'; readonly serverId: string | null }
  | { readonly page: 'messages' };

/** The route that a link like `#/sets/alpha/Documents` names; anything unknown is home. */
export function parseRoute(hash: string): Route {
  const [page, first = null, second = null] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decode);
  switch (page) {
    case 'protect':
      return { page };
    case 'connections':
    case 'backups':
      return { page, serverId: second === null ? null : first, connectionId: second };
    case 'rotations':
    case 'rotate':
      return { page, serverId: second === null ? null : first, rotationId: second };
    case 'restores':
      return { page, serverId: second === null ? null : first, restoreId: second };
    case 'restore':
      return { page, serverId: first, from: second };
    case 'connect':
      return { page, serverId: first, setName: second };
    case 'limits':
      return first !== null && second !== null ? { page, serverId: first, connectionId: second } : { page: 'home' };
    case 'sets':
      return first !== null && second !== null ? { page: 'set', serverId: first, name: second } : { page };
    case 'servers':
      return { page, serverId: first };
    case 'messages':
    case 'script':
      return { page };
    default:
      return { page: 'home' };
  }
}

/** The link of a route, for `href`. */
export function routeLink(route: Route): string {
  switch (route.page) {
    case 'home':
      return '#/';
    case 'connections':
    case 'backups':
      return link(route.page, route.serverId, route.connectionId);
    case 'rotations':
    case 'rotate':
      return link(route.page, route.serverId, route.rotationId);
    case 'restores':
      return link('restores', route.serverId, route.restoreId);
    case 'restore':
      return link('restore', route.serverId, route.from);
    case 'limits':
      return link('limits', route.serverId, route.connectionId);
    case 'connect':
      return link('connect', route.serverId, route.setName);
    case 'set':
      return link('sets', route.serverId, route.name);
    case 'servers':
      return link('servers', route.serverId);
    case 'protect':
    case 'sets':
    case 'messages':
    case 'script':
      return link(route.page);
  }
}

function link(page: string, ...parts: readonly (string | null)[]): string {
  return `#/${[page, ...parts.filter((part) => part !== null)].map(encodeURIComponent).join('/')}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
