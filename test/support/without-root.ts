import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const rights = '-dac_override,-dac_read_search';
const setpriv = ['setpriv', `--bounding-set=${rights}`, `--inh-caps=${rights}`];

/**
 * A launcher that takes from root the right to ignore file permissions, so that "not readable" can be tested as root; empty for other
 * users, who never had it; null where root cannot give it up.
 */
export function withoutRoot(): readonly string[] | null {
  if (process.getuid?.() !== 0) return [];
  return spawnSync(setpriv[0] ?? '', [...setpriv.slice(1), 'true']).status === 0 ? setpriv : null;
}

/** A small disk in memory, for tests of full disks. */
export interface SmallDisk {
  readonly folder: string;
  resize(mebibytes: number): void;
  /** As a disk that the system has taken from writers after a fault; nothing may be open for writing. */
  setReadOnly(isReadOnly: boolean): boolean;
  unmount(): void;
}

/** Mounts one at `folder`; null where that is not allowed. */
export function mountSmallDisk(folder: string, mebibytes: number): SmallDisk | null {
  mkdirSync(folder, { recursive: true });
  const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
  if (!mount('-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder)) return null;
  return {
    folder,
    resize: (size) => void mount('-o', `remount,size=${size}m`, folder),
    setReadOnly: (isReadOnly) => mount('-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, folder),
    unmount: () => void spawnSync('umount', ['-l', folder]),
  };
}
