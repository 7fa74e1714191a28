/**
 * Pauses that last: what is said of one that has lasted too long is in `pause-alarm.ts`, who is told and what is done about it in
 * `pause-watch.ts`. What is kept and told of where they stand is in `kept-cut.ts`, who writes it down in `cut-keeper.ts`.
 */
export { CutKeeper } from './cut-keeper.ts';
export { pauseAlarm } from './pause-alarm.ts';
export { PauseWatch } from './pause-watch.ts';
