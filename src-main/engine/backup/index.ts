/**
 * Proof of a backup: what a replica held at a cut, entry by entry with content hashes, in a file that the target signs; the comparison of any
 * copy with it; and what changed between two of them. Manifests are made, read and compared as streams in one order, so memory
 * does not grow with a replica. See README.md; the file is described in docs/certificates.md.
 */
export { checkCertificate } from './read-certificate.ts';
export { manifestOf } from './read-manifest.ts';
export type { CertificateHead, CheckedCertificate } from './certificate.ts';
export { FORMAT, FORMAT_VERSION } from './certificate.ts';
export { CertificateWriter, type Signer } from './certificate-writer.ts';
export {
  certificateFiles,
  certificatesIn,
  dropUnfinished,
  listAllCertificates,
  nameCertificate,
  readCertificatePart,
} from './certificate-store.ts';
export { compareCopy, type AttributeName, type CopyCounts, type CopyDifference } from './compare-copy.ts';
export { compareManifests, type ManifestChange } from './compare-certificates.ts';
export { drawSample, type DrawnSample } from './draw-sample.ts';
export { hashFileAside } from './hash-file-aside.ts';
export { ContentIndex } from './content-index.ts';
export { ManifestEnded, ManifestMaker, type EntryMarks, type ManifestTotals } from './make-manifest.ts';
export type { ManifestEntry } from './manifest-entry.ts';
export { pathFromText, pathToText } from './path-text.ts';
export { readChanges, type ChangesRequest } from './read-changes.ts';
