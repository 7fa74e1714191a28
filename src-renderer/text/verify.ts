import type {
  ConnectionVerify,
  VerifyCounts,
  VerifyDifference,
  VerifyOptions,
  VerifyReport,
  VerifySide,
  VerifySummary,
} from '../../src-main/api/index.ts';
import { bytes, count, counted, duration, moment, preciseMoment } from './format.ts';
import type { StatusWord } from './status.ts';

const phases: Readonly<Record<NonNullable<ConnectionVerify['run']>['phase'], string>> = {
  comparing: 'Comparing',
  settling: 'Waiting for changes under way',
  rechecking: 'Looking again',
};

/** How the verification of a connection stands: the one that runs, else the last one. */
export function verifyWord({ run, last }: ConnectionVerify): StatusWord {
  if (run !== null) return { tone: 'busy', word: phases[run.phase], detail: `Started by ${run.startedBy}.` };
  return last === null
    ? { tone: 'off', word: 'Never verified', detail: 'Nobody has compared both sides yet.' }
    : verifyOutcome(last);
}

/** What a verification found. */
export function verifyOutcome({ outcome, differences, why }: VerifySummary): StatusWord {
  switch (outcome) {
    case 'equal':
      return { tone: 'good', word: 'Equal', detail: 'Everything that was compared is equal on both sides.' };
    case 'different':
      return {
        tone: 'warning',
        word: counted(differences, 'difference'),
        detail: 'What differed when both sides were compared, before any repair.',
      };
    case 'stopped':
      return { tone: 'off', word: 'Stopped', detail: why ?? 'Stopped before its end.' };
  }
}

/** `every byte, repairs all differences`. */
export function verifyOptionsWords({ bytes: everyByte, repair, orphans }: VerifyOptions): string {
  const words = [everyByte ? 'every byte' : 'date and size'];
  if (repair === 'all') words.push('repaired');
  if (repair === 'newer') words.push('repaired where the source is newer');
  if (orphans) words.push('with orphans');
  return words.join(', ');
}

/** What was compared so far, in one sentence. */
export function verifyCountsWords(counts: VerifyCounts): string {
  const found = [
    [counts.missing, 'missing'],
    [counts.different, 'different'],
    [counts.extra, 'only on the target'],
    [counts.unreadable, 'unreadable'],
    [counts.busy, 'changing meanwhile'],
  ] as const;
  const parts = found.filter(([number]) => number > 0).map(([number, word]) => `${count(number)} ${word}`);
  const compared = `${counted(counts.files, 'file')} and ${counted(counts.folders, 'folder')} compared, ${bytes(counts.bytes)}`;
  return parts.length === 0 ? compared : `${compared}: ${parts.join(', ')}`;
}

const differenceWords: Readonly<Record<VerifyDifference['what'], string>> = {
  missing: 'Missing on the target',
  extra: 'Only on the target',
  different: 'Different',
  unreadable: 'Unreadable',
};

/** What is wrong with one entry, and where that is known, by whom. */
export function differenceWord({ what, properties, isDrift, isRepaired, why }: VerifyDifference): string {
  const words = [properties.length === 0 ? differenceWords[what] : `${differenceWords[what]}: ${properties.join(', ')}`];
  if (isDrift) words.push('changed on the target');
  if (isRepaired) words.push('sent again');
  if (why !== null) words.push(why);
  return words.join('; ');
}

/** One side of a difference, a fact per line; `-` for nothing there. */
export function sideLines(side: VerifySide | null): readonly string[] {
  if (side === null) return ['-'];
  return [
    side.kind === 'file' ? `file, ${count(side.size)} B` : side.kind,
    preciseMoment(side.modified),
    `${side.mode} ${side.owner}`,
  ];
}

/** One side of a difference in a line; `-` for nothing there. */
function sideWords(side: VerifySide | null): string {
  if (side === null) return '-';
  const size = side.kind === 'file' ? `, ${count(side.size)} B` : '';
  return `${side.kind}${size}, ${side.modified}, ${side.mode} ${side.owner}`;
}

/** The report as a text that can be read without this program. */
export function reportText({ summary, isIntact }: VerifyReport, differences: readonly VerifyDifference[]): string {
  const lines = [
    `Verification of ${summary.setName}: ${summary.sourceName} to ${summary.targetName}`,
    ...summary.roots.map((root) => `  ${root.from} -> ${root.to}`),
    `Compared: ${verifyOptionsWords(summary.options)}, started by ${summary.startedBy}`,
    `Started ${moment(summary.startedAt)}, ended ${moment(summary.endedAt)}, ${duration(summary.elapsedMs)}`,
    '',
    ...differences.flatMap((difference) => [
      difference.path,
      `  ${differenceWord(difference)}`,
      `  source: ${sideWords(difference.source)}`,
      `  target: ${sideWords(difference.target)}`,
      ...(difference.bytesOutOfSync === null ? [] : [`  bytes out of sync: ${count(difference.bytesOutOfSync)}`]),
    ]),
    '',
    `${verifyOutcome(summary).word}. ${verifyCountsWords(summary)}.`,
    `SHA-256 ${summary.sha256}${isIntact ? '' : ' (the report was changed after it was written)'}`,
  ];
  return `${lines.join('\n')}\n`;
}
