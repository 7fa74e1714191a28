import { formatDuration } from '../../base/index.ts';
import type { StoredRotation } from './stored.ts';
import type { Occurrence, Times } from './times.ts';

/** Begun within this it is on time: looks are a second apart, and a start of the service takes some. */
export const ON_TIME_MS = 60_000;
/** A clock that was set back by no more than this is being put right: what was decided before is not decided once more. */
export const SMALL_STEP_BACK_MS = 3_600_000;

export type Due =
  | { readonly kind: 'none' }
  | { readonly kind: 'run'; readonly dueAt: string; readonly to: string }
  /** It cannot begin yet. */
  | { readonly kind: 'wait'; readonly dueAt: string; readonly to: string; readonly why: string }
  | {
      readonly kind: 'over';
      readonly dueAt: string;
      readonly to: string;
      readonly outcome: 'skipped' | 'missed';
      readonly why: string;
    };

/**
 * What is to be done now about the newest start that nobody decided about; older ones have been overtaken by it. `live` is the slot that
 * follows the source.
 */
export function decideDue(rotation: StoredRotation, times: Times, live: string | null, nowMs: number): Due {
  if (!rotation.isEnabled) return { kind: 'none' };
  const occurrence = times.latest(nowMs);
  if (occurrence === null || occurrence.atMs <= Date.parse(rotation.decidedUntil)) return { kind: 'none' };
  const to = slotFor(rotation, occurrence, live);
  if (to === null) return { kind: 'none' }; // there are no slots yet
  const due = { dueAt: new Date(occurrence.atMs).toISOString(), to };
  if (rotation.skip === due.dueAt) return { kind: 'over', ...due, outcome: 'skipped', why: 'Somebody said to skip it.' };
  if (to === live) return { kind: 'over', ...due, outcome: 'skipped', why: `“${to}” follows the source already.` };
  const { policy, withinMinutes } = rotation.missed;
  const lateMs = nowMs - occurrence.atMs;
  const mayWaitMs = policy === 'skip' ? ON_TIME_MS : Math.max(ON_TIME_MS, withinMinutes * 60_000);
  const obstacle = obstacleTo(rotation, to);
  if (lateMs > mayWaitMs) {
    const why = obstacle ?? `It was due ${formatDuration(lateMs)} ago, while nothing could run here.`;
    return { kind: 'over', ...due, outcome: 'missed', why };
  }
  if (obstacle === null) return { kind: 'run', ...due };
  return policy === 'skip'
    ? { kind: 'over', ...due, outcome: 'skipped', why: obstacle }
    : { kind: 'wait', ...due, why: obstacle };
}

/** The slot that a start means; null when there is none. */
export function slotFor(
  { slots }: { readonly slots: readonly { readonly name: string }[] },
  { entry }: Occurrence,
  live: string | null,
): string | null {
  return entry.slot ?? nextSlot(slots, live);
}

/** The slot after the one that is live, in the order in which they were added, and round again. */
export function nextSlot(slots: readonly { readonly name: string }[], live: string | null): string | null {
  const index = slots.findIndex(({ name }) => name === live);
  return slots[(index + 1) % slots.length]?.name ?? null;
}

/** What keeps a switch to this slot from beginning, in a sentence; null when nothing does. */
export function obstacleTo({ running, slots }: Pick<StoredRotation, 'running' | 'slots'>, to: string): string | null {
  if (running !== null) return `The switch to “${running.to}” goes on.`;
  const use = slots.find(({ name }) => name === to)?.use ?? null;
  return use === null ? null : `“${to}” is in use by ${use.owner}${use.reason === '' ? '' : `: ${use.reason}`}.`;
}
