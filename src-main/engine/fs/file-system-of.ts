import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import type { AbsolutePath } from '../model/index.ts';
import { native } from './native.ts';

/**
 * A name of the file system that `folder` is on, the same for all subvolumes of one btrfs, each of which has a device number of its own. Null
 * where the system does not tell.
 */
export function fileSystemOf(folder: AbsolutePath): string | null {
  try {
    const fd = openSync(native(folder), constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const [, mount] = /^mnt_id:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1')) ?? [];
      const mounts = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
      return mounts.find((line) => line.startsWith(`${mount} `))?.split(' ')[2] ?? null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null; // Not Linux, or no /proc.
  }
}
