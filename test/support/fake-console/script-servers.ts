import { ReplicationError } from '../../../src-main/base/index.ts';
import type { CallResult } from '../../../src-main/api/index.ts';
import type { ScriptServer, ScriptServers } from '../../../src-main/console/index.ts';
import { FakeFailure } from './failure.ts';
import type { FakeWorld } from './world.ts';

/** The toy's servers as scripts reach them. */
export function fakeScriptServers(world: FakeWorld): ScriptServers {
  const call = (name: 'service.call' | 'servers.login' | 'servers.logout', input: unknown): unknown => {
    try {
      return world.console(name, input);
    } catch (thrown) {
      if (thrown instanceof FakeFailure) throw new ReplicationError('bad-input', { text: thrown.error.text });
      throw thrown;
    }
  };
  const server = (serverId: string): ScriptServer => ({
    get known() {
      const known = world.servers.find(({ id }) => id === serverId);
      if (known === undefined) throw new ReplicationError('unknown-server', { server: serverId });
      return known;
    },
    // The toy answers what the contract says, which its untyped door cannot show.
    call: (name, input) => Promise.resolve(call('service.call', { serverId, call: name, input }) as CallResult<typeof name>),
    login: (login) => {
      if (login === 'stored') throw new ReplicationError('no-stored-login', { server: serverId });
      call('servers.login', { serverId, ...login, remember: false });
      return Promise.resolve();
    },
    logout: () => void call('servers.logout', { serverId }),
    ping: () => Promise.resolve({ name: serverId, version: '0.1.0' }),
  });
  return {
    list: () => world.servers.map(({ id }) => server(id)),
    connect: () => Promise.reject(new ReplicationError('bad-input', { text: 'the toy connects nothing by script' })),
    restore: () => Promise.reject(new ReplicationError('bad-input', { text: 'the toy restores nothing by script' })),
  };
}
