import { loadLibc, type Libc } from './native.ts';

const SEEK_DATA = 3;

let call: { readonly libc: Libc; readonly lseek: (fd: number, offset: number, whence: number) => unknown } | null | undefined;

/**
 * Waits until writes that are going on in an open file are over. Looking for data takes the lock that a write holds (ext4, btrfs, tmpfs);
 * on XFS the read that follows does. Does nothing where there are no native calls.
 */
export function awaitWrites(fd: number): void {
  call ??= bindCall();
  call?.lseek(fd, 0, SEEK_DATA);
}

function bindCall(): typeof call {
  const libc = loadLibc();
  return libc === null ? null : { libc, lseek: libc.bind('long lseek(int fd, long offset, int whence)') };
}
