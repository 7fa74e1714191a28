/** Makes a target equal while changes keep flowing: what an entry needs, the walk over a set, and the count of what it did. */
export { decide, leavePolicy, type Decision, type LeavePolicy, type Reason, type TargetEntry } from './decide.ts';
export { attributesEqual, needOf, type KnownEntry, type Look, type Need } from './need.ts';
export { excessOf, excessText, hasLimits } from './plan-limits.ts';
export { plansIn, PlanWriter, readPlan, scratchFile, type PlanHead } from './plan-store.ts';
export { noCounts, PlanTally, sendBytesOf } from './plan-tally.ts';
export { Progress } from './progress.ts';
export { ReadAhead, type ReadAheadParts, type WalkPosition } from './read-ahead.ts';
export { Walk, type WalkTree } from './walk.ts';
