import type { VerifyDifference, VerifyOptions, VerifySide, VerifySummary } from '../api/index.ts';
import { formatBytes, formatDuration } from '../base/index.ts';

/** `every byte, repair newer, orphans`. */
export function showVerifyOptions({ bytes, repair, orphans }: VerifyOptions): string {
  const parts = [bytes ? 'every byte' : 'date, size and attributes'];
  if (repair !== 'none') parts.push(repair === 'all' ? 'repair' : 'repair newer');
  if (orphans) parts.push('orphans');
  return parts.join(', ');
}

/** One line: when, how, what came out. */
export function showVerifySummary(summary: VerifySummary): string {
  const { startedAt, outcome, differences, repaired, busy, options, startedBy } = summary;
  const found = outcome === 'equal' ? 'equal' : `${differences} differences${repaired > 0 ? `, ${repaired} sent again` : ''}`;
  const late = busy > 0 ? `, ${busy} changed meanwhile` : '';
  const ended = outcome === 'stopped' ? `stopped (${summary.why ?? ''}); so far ` : '';
  return `${startedAt}  ${ended}${found}${late}  (${showVerifyOptions(options)}, by ${startedBy})`;
}

/** The head of a report as text. */
export function showReportHead(summary: VerifySummary): readonly string[] {
  const { id, connectionId, setName, sourceName, targetName, roots, options, startedBy, startedAt } = summary;
  return [
    `VERIFICATION REPORT ${id}`,
    `Connection:      ${connectionId}`,
    `Replication set: ${setName}`,
    `Source:          ${sourceName}`,
    `Target:          ${targetName}`,
    ...roots.map(({ from, to }) => `                 ${from} arrives at ${to}`),
    `Compared:        ${showVerifyOptions(options)}`,
    `Started:         ${startedAt} by ${startedBy}`,
    '',
  ];
}

/** One difference with the values of both sides, before any repair. */
export function showDifference(difference: VerifyDifference): readonly string[] {
  const { path, what, properties, source, target, bytesOutOfSync, isDrift, isRepaired, why } = difference;
  const kind = what === 'different' ? `different (${properties.join(', ')})` : what;
  const lines = [`${kind}: ${path}`];
  if (source !== null) lines.push(`  source  ${showSide(source)}`);
  if (target !== null) lines.push(`  target  ${showSide(target)}`);
  if (why !== null) lines.push(`  ${why}`);
  const notes = [
    bytesOutOfSync === null ? null : `${bytesOutOfSync} bytes out of sync`,
    isDrift ? 'changed on the target after it was sent' : null,
    isRepaired ? 'sent again' : null,
  ].filter((note) => note !== null);
  if (notes.length > 0) lines.push(`  ${notes.join('; ')}`);
  return lines;
}

function showSide({ kind, size, modified, mode, owner, linkTarget }: VerifySide): string {
  const length = kind === 'file' ? `${size} bytes  ` : '';
  return `${kind}  ${length}${modified}  ${mode}  ${owner}${linkTarget === null ? '' : `  -> ${linkTarget}`}`;
}

/** The trailer of a report as text. `isIntact`: the report still has the hash of the day it was written. */
export function showReportEnd(summary: VerifySummary, listed: number, isIntact: boolean): readonly string[] {
  const s = summary;
  return [
    '',
    `Started:         ${s.startedAt}`,
    `Ended:           ${s.endedAt}`,
    `Elapsed:         ${formatDuration(s.elapsedMs)}`,
    `Outcome:         ${s.outcome}${s.why === null ? '' : `: ${s.why}`}`,
    `Compared:        ${s.files} files, ${s.folders} folders, ${s.symlinks} symbolic links, ${formatBytes(s.bytes)}`,
    `Differences:     ${s.differences}${listed < s.differences ? ` (the first ${listed} are listed)` : ''}`,
    `  missing        ${s.missing}`,
    `  extra          ${s.extra}`,
    `  different      ${s.different}`,
    `  unreadable     ${s.unreadable}`,
    `Out of sync:     ${s.bytesOutOfSync} bytes`,
    `Sent again:      ${s.repaired}`,
    `Not judged:      ${s.busy} (changed meanwhile, or waiting to be sent)`,
    `SHA-256:         ${s.sha256}${isIntact ? '' : '  DAMAGED: the report is not as it was written'}`,
  ];
}
