import {
  inputs,
  requiredRole,
  type CallInput,
  type CallName,
  type CallResult,
  type Calls,
  type Role,
  type Update,
} from '../api/index.ts';
import { ReplicationError } from '../base/index.ts';

/** Who is at the other end. `user` and `role` are null until a login succeeds; only the service's login handler sets them. */
export interface Peer {
  /** In-process peers are this program itself and need no account. */
  readonly isTrusted: boolean;
  /** Where the calls come from, for the audit: an address, or `this machine`. */
  readonly from: string;
  user: string | null;
  role: Role | null;
}

/** What a service gives: one function for each call. Input is already checked and the role is sufficient; a throw is a rejection. */
export type Handlers = {
  readonly [K in keyof Calls]: (input: CallInput<K>, peer: Peer) => CallResult<K> | Promise<CallResult<K>>;
};

/** What became of a call, for the audit. `input` is as received and may hold secrets. */
export interface Answered {
  readonly call: CallName;
  readonly input: unknown;
  readonly peer: Peer;
  /** Null: it succeeded. */
  readonly error: unknown;
}

/** Answers calls for any transport and hands out updates. */
export interface Answerer {
  /** Checks name, role and input, in that order, then does it. Rejects with a ReplicationError, or with whatever bug there was. */
  call(name: string, input: unknown, peer: Peer): Promise<unknown>;
  /** Updates from now on, for as long as the peer is logged in; the returned function ends them. */
  subscribe(peer: Peer, listener: (update: Update) => void): () => void;
}

/** The one gate that every call passes, whatever transport it came on. */
export function createAnswerer(options: {
  handlers: Handlers;
  subscribe: (listener: (update: Update) => void) => () => void;
  /** False once the peer's account was deleted or changed: the peer is then logged out at its next call or update. */
  isStillValid: (peer: Peer) => boolean;
  onAnswered?: (answered: Answered) => void;
}): Answerer {
  function dropStaleLogin(peer: Peer): void {
    if (peer.role === null || options.isStillValid(peer)) return;
    peer.user = null;
    peer.role = null;
  }
  async function answer(name: CallName, input: unknown, peer: Peer): Promise<unknown> {
    dropStaleLogin(peer);
    checkRole(name, peer);
    const parsed = inputs[name].safeParse(input);
    if (!parsed.success) throw badInput(name, parsed.error.issues);
    // Name, schema and handler share one key, which the compiler cannot follow through an index.
    const handler = options.handlers[name] as (input: unknown, peer: Peer) => unknown;
    return await handler(parsed.data, peer);
  }
  return {
    async call(name, input, peer) {
      if (!isCallName(name)) throw new ReplicationError('unknown-call', { call: name.slice(0, 100) });
      try {
        const result = await answer(name, input, peer);
        options.onAnswered?.({ call: name, input, peer, error: null });
        return result;
      } catch (error) {
        options.onAnswered?.({ call: name, input, peer, error });
        throw error;
      }
    },
    subscribe: (peer, listener) =>
      options.subscribe((update) => {
        dropStaleLogin(peer);
        if (peer.role !== null) listener(update);
      }),
  };
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(inputs, name);
}

function checkRole(name: CallName, peer: Peer): void {
  const required = requiredRole[name];
  if (required === 'none') return;
  if (peer.role === null) throw new ReplicationError('not-logged-in');
  if (required === 'admin' && peer.role !== 'admin') {
    throw new ReplicationError('not-allowed', { user: peer.user, role: peer.role, action: name });
  }
}

/** Names the first wrong field, never its value: it could be a password. */
function badInput(call: string, issues: readonly { path: readonly PropertyKey[]; message: string }[]): ReplicationError {
  const [issue] = issues;
  const field = issue?.path.map(String).join('.');
  const text = `${call}: ${field ? `${field}: ` : ''}${issue?.message ?? 'wrong shape'}`;
  return new ReplicationError('bad-input', { text });
}
