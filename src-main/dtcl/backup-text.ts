import type { BackupView } from '../api/index.ts';
import { assertNever, formatDuration } from '../base/index.ts';
import { showCutWorth } from './show-cut.ts';

/** What is true of a replica that is to be backed up, a line each. */
export function showBackup(view: BackupView): readonly string[] {
  const { targetName, roots, window, copy, others } = view;
  const lines = [verdictLine(view), `Target:       ${targetName}`];
  for (const { to } of roots) lines.push(`Folder:       ${to}`);
  if (window !== null) {
    const { owner, reason, begunAt, maxMinutes, isOverdue, cut, method } = window;
    if (cut !== null) lines.push(`Cut:          operation ${cut.sequence}, ${cut.at}, ${showCutWorth(cut)}`);
    const why = reason === '' ? '' : `: ${reason}`;
    const most = `${formatDuration(maxMinutes * 60_000)} at the most${isOverdue ? ', OVERDUE' : ''}`;
    lines.push(`Window:       ${owner}${why}, by ${methodWords[method]}, since ${begunAt}, ${most}`);
  }
  lines.push(
    `Copy:         ${copy === null ? 'none that is complete' : `complete as of ${copy.at}, ${formatDuration(copy.ageMs)} old, ${copy.label}`}`,
  );
  if (others.length > 0) lines.push(`Meanwhile:    ${others.join(', ')} goes on following the source`);
  return lines;
}

const methodWords = { rest: 'rest', pause: 'a pause', hold: 'a hold of the target' } as const;

function verdictLine({ name, verdict, window }: BackupView): string {
  const { kind, why, nextStep } = verdict;
  switch (kind) {
    case 'go':
      return window === null ? `${name}: no window is open; one could be begun.` : `${name}: go, it may be read.`;
    case 'wait':
    case 'no':
      return `${name}: ${kind}. ${why} ${nextStep}`;
    default:
      return assertNever(kind);
  }
}
