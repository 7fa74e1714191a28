/**
 * Connections that the clock parks and brings back. What is due is decided in `decide.ts`, what keeps a connection from being parked is in `obstacle.ts`,
 * and both are asked every second by `park-schedules.ts`.
 */
export { checkParkTimes } from './check-park-times.ts';
export { ParkSchedules } from './park-schedules.ts';
export { parksShape } from './stored.ts';
