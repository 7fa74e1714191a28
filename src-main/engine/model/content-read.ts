/** A kernel's clock tick: two changes within it can leave the same time stamps. */
const TICK_MS = 20;
/** ext2, ext3, ext4 with small inodes keep whole seconds, FAT every second one. */
const SECONDS_MS = 2_000 + TICK_MS;

/**
 * How long after a change another one can leave the same time stamps. A ctime without a fraction is of a file system that keeps none: nobody
 * can set it, and where there are fractions one in a thousand million has none by chance.
 */
export function stampTickMs(ctimeNs: bigint): number {
  return isWholeSecond(ctimeNs) ? SECONDS_MS : TICK_MS;
}

/** The file system keeps no fractions of seconds. */
export function isWholeSecond(ctimeNs: bigint): boolean {
  return ctimeNs % 1_000_000_000n === 0n;
}

/**
 * Whether content was read at the ctime that is noted beside it, and late enough that no other change hides behind the same time stamp.
 * `readAtMs`: ms since 1970; 0 when the content was not read at this ctime. Only ctime is asked: a program can set mtime to anything.
 */
export function isSurelyRead(known: { readonly readAtMs: number; readonly ctimeNs: bigint }): boolean {
  return known.readAtMs - Number(known.ctimeNs / 1_000_000n) >= stampTickMs(known.ctimeNs);
}
