import type { CallInput, CallName, CallResult, Role } from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';
import type { Answerer, Peer } from './answerer.ts';
import type { ControlSession } from './session.ts';

/** A session with a service in this same process: no network, no login; the same gate and the same updates as over the network. */
export function inProcessSession(
  answerer: Answerer,
  options: { user: string; role: Role; peer: ControlSession['peer'] },
): ControlSession {
  const peer: Peer = { isTrusted: true, from: 'this machine', user: options.user, role: options.role };
  const endings = new Set<() => void>();
  const { promise: ended, resolve } = Promise.withResolvers<ReplicationError | null>();
  let isClosed = false;
  return {
    peer: options.peer,
    ended,
    async call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallResult<K>> {
      if (isClosed) throw new ReplicationError('link-lost', { server: options.peer.name });
      return (await answerer.call(name, input, peer)) as CallResult<K>;
    },
    onUpdate(listener) {
      const end = answerer.subscribe(peer, listener);
      endings.add(end);
      return () => {
        endings.delete(end);
        end();
      };
    },
    close() {
      isClosed = true;
      for (const end of endings) end();
      endings.clear();
      resolve(null);
    },
  };
}
