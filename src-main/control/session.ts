import type { ServiceCaller, Update } from '../api/index.ts';
import type { ReplicationError } from '../base/index.ts';

/** A client's line to one service. Calls reject with a ReplicationError; after the end of the line they reject with `link-lost`. */
export interface ControlSession extends ServiceCaller {
  /** The service's own name, version and pinned fingerprint, known from the hello. */
  readonly peer: { readonly name: string; readonly version: string; readonly fingerprint: string };
  /** Updates from now on, once someone is logged in; the returned function ends them. */
  onUpdate(listener: (update: Update) => void): () => void;
  /** Resolves when the line ends: null after `close`, else why. Never rejects. */
  readonly ended: Promise<ReplicationError | null>;
  close(): void;
}
