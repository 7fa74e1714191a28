/**
 * When a line may send: a pure function of the rules, the clock and a few figures. Whoever owns the line asks once a second and acts on it;
 * nothing here waits, sends or stores.
 */
export type { ScheduleRules } from './counting-rules.ts';
export {
  decide,
  nextStartMs,
  startByHand,
  startsByQueue,
  underNewRules,
  type ScheduleFacts,
  type ScheduleState,
  type WaitReason,
} from './decide.ts';
export { fromKept, toKept, type KeptState } from './kept-state.ts';
export { planSchedule } from './plan.ts';
export { Zone } from './zoned-time.ts';
