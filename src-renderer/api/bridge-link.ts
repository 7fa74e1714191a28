import type { ConsoleTransport, ConsoleUpdate } from '../../src-main/api/index.ts';
import { toCallFailure } from './call-failure.ts';
import type { ConsoleLink } from './link.ts';

/** What the preload script of the desktop shell puts on `window`. Failures arrive as CallError objects. */
export interface Bridge {
  invoke(call: string, input: unknown): Promise<unknown>;
  subscribe(listener: (update: ConsoleUpdate) => void): () => void;
}

/** The link inside the desktop shell: always open, because window and main side live and die together. */
export function bridgeLink(bridge: Bridge): ConsoleLink {
  const invoke = async (call: string, input: unknown): Promise<unknown> => {
    try {
      return await bridge.invoke(call, input);
    } catch (thrown) {
      throw toCallFailure(thrown);
    }
  };
  return {
    state: { kind: 'open' },
    invoke: invoke as ConsoleTransport['invoke'],
    subscribe: (listener) => bridge.subscribe(listener),
    onState: () => () => undefined,
    retry: () => undefined,
  };
}
