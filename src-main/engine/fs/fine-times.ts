import { statfsSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { isWholeSecond, type AbsolutePath } from '../model/index.ts';
import { native } from './native.ts';

/** ext4, xfs, btrfs, tmpfs: the file systems that Linux 6.13 gave time stamps as fine as needed. ext2 has the number of ext4. */
const FINE_GRAINED = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994]);

/**
 * Whether two changes of a file never leave the same time stamp when somebody looked at the file between them. Elsewhere the stamps
 * advance with the kernel's tick, up to 10 ms, or once a second where whole seconds are kept, as in small inodes of ext4.
 */
export function hasFineTimes(path: AbsolutePath): boolean {
  if (process.platform !== 'linux') return false;
  const [major = 0, minor = 0] = release().split('.').map(Number);
  if (major < 6 || (major === 6 && minor < 13)) return false;
  try {
    const isKnown = FINE_GRAINED.has(statfsSync(native(path)).type >>> 0);
    return isKnown && !isWholeSecond(statSync(native(path), { bigint: true }).ctimeNs);
  } catch {
    return false;
  }
}
