import type { DrilledFile, RestoreReport, RestoreSnapshot } from '../api/index.ts';
import { formatBytes } from '../base/index.ts';

const states: Readonly<Record<RestoreSnapshot['state'], string>> = {
  holding: 'the replica comes to rest',
  planning: 'it is being planned',
  planned: 'planned, and waits for an order',
  copying: 'files are copied',
  verifying: 'every byte is compared',
  ending: 'it is about to end',
  done: 'over',
};

const outcomes = { restored: 'restored', different: 'not complete', failed: 'failed', cancelled: 'cancelled' } as const;

/** One line for a list. */
export function showRestore(restore: RestoreSnapshot): string {
  const { id, kind, name, targetName, startedBy } = restore;
  return `${id}  ${kind} of ${name} to ${targetName}, by ${startedBy}: ${showRestoreStatus(restore)}`;
}

/** How far it is, or how it ended. */
export function showRestoreStatus({ state, result, waitsFor, progress }: RestoreSnapshot): string {
  if (result !== null && state === 'done') {
    const { drill } = result;
    const how = drill === null ? outcomes[result.outcome] : `${drill.isPassed ? 'passed' : 'failed'}, ${drill.proven} of ${drill.sample.population.files} files proven`; // prettier-ignore
    return result.why === '' ? how : `${how}. ${result.why}`;
  }
  const far = progress === null ? '' : `, ${formatBytes(progress.sentBytes)} sent`;
  return `${states[state]}${far}${waitsFor === '' ? '' : `; ${waitsFor}`}`;
}

/** A report as text. */
export function showRestoreReport({ restore, sha256, isIntact }: RestoreReport): readonly string[] {
  const {
    kind,
    id,
    name,
    serverName,
    targetName,
    roots,
    warnings,
    overwrite,
    checksum,
    choice,
    cut,
    startedAt,
    startedBy,
    result,
  } = restore;
  const lines = [
    `${kind.toUpperCase()} REPORT ${id}`,
    `Restored:        ${name}, from ${serverName} to ${targetName}`,
    `Chosen:          ${choice.paths.length === 0 ? 'everything' : `${choice.paths.length} paths`}`,
    ...(kind === 'drill' ? [] : roots.map(({ from, to }) => `                 ${from} arrives at ${to}`)),
    ...(kind === 'drill' && choice.to.kind === 'folder'
      ? [`Folder:          ${choice.to.path} on ${targetName}; it stays: look at it, and remove it`]
      : []),
    `Overwrite:       ${overwrite}${checksum ? ', blocks compared' : ''}`,
    `As of:           ${cut === null ? 'what the folder held' : `${cut.at} (operation ${cut.sequence}, ${cut.label})`}`,
    `Started:         ${startedAt} by ${startedBy}`,
  ];
  for (const warning of warnings) lines.push(`Note:            ${warning}`);
  if (result === null) return [...lines, `State:           ${showRestoreStatus(restore)}`];
  const { mirror, verify, problems, drill } = result;
  lines.push(`Ended:           ${result.endedAt}`);
  if (mirror !== null) {
    lines.push(`Copied:          ${mirror.sentFiles} files, ${formatBytes(mirror.sentBytes)}`);
    lines.push(`Not copied:      ${mirror.skippedFiles} files, ${mirror.leftFiles} of them differ and were left`);
  }
  if (verify !== null)
    lines.push(
      `Verified:        ${verify.files} files, ${formatBytes(verify.bytes)}, ${verify.differences} differences${verify.busy === 0 ? '' : `, ${verify.busy} could not be judged: they changed meanwhile`}`,
    );
  for (const { cause, nextStep } of problems) lines.push(`Problem:         ${cause} ${nextStep}`);
  lines.push(`Outcome:         ${outcomes[result.outcome]}${result.why === '' ? '' : `. ${result.why}`}`);
  if (drill !== null) {
    const { sample, certificateId, proven, failed, files, isPassed } = drill;
    lines.push(`Sample:          ${files.length} of ${sample.population.files} files, seed ${sample.seed}`);
    if (sample.unnameable > 0) lines.push(`Never drawn:     ${sample.unnameable} files whose names no rule can say`);
    if (sample.unreadable > 0) lines.push(`Not looked at:   ${sample.unreadable} files or folders that could not be read`);
    lines.push(`Certificate:     ${certificateId ?? 'none'}`);
    lines.push(`Drill:           ${isPassed ? 'passed' : 'FAILED'}; ${proven} files proven, ${failed} not as they should be`);
    if (proven === 0 && isPassed)
      lines.push(
        'Proof:           none: it shows that files can be restored, not that they are right. Make certificates, or ask the source',
      );
    lines.push(...files.map(showFile));
  }
  if (sha256 !== null)
    lines.push(`SHA-256:         ${sha256}${isIntact ? '' : '  DAMAGED: the report is not as it was written'}`);
  return lines;
}

/** `ok      /data/x  (20 bytes, sha256 …; certificate equal, source changed)`. */
function showFile({ path, bytes, sha256, certificate, source, why }: DrilledFile): string {
  const hash = sha256 === null ? 'not read' : `sha256 ${sha256}`;
  const proofs = `certificate ${certificate}, source ${source}`;
  return `  ${(why === null ? 'ok' : 'FAILED').padEnd(7)} ${path}  (${bytes} bytes, ${hash}; ${proofs})${why === null ? '' : `: ${why}`}`;
}
