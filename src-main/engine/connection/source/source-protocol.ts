import type { MessagePort } from 'node:worker_threads';
import type { ConnectionId, Cut, MirrorOptions, PreservedReport } from '../../../api/index.ts';
import type { ErrorCode, ErrorDetails } from '../../../base/index.ts';
import type { FileRanges, Notice } from '../../model/index.ts';
import type { ConnectionCommand, ConnectionSpec, EngineEvent, EngineIdentity, Volume } from '../replicator-api.ts';
import type { CommonOrder, CommonReport } from './common-cuts.ts';
import type { FreezeAnswer } from './hooks/freeze-turns.ts';
import type { SourceState } from './source-status.ts';

/** What the source side of a connection is started with. */
export interface SourceWorkerData {
  /** Between it and the main thread; it closes the port when nothing of it runs any more. */
  readonly port: MessagePort;
  readonly spec: ConnectionSpec;
  readonly identity: EngineIdentity;
  readonly volumes: readonly Volume[];
  readonly catalogFile: string;
  /** Where the verification reports of this connection lie. */
  readonly verifyFolder: string;
  /** Where the plans of its mirrors lie. */
  readonly planFolder: string;
  /** Where changes wait that have no room in memory; emptied at the start. */
  readonly queueFolder: string;
  /** The mirror to begin with; null for none, or when the connection is opened again. */
  readonly mirror: MirrorOptions | null;
  readonly isNew: boolean;
  /** In this service, in a thread that is gone: that it is opened again is no restart. */
  readonly hasRun: boolean;
  /** The memory of the line's meter. */
  readonly lineMemory: SharedArrayBuffer;
  /** Whether the schedule of the line lets it send now. */
  readonly isGateOpen: boolean;
  /** Where the capture's notices arrive. */
  readonly capturePort: MessagePort;
}

/** Where a connection's capture makes its pipe for sync points: beside the catalog. */
export function bellPath(catalogFile: string): string {
  return `${catalogFile}.bell`;
}

/** Main thread → thread of sources. `end`: no connection is in it any more. */
export type ToSourceThread = { readonly kind: 'open'; readonly data: SourceWorkerData } | { readonly kind: 'end' };

/** Main thread → source of a connection. */
export type ToSource =
  | { readonly kind: 'command'; readonly command: ConnectionCommand }
  | { readonly kind: 'calculated'; readonly files: number; readonly bytes: number }
  /** A fresh capture after the old one ended; its port follows. */
  | { readonly kind: 'capture'; readonly port: MessagePort }
  /** The schedule of the line lets it send, or holds it back. */
  | { readonly kind: 'gate'; readonly isOpen: boolean }
  /** Whether the application stands still, or no longer; to the request of that number. */
  | { readonly kind: 'freeze-answer'; readonly barrier: number; readonly answer: FreezeAnswer }
  /** Of the cut that is sought together with another connection's. */
  | { readonly kind: 'common-cut'; readonly order: CommonOrder }
  | { readonly kind: 'disconnect' }
  | { readonly kind: 'stop' };

/** Source of a connection → main thread. */
export type FromSource =
  | { readonly kind: 'state'; readonly state: SourceState; readonly commandsDone: number }
  | { readonly kind: 'event'; readonly severity: EngineEvent['severity']; readonly text: string }
  | { readonly kind: 'preserved'; readonly report: PreservedReport }
  /** The mirror to begin with, or that none is wanted, is in the catalog: to be opened again is enough from now on. */
  | { readonly kind: 'begun' }
  /** A mirror began: the set's size is wanted. */
  | { readonly kind: 'calculate' }
  /**
   * A cut is to be made: the application is to stand still. Ends with a `thaw` of the same number, or the worker. `common`: the connection
   * whose cut is to be the same.
   */
  | { readonly kind: 'freeze'; readonly barrier: number; readonly why: 'pause' | 'hold'; readonly common: ConnectionId | null }
  | { readonly kind: 'thaw'; readonly barrier: number; readonly cut: Cut | null }
  /** Of a cut that is sought together with another connection's. */
  | { readonly kind: 'common-cut'; readonly report: CommonReport }
  /** The roots are to be watched anew. */
  | { readonly kind: 'recapture' }
  /** The roots need not be watched for now. */
  | { readonly kind: 'end-capture' }
  /** The target has finished and forgotten the replica (or could not be reached: `isConfirmed` false). */
  | { readonly kind: 'disconnected'; readonly isConfirmed: boolean }
  /** A bug ended it, and nothing else in its thread. */
  | { readonly kind: 'broke'; readonly error: Error }
  | { readonly kind: 'stopped' };

/** Capture → source of a connection. */
export type FromCapture =
  | { readonly kind: 'started'; readonly method: string; readonly why: string }
  /** Where files were written of which the next notices tell. */
  | { readonly kind: 'ranges'; readonly files: readonly FileRanges[] }
  | { readonly kind: 'notices'; readonly at: number; readonly notices: readonly Notice[] }
  /** Everything that changed before the request was made has been told. */
  | { readonly kind: 'synced'; readonly request: number }
  /** Writers of large files were held for so long; so many writes waited for the end of it. */
  | { readonly kind: 'held'; readonly ms: number; readonly writes: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };
