import type { CertificateSummary } from '../../../api/index.ts';
import type { ErrorCode, ErrorDetails } from '../../../base/index.ts';
import type { CertificateHead, ManifestTotals, Signer } from '../../backup/index.ts';
import type { AbsolutePath } from '../../model/index.ts';

/** What a certificate worker is started with. */
export interface CertificateWorkerData {
  readonly head: CertificateHead;
  readonly connectionId: string;
  /** Roots of other replicas. */
  readonly otherRoots: readonly AbsolutePath[];
  readonly indexFile: string;
  /** The target's records of kept entries and orphans. */
  readonly recordsFile: string;
  /** Where the certificates of this connection lie. */
  readonly folder: string;
  readonly mostKept: number;
  readonly signer: Signer;
  /** Reads every file. */
  readonly isFull: boolean;
  /** Removals before are forgotten; ms since 1970. */
  readonly keepRemovalsMs: number;
  /** Not 0: it is not wanted any more. Shared, because the worker reads without a pause. */
  readonly ended: Int32Array;
}

/** Owner → certificate worker, in answer to `read`. */
export type CertificateOrder = 'sign' | 'drop';

/** Certificate worker → owner. After the last three it ends. */
export type CertificateReport =
  | { readonly kind: 'progress'; readonly totals: ManifestTotals }
  /** All is read; what was read counts only if the replica stood still until now. */
  | { readonly kind: 'read' }
  | { readonly kind: 'done'; readonly summary: CertificateSummary }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly details: ErrorDetails };
