/**
 * Restores: a target sends what it holds back, once, over a connection that mirrors and follows nothing. The drills of it, and their reports. See
 * the README of the service.
 */
export { hashOriginal } from './hash-original.ts';
export { Restores } from './restores.ts';
export { restoresShape } from './stored.ts';
