/** What a thread is doing while it waits for our permission. `clone`: sharing the blocks of one file with another, of which it may be either. */
export type BlockedCall = 'write' | 'read' | 'clone' | 'other';

interface Calls {
  readonly write: ReadonlySet<number>;
  readonly read: ReadonlySet<number>;
  readonly mmap: number;
  readonly ioctl: number;
}

const MAP_SHARED = 1;
const FICLONE = 0x40049409;
/** Numbers of write, pwrite64, writev, pwritev, pwritev2; of read, pread64, readv, preadv, preadv2; of mmap; of ioctl. */
const callsOf: Readonly<Record<string, Calls>> = {
  x64: { write: new Set([1, 18, 20, 296, 328]), read: new Set([0, 17, 19, 295, 327]), mmap: 9, ioctl: 16 },
  arm64: { write: new Set([64, 68, 66, 70, 287]), read: new Set([63, 67, 65, 69, 286]), mmap: 222, ioctl: 29 },
};

/** Whether calls can be told apart on this processor. */
export function canTellCalls(arch: string): boolean {
  return callsOf[arch] !== undefined;
}

/**
 * Reads the text of `/proc/<thread>/syscall`. Only plain writes count as such: of everything else that may change a file (a shared
 * map, truncation, punching and moving of ranges, a thread of io_uring) the range does not say what will change.
 */
export function blockedCall(text: string, arch: string): BlockedCall {
  const calls = callsOf[arch];
  const [number = '', , request = '', , flags = ''] = text.split(' ', 5);
  const call = /^\d+$/.test(number) ? Number(number) : -1;
  if (calls === undefined) return 'other';
  if (calls.write.has(call)) return 'write';
  if (calls.read.has(call)) return 'read';
  if (call === calls.ioctl && Number(request) === FICLONE) return 'clone';
  return call === calls.mmap && (Number(flags) & MAP_SHARED) === 0 ? 'read' : 'other';
}
