/**
 * Pauses that last: what is said of one that has lasted too long is in `pause-alarm.ts`, who is told and what is done about it in
 * `pause-watch.ts`. Where they stand is kept by `cut-keeper.ts`.
 */
export { CutKeeper } from './cut-keeper.ts';
export { pauseAlarm } from './pause-alarm.ts';
export { PauseWatch } from './pause-watch.ts';
