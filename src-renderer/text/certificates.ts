import type { CertificateSummary, ConnectionSnapshot, ReplicaSnapshot } from '../../src-main/api/index.ts';
import { bytes, counted } from './format.ts';
import { replicaScript } from './scripts.ts';

/**
 * Why a replica stands still, in words; null while it moves, or nothing is known of that. `source`: the connection that feeds it, where this
 * console hears from its source.
 */
export function standsStill({ hold }: ReplicaSnapshot, source: ConnectionSnapshot | undefined): string | null {
  if (hold?.isEffective === true) return `it is held by ${hold.owner}`;
  if (source?.park?.kind === 'parked') return 'its source is parked at a cut';
  if (source?.transmission.kind === 'paused') return 'its source is paused at a cut';
  return null;
}

/** What a person does before a certificate can be made. */
export function toStandStill({ hold }: ReplicaSnapshot): string {
  return hold === null
    ? 'The replica moves, and a certificate is only made of one that stands still. Hold it, or pause or park its source; then make the certificate.'
    : 'The hold is ordered and takes effect at the end of the group of changes that is being applied. Then a certificate can be made.';
}

const standstillWords: Readonly<Record<CertificateSummary['standstill']['by'], string>> = {
  hold: 'held',
  pause: 'paused at the cut',
  rest: 'nothing came after the cut',
};

/** `held by eva: tape`. */
export function standstillWord({ standstill: { by, owner, reason } }: CertificateSummary): string {
  return `${standstillWords[by]}${owner === null ? '' : ` by ${owner}`}${reason === null || reason === '' ? '' : `: ${reason}`}`;
}

/** What is in a replica by its certificate; what was not proven or is not of the source is told as well. */
export function countsWords({ files, folders, bytes: size, unreadable, kept, orphans }: CertificateSummary): string {
  const more = [
    unreadable === 0 ? '' : `${counted(unreadable, 'entry', 'entries')} unreadable`,
    kept === 0 ? '' : `${counted(kept, 'entry', 'entries')} kept deleted`,
    orphans === 0 ? '' : counted(orphans, 'orphan'),
  ];
  return [counted(files, 'file'), counted(folders, 'folder'), bytes(size), ...more].filter((word) => word !== '').join(', ');
}

/** A name for the exported file that no system refuses: `Web root 2026-11-22T11-00-00-000Z.certificate`. */
export function certificateFileName({ setName, id }: CertificateSummary): string {
  return `${setName.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_')} ${id}.certificate`;
}

/** A command about the certificates of a replica. */
export function certificateScript(
  verb: 'make' | 'export' | 'delete',
  rest: string,
  replica: Pick<ReplicaSnapshot, 'connectionId' | 'sourceName'>,
  source: ConnectionSnapshot | undefined,
  target: string,
): string {
  return replicaScript(`certificate ${verb}`, rest, replica, source, target);
}
