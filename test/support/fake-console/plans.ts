import type {
  ConnectionSnapshot,
  MirrorOptions,
  PlanAction,
  PlanCounts,
  PlanEntry,
  PlanPage,
  PlanSummary,
} from '../../../src-main/api/index.ts';
import { ago } from './samples.ts';

const numbers: Readonly<Record<PlanAction, readonly [entries: number, bytes: number]>> = {
  create: [320, 5_824_000],
  update: [41, 1_912_000_000],
  compare: [0, 0],
  attributes: [12, 0],
  move: [3, 0],
  delete: [17, 309_400],
  orphan: [0, 0],
  leave: [0, 0],
  keep: [17_838, 46_400_000_000],
  unreadable: [1, 0],
};
const reasons: Readonly<Partial<Record<PlanAction, string>>> = {
  create: 'not on the target',
  update: 'another size',
  attributes: 'another mode',
  move: 'was /srv/documents/old name.odt',
  delete: 'not on the source',
  unreadable: 'permission denied',
};

/** What a plan of the toy finds. */
export function planned(one: ConnectionSnapshot, options: MirrorOptions): PlanSummary {
  const counts = Object.fromEntries(
    Object.entries(numbers).map(([action, [entries, bytes]]) => [action, { entries, bytes }]),
  ) as PlanCounts; // the same actions
  return {
    id: 'plan-1',
    connectionId: one.id,
    setName: one.setName,
    sourceName: one.sourceName,
    targetName: one.targetName,
    roots: one.roots,
    options,
    startedBy: 'ann',
    startedAt: ago(14),
    endedAt: ago(2),
    elapsedMs: 12_000,
    counts,
    sourceFiles: 18_231,
    sourceBytes: 48_318_382_080,
    sendBytes: counts.create.bytes + counts.update.bytes,
    estimateMs: 41_000,
    exceeded: [],
  };
}

/** A page of its entries. */
export function planPage(summary: PlanSummary, action: PlanAction | null, offset: number, limit: number): PlanPage {
  const all = (Object.keys(reasons) as PlanAction[])
    .filter((one) => action === null || one === action)
    .flatMap((one) => Array.from({ length: numbers[one][0] }, (_, at) => entry(summary, one, at)));
  return { summary, offset, listed: all.length, entries: all.slice(offset, offset + limit) };
}

function entry({ roots }: PlanSummary, action: PlanAction, at: number): PlanEntry {
  const path = `${roots[0]?.from ?? ''}/2026/${action}-${at}.odt`;
  return { action, path, kind: 'file', bytes: 18_200, reason: reasons[action] ?? '' };
}
