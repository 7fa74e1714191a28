import { libcOrReason, type Libc } from './native.ts';

/** What this system gives beyond Node's own file calls. `why` says what is missing and for what reason; '' when nothing is. */
export interface Capabilities {
  readonly nativeCalls: boolean;
  readonly inotify: boolean;
  readonly syncfs: boolean;
  readonly sparse: boolean;
  readonly nsTimes: boolean;
  readonly why: string;
}

/** What works here. Asks the C library at each call: keep the answer. */
export function capabilities(): Capabilities {
  const { libc, why } = libcOrReason();
  if (libc === null) return { nativeCalls: false, inotify: false, syncfs: false, sparse: false, nsTimes: false, why };
  const found = {
    inotify: has(libc, 'int inotify_init1(int flags)'),
    syncfs: has(libc, 'int syncfs(int fd)'),
    sparse: has(libc, 'long lseek(int fd, long offset, int whence)'),
    nsTimes: has(libc, 'int utimensat(int dir, const char *path, uint8_t *times, int flags)'),
  };
  const missing = Object.entries(found).flatMap(([name, isThere]) => (isThere ? [] : [name]));
  return { nativeCalls: true, ...found, why: missing.length === 0 ? '' : `the C library lacks ${missing.join(', ')}` };
}

function has(libc: Libc, declaration: string): boolean {
  try {
    libc.bind(declaration);
    return true;
  } catch {
    return false;
  }
}
