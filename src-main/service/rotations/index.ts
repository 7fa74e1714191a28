/**
 * Rotating replicas: sets whose replicas take turns by the clock, so that one follows the source while the others are at rest for a backup.
 * Times are in `times.ts`, what is done about them in `due.ts`, a switch step by step in `switching.ts`, and the loop that keeps all of it
 * going in `rounds.ts`.
 */
export { Rotations, type RotationsOptions } from './rotations.ts';
export { rotationsShape } from './stored.ts';
export { completeCopy } from './show-slots.ts';
