import { loadLibc } from './native.ts';

/** `mallopt` parameters of the GNU C library. */
const TRIM_THRESHOLD = -1;
const MMAP_THRESHOLD = -3;
const ARENA_MAX = -8;

const LARGE_BYTES = 128 * 1024;
const ARENAS = 2;

/**
 * Lets this process give memory back that it freed; to be called before threads are started. Left alone, the GNU C library keeps an arena
 * for each thread, and what was large once is taken from them ever after: the buffers of frames alone then hold tens of megabytes that
 * nobody uses. Other C libraries have no such habit and stay as they are.
 */
export function keepAllocatorLean(): void {
  try {
    const mallopt = loadLibc()?.bind('int mallopt(int parameter, int value)');
    mallopt?.(ARENA_MAX, ARENAS);
    // Setting one of the two ends their growth with use.
    mallopt?.(MMAP_THRESHOLD, LARGE_BYTES);
    mallopt?.(TRIM_THRESHOLD, LARGE_BYTES);
  } catch {
    // No such function: another C library.
  }
}
