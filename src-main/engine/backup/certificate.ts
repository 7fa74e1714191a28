import type { CertificateCounts, Cut, MappedRoot, Standstill } from '../../api/index.ts';
import { ReplicationError } from '../../base/index.ts';

/** How a certificate's first line says what the file is. */
export const FORMAT = 'understudy certificate';
/** Changed with every change of the lines that an older reader would misunderstand; it refuses what is newer. */
export const FORMAT_VERSION = 1;
export const ALGORITHM = 'ECDSA P-256 SHA-256';

/** What is known before the replica is read: the first line. */
export interface CertificateHead {
  readonly format: typeof FORMAT;
  readonly version: typeof FORMAT_VERSION;
  /** Of the program that made it. */
  readonly program: string;
  readonly id: string;
  readonly connection: string;
  readonly set: string;
  readonly source: { readonly name: string; readonly fingerprint: string };
  readonly target: { readonly name: string; readonly fingerprint: string };
  /** Entries name a root by its place here, counted from 0. */
  readonly roots: readonly MappedRoot[];
  readonly cut: Pick<Cut, 'sequence' | 'at' | 'label'> | null;
  readonly appliedSequence: number;
  readonly standstill: Standstill;
  readonly startedBy: string;
  readonly startedAt: string;
}

/** What is known when all is read: the line before the last. */
export interface CertificateEnd extends CertificateCounts {
  readonly finishedAt: string;
  readonly readFiles: number;
  readonly readBytes: number;
  /** SHA-256 over the lines of the manifest, line feeds included, in hexadecimal. */
  readonly sha256: string;
}

/** The last line. The signature is over all bytes before it. */
export interface CertificateSignature {
  readonly algorithm: typeof ALGORITHM;
  /** DER, in Base64. */
  readonly value: string;
  /** The server's own certificate, PEM: whoever pinned its fingerprint can check all of this without asking anybody. */
  readonly certificate: string;
}

/** A certificate whose signature fits, without its manifest. */
export interface CheckedCertificate {
  readonly file: string;
  readonly head: CertificateHead;
  readonly end: CertificateEnd;
  /** SHA-256 of the signer's certificate, `AB:CD:…`: to be compared with the one that is pinned, or that the server printed. */
  readonly fingerprint: string;
  readonly fileBytes: number;
}

/** `text`: what is wrong with it. */
export function badCertificate(file: string, text: string, cause?: unknown): ReplicationError {
  return new ReplicationError('bad-certificate', { path: file, text }, { cause });
}
