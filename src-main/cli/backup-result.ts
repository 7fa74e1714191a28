import { formatBytes, rawName, showName } from '../base/index.ts';
import type { AttributeName, CheckedCertificate, CopyCounts } from '../engine/connection/index.ts';

/** What a comparison of a copy with a certificate came to. */
export interface BackupResult {
  readonly certificate: CheckedCertificate;
  readonly counts: CopyCounts;
  readonly isEqual: boolean;
  /** No content was compared. */
  readonly isQuick: boolean;
  readonly ignored: readonly AttributeName[];
  /** The fingerprint was compared. */
  readonly isSignerKnown: boolean;
}

/** The lines for people. A certificate may hold anything, so its texts are shown as names are. */
export function backupResultText({ certificate: { head, end, fingerprint }, isSignerKnown, ...result }: BackupResult): string {
  const [set, source, target, id] = [head.set, head.source.name, head.target.name, head.id].map(show);
  const { entries, bytes, missing, additional, different, attributes, unreadable, unproven } = result.counts;
  return [
    `Certificate ${id}: “${set}” of ${source} on ${target} ${placeOf(head)}; manifest sha256 ${end.sha256}`,
    isSignerKnown
      ? `Signed by ${target}, whose fingerprint is the expected one.`
      : `Signed by ${fingerprint}: compare it with the one that ${target} printed, or give it with --fingerprint.`,
    `Compared ${entries} entries (${formatBytes(bytes)}): ${missing} missing, ${additional} additional, ${different} different, ` +
      `${attributes} in attributes only, ${unreadable} unreadable.`,
    ...(unproven === 0 ? [] : [`Of ${unproven} entries the certificate proves nothing: the target could not read them.`]),
    `The copy is ${verdict(result)}.`,
    '',
  ].join('\n');
}

function verdict({ isEqual, isQuick, counts }: Pick<BackupResult, 'isEqual' | 'isQuick' | 'counts'>): string {
  if (!isEqual) return 'NOT equal';
  if (isQuick) return 'equal as far as it was compared: no content was';
  return counts.unproven > 0 ? 'equal as far as the certificate proves anything' : 'equal';
}

/** Only exactly at a cut is a replica worth what the cut is. */
function placeOf({ cut, appliedSequence, standstill }: CheckedCertificate['head']): string {
  const by = { hold: `held by ${show(standstill.owner ?? 'somebody')}`, pause: 'paused', rest: 'at rest' }[standstill.by];
  if (cut === null) return `at operation ${appliedSequence}, at no cut, ${by}`;
  const [label, at] = [show(cut.label), show(cut.at)];
  if (cut.sequence === appliedSequence) return `at cut ${cut.sequence} (${label}, ${at}), ${by}`;
  return `at operation ${appliedSequence} (file-level) after cut ${cut.sequence} of ${at}, ${by}`;
}

function show(text: string): string {
  return showName(rawName(text));
}
