import { getPriority, setPriority } from 'node:os';
import { loadLibc } from './native.ts';

const SCHED_OTHER = 0;
/** `SCHED_RESET_ON_FORK`: what this thread starts has the usual priority. */
const USUAL_AND_NOT_INHERITED = SCHED_OTHER | 0x40000000;
const PROMPT = -5;

/**
 * Lets this thread go before others when it has something to do: it answers people while the threads that it starts keep every processor
 * busy. Neither they nor the programs that it runs inherit it. Takes a process of the usual priority and the right to change it; else
 * nothing happens.
 */
export function keepPrompt(): void {
  try {
    const setScheduler = loadLibc()?.bind('int sched_setscheduler(int pid, int policy, const void *parameters)');
    const scheduler = loadLibc()?.bind('int sched_getscheduler(int pid)')(0);
    if (setScheduler === undefined || Number(scheduler) !== SCHED_OTHER || getPriority() !== 0) return;
    if (Number(setScheduler(0, USUAL_AND_NOT_INHERITED, Buffer.alloc(4))) === 0) setPriority(PROMPT);
  } catch {
    // It may not, or the library has no such function.
  }
}
