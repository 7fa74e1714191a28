import type { ConsoleTransport } from '../../src-main/api/index.ts';

/** connecting → open ⇄ waiting (tries again at `retryAt`, milliseconds since the epoch). */
export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly since: number; readonly retryAt: number };

/** A transport that also tells whether the console's main side is there. */
export interface ConsoleLink extends ConsoleTransport {
  readonly state: LinkState;
  /** Called with each new state, not with the present one; the returned function ends it. */
  onState(listener: (state: LinkState) => void): () => void;
  /** Tries at once instead of waiting for the next attempt. */
  retry(): void;
}
