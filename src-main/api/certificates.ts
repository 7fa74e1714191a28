import type { Cut } from './snapshots.ts';
import type { ConnectionId, MappedRoot } from './words.ts';

/**
 * Why a replica stood still while its certificate was made. `hold`: somebody holds it on the target. `pause`: its source is paused at the
 * cut. `rest`: nothing came after the cut, and nobody asked for that.
 */
export interface Standstill {
  readonly by: 'hold' | 'pause' | 'rest';
  /** Of a hold; null for the others, which are not known here. */
  readonly owner: string | null;
  readonly reason: string | null;
}

/** What is in a replica. Bytes are those of files. */
export interface CertificateCounts {
  readonly files: number;
  readonly folders: number;
  readonly symlinks: number;
  readonly others: number;
  readonly bytes: number;
  /** Entries that could not be read; they are named, and nothing is proven of them. */
  readonly unreadable: number;
  /** Deleted by the source and kept; on the target only, as the newest search found. They are counted above too. */
  readonly kept: number;
  readonly orphans: number;
}

/** A certificate that is finished. ISO times, the target's clock; those of `cut` are the source's. */
export interface CertificateSummary extends CertificateCounts {
  readonly id: string;
  readonly connectionId: ConnectionId;
  readonly setName: string;
  readonly sourceName: string;
  readonly targetName: string;
  readonly roots: readonly MappedRoot[];
  /** The last cut that the replica reached; null before the first. */
  readonly cut: Cut | null;
  /** All up to this operation was applied, and nothing after it. */
  readonly appliedSequence: number;
  readonly standstill: Standstill;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** What was really read; the content of the other files is known from certificates before, and they did not change since. */
  readonly readFiles: number;
  readonly readBytes: number;
  /** The hash over the lines of the manifest. */
  readonly sha256: string;
  /** Of the certificate of the server that signed. */
  readonly fingerprint: string;
  readonly fileBytes: number;
}

/** A certificate that is being made. */
export interface CertificateRun {
  readonly startedAt: string;
  readonly startedBy: string;
  readonly files: number;
  readonly bytes: number;
  readonly readFiles: number;
  readonly readBytes: number;
}

/** What is known of the certificates of a replica. `failure`: why the newest try gave none, for people; null after one that did. */
export interface ReplicaCertificates {
  readonly run: CertificateRun | null;
  readonly last: CertificateSummary | null;
  readonly failure: { readonly at: string; readonly text: string } | null;
}

/** A piece of a certificate's file. */
export interface CertificatePart {
  readonly id: string;
  readonly offset: number;
  readonly totalBytes: number;
  /** Base64; at most 256 KiB of the file. */
  readonly data: string;
}

/** One entry that changed in a replica, or was removed from it. Paths are absolute on the target; bytes that are no UTF-8 as U+DC80 to U+DCFF. */
export interface ChangedEntry {
  readonly root: number;
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'symlink' | 'other';
  readonly what: 'new' | 'content' | 'attributes' | 'removed';
}

/** A page of what changed; `next` asks for the page after it, null: there is none. */
export interface ChangesPage {
  readonly entries: readonly ChangedEntry[];
  readonly next: string | null;
  /** When the index last looked at the replica; changes after that are not in the list. */
  readonly lookedAt: string;
  /** Removals before this are not known any more. */
  readonly removalsSince: string;
}
