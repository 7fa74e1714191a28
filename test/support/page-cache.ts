import { closeSync, fsyncSync, openSync } from 'node:fs';
import { loadLibc } from '../../src-main/engine/fs/native.ts';

const DONT_NEED = 4;
/** The same number on all processors. */
const CACHESTAT = 451;

/** A page that somebody is at in this moment stays. */
const TRIES = 100;

/** Has the system forget what it holds of a file in memory; whether it did. */
export function dropFromCache(file: string): boolean {
  const advise = loadLibc()?.bind('int posix_fadvise(int fd, long offset, long length, int advice)');
  const fd = openSync(file, 'r+');
  try {
    for (let i = 0; i < TRIES; i++) {
      fsyncSync(fd);
      advise?.(fd, 0, 0, DONT_NEED);
      if (isCached(file) === false) return true;
    }
    return false;
  } finally {
    closeSync(fd);
  }
}

/** Whether the system holds anything of a file in memory; null where it does not tell (before Linux 6.5). */
export function isCached(file: string): boolean | null {
  const syscall = loadLibc()?.bind('long syscall(long number, int fd, uint64_t *range, uint64_t *found, uint32_t flags)');
  if (syscall === undefined) return null;
  const [wholeFile, found] = [new BigUint64Array(2), new BigUint64Array(5)];
  const fd = openSync(file, 'r');
  try {
    return syscall(CACHESTAT, fd, wholeFile, found, 0) === 0 ? found[0] !== 0n : null;
  } finally {
    closeSync(fd);
  }
}
