/** The typed client: one link to the console's main side (desktop bridge or WebSocket), and calls of services through it. */
import type { CallName, ServiceCaller } from '../../src-main/api/index.ts';
import { bridgeLink, type Bridge } from './bridge-link.ts';
import type { ConsoleLink } from './link.ts';
import { browserSocket, WebSocketLink } from './web-socket-link.ts';

export { CallFailure, toCallFailure } from './call-failure.ts';
export type { ConsoleLink, LinkState } from './link.ts';

declare global {
  interface Window {
    readonly understudy?: Bridge;
  }
}

/** The link that fits where the page runs: the bridge in the desktop shell, else a WebSocket to the page's own origin. */
export function openLink(page: Window): ConsoleLink {
  if (page.understudy !== undefined) return bridgeLink(page.understudy);
  const address = new URL('/api', page.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocketLink(browserSocket(address));
}

/** Calls of one service, through the console's session with it. */
export function serviceCaller(link: ConsoleLink, serverId: string): ServiceCaller {
  const call = (name: CallName, input: unknown) => link.invoke('service.call', { serverId, call: name, input });
  return { call: call as ServiceCaller['call'] };
}
