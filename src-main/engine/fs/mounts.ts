import { readFileSync } from 'node:fs';
import { isWithin, type AbsolutePath } from '../model/index.ts';

/** A volume, or a part of one, at a place. `type` as the kernel names it: `ext4`, `nfs4`, `fuse.sshfs`. */
export interface Mount {
  readonly path: AbsolutePath;
  readonly type: string;
}

/** Where volumes are mounted below `folder`, sorted, each once; none where the system does not tell. */
export function mountsBelow(folder: AbsolutePath): AbsolutePath[] {
  const below = folder === '/' ? '/' : `${folder}/`;
  return [...new Set(mountPoints().filter((path) => path !== folder && path.startsWith(below)))].sort();
}

/** Whether a volume, or a part of one, is mounted at this very path: it cannot be moved then. `path` is free of links. */
export function isMountPoint(path: AbsolutePath): boolean {
  return mountPoints().includes(path);
}

/** Kinds of volumes that are no further away than this machine's own disks and memory. */
const LOCAL = new Set(
  (
    'ext2 ext3 ext4 xfs btrfs zfs f2fs bcachefs jfs reiserfs tmpfs ramfs overlay ' +
    'vfat exfat msdos ntfs3 iso9660 udf squashfs erofs'
  ).split(' '),
);

/**
 * Whether `folder` and all that is mounted below it is on disks of this machine, by what the system says of its mounts: no volume is asked,
 * since one that is out of reach would not answer. False where the system does not tell.
 */
export function isOnOwnDisks(folder: AbsolutePath, all: readonly Mount[] = mounts()): boolean {
  const around = all.filter(({ path }) => isWithin(folder, path));
  const holder = around.reduce<Mount | null>((last, one) => (last === null || isWithin(one.path, last.path) ? one : last), null);
  const below = all.filter(({ path }) => path !== folder && isWithin(path, folder));
  return holder !== null && [holder, ...below].every(({ type }) => LOCAL.has(type));
}

function mountPoints(): AbsolutePath[] {
  return mounts().map(({ path }) => path);
}

/** The list as it was last: it is asked for each second, and hardly ever another. */
let last: { readonly text: string; readonly mounts: readonly Mount[] } = { text: '', mounts: [] };

/** Every place where a volume is mounted, in the order in which they were. */
function mounts(): readonly Mount[] {
  let text: string;
  try {
    text = readFileSync('/proc/self/mountinfo', 'latin1');
  } catch {
    return []; // no such list here: volumes below a root are then plain folders
  }
  if (text !== last.text) last = { text, mounts: decodeMountInfo(text) };
  return last.mounts;
}

/** The mounts in the text of a `mountinfo` file. A mount point below another that was mounted later is hidden by it and left out. */
export function decodeMountInfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [placed = '', source = ''] = line.split(' - ', 2);
    const field = placed.split(' ', 5)[4];
    if (field === undefined) continue;
    const path = field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    for (let i = mounts.length - 1; i >= 0; i--) if (isWithin(mounts[i]?.path ?? '', path)) mounts.splice(i, 1);
    mounts.push({ path, type: source.split(' ', 1)[0] ?? '' });
  }
  return mounts;
}
