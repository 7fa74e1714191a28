/** Snapshots of replicas as a service offers them: by a person's order, by the clock, and until they expire. */
export { Snapshots, type TakeInput } from './snapshots.ts';
export { SnapshotSchedule } from './snapshot-schedule.ts';
export { checkSnapshotTimes } from './snapshot-times.ts';
