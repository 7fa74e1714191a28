import { mountsBelow, statEntry } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';

/** A volume that was mounted below a root. Device numbers change over restarts, so it is known by being another than around it. */
export interface MountIdentity {
  readonly path: AbsolutePath;
  /** The number of its top, where it is of the same device as the folder around it: a folder that is mounted a second time. */
  readonly ino: string | null;
}

/** The volumes that are mounted below a folder now. */
export function mountsIn(folder: AbsolutePath): MountIdentity[] {
  return mountsBelow(folder).map((path) => ({ path, ino: hasOwnDevice(path) ? null : inoOf(path) }));
}

/** Whether the volume is still mounted there. */
export function isMounted({ path, ino }: MountIdentity): boolean {
  return ino === null ? hasOwnDevice(path) : inoOf(path) === ino;
}

function hasOwnDevice(path: AbsolutePath): boolean {
  const around = path.slice(0, path.lastIndexOf('/')) || '/';
  const here = statEntry(path);
  return here !== null && here.dev !== statEntry(around)?.dev;
}

function inoOf(path: AbsolutePath): string {
  return String(statEntry(path)?.ino);
}
