import { loadLibc } from '../fs/index.ts';

/**
 * Closes a descriptor on which writers wait for answers, when the thread that answered ended without doing so: the kernel then lets them go
 * on. A thread's native descriptors outlive it.
 */
export function freeWriters(answersFd: number): void {
  loadLibc()?.bind('int close(int fd)')(answersFd);
}
