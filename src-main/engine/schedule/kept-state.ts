import type { ScheduleState, Sending, Waiting } from './decide.ts';

/** A state as it outlives its service: what is left of a budget instead of where a counter, which begins anew, must not pass. */
export type KeptState = Waiting | (Omit<Sending, 'stopAtBytes'> & { readonly leftBytes: number | null });

/** Null where there is nothing to keep. */
export function toKept(state: ScheduleState, wireBytes: number): KeptState | null {
  if (state.kind === 'unscheduled') return null;
  if (state.kind === 'waiting') return state;
  const { stopAtBytes, ...rest } = state;
  return { ...rest, leftBytes: stopAtBytes === null ? null : Math.max(0, stopAtBytes - wireBytes) };
}

export function fromKept(kept: KeptState, wireBytes: number): ScheduleState {
  if (kept.kind === 'waiting') return kept;
  const { leftBytes, ...rest } = kept;
  return { ...rest, stopAtBytes: leftBytes === null ? null : wireBytes + leftBytes };
}
