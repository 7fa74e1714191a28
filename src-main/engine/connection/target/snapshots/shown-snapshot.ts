import type { CertificateSummary, StoredSnapshot } from '../../../../api/index.ts';
import { SnapshotStore, type SnapshotRecord } from '../../../snapshots/index.ts';

/** The certificates that are kept of a connection. */
type CertificatesOf = (connectionId: string) => readonly CertificateSummary[];

/** A snapshot for people, with the newest certificate of the very same state. */
export function shownSnapshot(record: SnapshotRecord, certificatesOf: CertificatesOf): StoredSnapshot {
  return shown(record, certificatesOf(record.connectionId));
}

/** All that are whole, newest first; of one connection, or with null of all. */
export function shownSnapshots(
  folder: string,
  connectionId: string | null,
  certificatesOf: CertificatesOf,
): readonly StoredSnapshot[] {
  const known = new Map<string, readonly CertificateSummary[]>();
  const certificates = (id: string): readonly CertificateSummary[] => {
    const found = known.get(id) ?? certificatesOf(id);
    known.set(id, found);
    return found;
  };
  return new SnapshotStore(folder)
    .list(connectionId)
    .filter(({ state }) => state === 'ready')
    .map((record) => shown(record, certificates(record.connectionId)));
}

function shown(record: SnapshotRecord, certificates: readonly CertificateSummary[]): StoredSnapshot {
  const { version: _version, state: _state, swaps: _swaps, ...facts } = record;
  // Without a cut the number of an operation says nothing of the content: it may have been set back. Nor do numbers alone, which begin anew with a lost queue.
  const proof = certificates.find(
    ({ appliedSequence, cut }) =>
      cut !== null &&
      appliedSequence === record.appliedSequence &&
      cut.sequence === record.cut?.sequence &&
      cut.at === record.cut.at,
  );
  return { ...facts, certificateId: proof?.id ?? null };
}
