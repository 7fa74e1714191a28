import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Lets the heaps of this process and of threads that start later grow little beyond what they hold, at the price of more collections: a
 * service shares its machine with the work that it protects. Left alone, a heap of 10 MB becomes one of 40 before anything old is collected.
 * It changes when memory is collected, nothing else, so it may come after the start of the process.
 */
export function keepHeapsLean(): void {
  setFlagsFromString('--optimize-for-size');
  // Else each thread maps V8's own 2 MB of code once more, next to what it compiles.
  setFlagsFromString('--no-short-builtin-calls');
  // The young part of a heap here has 3 MB: to wake helpers for its collection costs more than they do, on every processor of the machine.
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Collects, once and whole, what loading the program has left in the heap of this thread, which takes some 40 ms: to be called while nobody
 * waits for it. Else V8 does that some seconds later, in the middle of work, in one turn of up to 25 ms where other threads cannot help.
 */
export function collectGarbageOfStart(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
}
