import type { ConnectionPlan, PlanAction, PlanCounts, PlanEntry, PlanSummary } from '../../src-main/api/index.ts';
import { mirrorKindLabel } from './choices.ts';
import { bytes, count, counted, duration, moment } from './format.ts';
import type { StatusWord } from './status.ts';

/** What a mirror would do with an entry: in a word, and as the rest of a sentence. */
export const planActionWords: Readonly<Record<PlanAction, { readonly word: string; readonly meaning: string }>> = {
  create: { word: 'Create', meaning: 'not on the target' },
  update: { word: 'Update', meaning: 'differ and are sent' },
  compare: { word: 'Compare', meaning: 'blocks are compared, those that differ are sent' },
  attributes: { word: 'Attributes', meaning: 'only attributes differ' },
  move: { word: 'Move', meaning: 'go to another name, without their data' },
  delete: { word: 'Delete', meaning: 'deleted on the target' },
  orphan: { word: 'Orphan', meaning: 'on the target only; a setting there says what becomes of them' },
  leave: { word: 'Leave', meaning: 'differ or are gone, and are left as the options say' },
  keep: { word: 'Keep', meaning: 'equal' },
  unreadable: { word: 'Unreadable', meaning: 'cannot be looked at on the source' },
};

/** The actions that occur, in their order. */
export function plannedActions(counts: PlanCounts): readonly PlanAction[] {
  return (Object.keys(planActionWords) as PlanAction[]).filter((action) => counts[action].entries > 0);
}

/** How many entries of the target the mirror would change. */
export function plannedChanges({ create, update, compare, attributes, move, delete: removed }: PlanCounts): number {
  return [create, update, compare, attributes, move, removed].reduce((sum, { entries }) => sum + entries, 0);
}

/** How the plan of a connection stands. */
export function planWord({ run, last, question }: ConnectionPlan): StatusWord {
  if (question !== null) return { tone: 'warning', word: 'Beyond its limits', detail: question.cause };
  if (run !== null) return { tone: 'busy', word: 'Planning', detail: `For ${run.startedBy}.` };
  if (last === null) return { tone: 'off', word: 'No plan', detail: 'Nobody has asked what a mirror would do.' };
  const changes = plannedChanges(last.counts);
  return changes === 0
    ? { tone: 'good', word: 'Nothing to do', detail: 'The mirror would change nothing on the target.' }
    : {
        tone: last.counts.delete.entries > 0 ? 'warning' : 'good',
        word: counted(changes, 'change'),
        detail: 'What the mirror would change on the target.',
      };
}

/** What the mirror would send, and how long that may take. */
export function planCost({ sendBytes, counts, estimateMs }: PlanSummary): string {
  const more = counts.compare.bytes === 0 ? '' : `, and what differs of ${bytes(counts.compare.bytes)} that are compared`;
  const time = estimateMs === null ? '' : `, about ${duration(estimateMs)}`;
  return `At most ${bytes(sendBytes)} to send${more}${time}`;
}

/** The plan as a text that can be read without this program. */
export function planText(summary: PlanSummary, entries: readonly PlanEntry[]): string {
  const { setName, sourceName, targetName, roots, options, startedBy, startedAt, endedAt, counts, exceeded } = summary;
  const lines = [
    `Plan of a mirror of ${setName}: ${sourceName} to ${targetName}`,
    ...roots.map((root) => `  ${root.from} -> ${root.to}`),
    `Mirror: ${mirrorKindLabel(options)}, asked for by ${startedBy}`,
    `Made ${moment(startedAt)} to ${moment(endedAt)}`,
    ...plannedActions(counts).map((action) => {
      const { entries: number, bytes: size } = counts[action];
      return `  ${planActionWords[action].word.padEnd(11)}${count(number)}${size === 0 ? '' : `, ${bytes(size)}`}`;
    }),
    `${planCost(summary)}.`,
    ...exceeded.map(({ limit, text }) => `Beyond mirror.${limit}: ${text}`),
    '',
    ...entries.map(
      ({ action, path, kind, bytes: size, reason }) =>
        `${planActionWords[action].word.padEnd(11)}${path}  (${kind === 'file' ? bytes(size) : kind}): ${reason}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}
