import type { ConnectionPlan, PlanAction, PlanCounts, PlanEntry, PlanSummary } from '../api/index.ts';
import { formatBytes, formatDuration } from '../base/index.ts';
import { showMirrorOptions } from './show.ts';

/** What each action means, for the head of a plan. */
const meanings: Readonly<Record<PlanAction, string>> = {
  create: 'are not on the target',
  update: 'differ and are sent',
  compare: 'have their blocks compared',
  attributes: 'get other attributes only',
  move: 'go to another name, without data',
  delete: 'are deleted on the target',
  orphan: 'are on the target only',
  leave: 'differ or are gone, and are left',
  keep: 'are equal',
  unreadable: 'cannot be read',
};

/** How many entries of the target a mirror would change. */
export function changesOf({ create, update, compare, attributes, move, delete: removed }: PlanCounts): number {
  return [create, update, compare, attributes, move, removed].reduce((sum, { entries }) => sum + entries, 0);
}

/** A plan as text, without its entries. */
export function showPlan(plan: PlanSummary): readonly string[] {
  const { counts, options, startedAt, startedBy, elapsedMs, sourceFiles, sourceBytes, sendBytes, estimateMs, exceeded } = plan;
  const actions = Object.entries(counts) as [PlanAction, PlanCounts[PlanAction]][];
  return [
    `PLAN ${plan.id}`,
    `Replication set: ${plan.setName}, ${plan.sourceName} to ${plan.targetName}`,
    ...plan.roots.map(({ from, to }) => `                 ${from} arrives at ${to}`),
    `Mirror:          ${showMirrorOptions(options)}`,
    `Planned:         ${startedAt} for ${startedBy}, in ${formatDuration(elapsedMs)}`,
    `On the source:   ${sourceFiles} files, ${formatBytes(sourceBytes)}`,
    ...actions.map(([action, { entries, bytes }]) => {
      const size = bytes === 0 ? '' : `, ${formatBytes(bytes)}`;
      return `  ${action.padEnd(14)} ${entries} ${meanings[action]}${size}`;
    }),
    `To send:         ${sendBytes} bytes at most${counts.compare.bytes === 0 ? '' : ', and the blocks that differ'}`,
    `Estimate:        ${estimateMs === null ? 'not known: no mirror has been measured' : formatDuration(estimateMs)}`,
    ...exceeded.map(({ limit, text }) => `Beyond mirror.${limit}: ${text}`),
  ];
}

/** `delete  /data/x  (file, 20 bytes): not on the source`. */
export function showPlanEntry({ action, path, kind, bytes, reason }: PlanEntry): string {
  return `${action.padEnd(10)}  ${path}  (${kind}${kind === 'file' ? `, ${bytes} bytes` : ''}): ${reason}`;
}

/** One line for `status connection`. */
export function showPlanStatus({ run, last, question }: ConnectionPlan): string {
  if (run !== null) {
    const why = run.why === 'limits' ? 'because the mirror has limits' : `for ${run.startedBy}`;
    return `being made since ${run.startedAt} ${why}: ${changesOf(run.counts)} changes so far`;
  }
  if (question !== null) return `${question.cause} ${question.nextStep}`;
  if (last === null) return 'none was made';
  const beyond = last.exceeded.length === 0 ? '' : ', beyond its limits';
  return `last ${last.endedAt} (${showMirrorOptions(last.options)}): ${changesOf(last.counts)} changes${beyond}`;
}
