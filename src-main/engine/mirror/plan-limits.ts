import type { ConnectionSettings, PlanCounts, PlanExcess, PlanSummary } from '../../api/index.ts';
import { formatBytes } from '../../base/index.ts';
import { sendBytesOf } from './plan-tally.ts';

type Limits = ConnectionSettings['mirror'];

/** Whether a mirror is to be planned before it begins. */
export function hasLimits({ maxDeletes, maxDeletesPercent, maxBytes, maxBytesPercent }: Limits): boolean {
  return [maxDeletes, maxDeletesPercent, maxBytes, maxBytesPercent].some((limit) => limit !== null);
}

/** The limits that a plan goes beyond, each with what it allows and what is planned. */
export function excessOf({ counts, sourceBytes }: Pick<PlanSummary, 'counts' | 'sourceBytes'>, limits: Limits): PlanExcess[] {
  const deletes = counts.delete.entries;
  const present = entriesOnTarget(counts);
  const bytes = sendBytesOf(counts);
  const found: PlanExcess[] = [];
  const check = (limit: keyof Limits, planned: number, text: (allowed: number) => string): void => {
    const allowed = limits[limit];
    if (typeof allowed === 'number' && planned > allowed) found.push({ limit, allowed, planned, text: text(allowed) });
  };
  check('maxDeletes', deletes, (allowed) => `it would delete ${deletes} entries, and ${allowed} are allowed`);
  check('maxDeletesPercent', percent(deletes, present), (allowed) => {
    return `it would delete ${percent(deletes, present)} % of the replica (${deletes} of ${present} entries), and ${allowed} % are allowed`;
  });
  check(
    'maxBytes',
    bytes,
    (allowed) => `it would send ${formatBytes(bytes)} (${bytes} bytes), and ${formatBytes(allowed)} are allowed`,
  );
  check('maxBytesPercent', percent(bytes, sourceBytes), (allowed) => {
    return `it would send ${percent(bytes, sourceBytes)} % of all bytes of the source, and ${allowed} % are allowed`;
  });
  return found;
}

/** As the end of a sentence: what goes beyond the limits. */
export function excessText(excess: readonly PlanExcess[]): string {
  return excess.map(({ text }) => text).join('; ');
}

/** What the plan found on the target. */
function entriesOnTarget(counts: PlanCounts): number {
  const { update, compare, attributes, leave, keep, delete: removed, orphan } = counts;
  return [update, compare, attributes, leave, keep, removed, orphan].reduce((sum, { entries }) => sum + entries, 0);
}

/** With one decimal; a little is never shown as nothing. */
function percent(part: number, whole: number): number {
  if (part === 0) return 0;
  if (whole === 0) return 100;
  return Math.max(0.1, Math.round((part / whole) * 1000) / 10);
}
