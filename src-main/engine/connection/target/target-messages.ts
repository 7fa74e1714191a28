import type { ReplicaSettings, ReplicaSnapshot } from '../../../api/index.ts';
import type { ErrorCode, ErrorDetails, Facts } from '../../../base/index.ts';
import type { CodedFailure, EngineEvent, ReplicaSpec } from '../replicator-api.ts';
import type { Hold } from './hold.ts';
import type { LeftoverAnswer, LeftoverQuestion } from './leftovers.ts';
import type { SnapshotAnswer, SnapshotOrder } from './snapshots/snapshot-orders.ts';

/** What the target worker is started with. */
export interface TargetWorkerData {
  /** The folder of all queues. */
  readonly folder: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  /** The folder of all certificates. */
  readonly certificates: string;
  /** The list of snapshots. */
  readonly snapshots: string;
}

/** What is asked about the certificates of a replica. */
export type CertifyOrder =
  { readonly kind: 'make'; readonly startedBy: string; readonly isFull: boolean } | { readonly kind: 'stop' };

/** Main thread → target worker. `id` comes back with the answer. */
export type TargetOrder =
  | { readonly kind: 'listen'; readonly host: string; readonly port: number }
  | { readonly kind: 'admit'; readonly spec: ReplicaSpec }
  | { readonly kind: 'release'; readonly id: number; readonly connectionId: string }
  | { readonly kind: 'configure'; readonly connectionId: string; readonly settings: ReplicaSettings }
  | { readonly kind: 'hold'; readonly id: number; readonly connectionId: string; readonly hold: Hold | null }
  | { readonly kind: 'certify'; readonly id: number; readonly connectionId: string; readonly order: CertifyOrder }
  /** The replica need not be admitted any more. */
  | { readonly kind: 'snapshot'; readonly id: number; readonly connectionId: string; readonly order: SnapshotOrder }
  /** A certificate of this replica was deleted. */
  | { readonly kind: 'certificate-deleted'; readonly connectionId: string }
  | { readonly kind: 'accept-drift'; readonly connectionId: string }
  | { readonly kind: 'ask'; readonly id: number; readonly connectionId: string; readonly question: LeftoverQuestion }
  | { readonly kind: 'close' };

/** Target worker → main thread. */
export type TargetReport =
  | { readonly kind: 'listening'; readonly host: string; readonly port: number }
  | { readonly kind: 'not-listening'; readonly code: ErrorCode; readonly details: ErrorDetails }
  | { readonly kind: 'replicas'; readonly replicas: readonly ReplicaSnapshot[] }
  | { readonly kind: 'event'; readonly event: EngineEvent }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string; readonly facts: Facts }
  /** Answers an order to release. */
  | { readonly kind: 'release-done'; readonly id: number }
  /** Answers an order to hold or to certify; `failure` when it was not accepted. */
  | { readonly kind: 'order-done'; readonly id: number; readonly failure: CodedFailure | null }
  /** Answers an order to ask. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: LeftoverAnswer }
  | { readonly kind: 'snapshot-done'; readonly id: number; readonly answer: SnapshotAnswer | CodedFailure }
  | { readonly kind: 'no-answer'; readonly id: number; readonly code: ErrorCode; readonly details: ErrorDetails }
  /** A source has released its replica by itself, or an order did. */
  | { readonly kind: 'released'; readonly connectionId: string }
  /** Everything is closed; the worker ends. */
  | { readonly kind: 'closed' };
