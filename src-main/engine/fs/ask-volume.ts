import { dirname } from 'node:path';
import type { AbilityAnswer, AbsolutePath, VolumeAbility, VolumeTraits } from '../model/index.ts';
import { readFolder, statEntry, volumeType } from './entries.ts';
import { ACL_ACCESS, readOneExtended } from './extended-attributes.ts';

/** So many entries of the folder are looked at. */
const SAMPLE = 200;

const posix: Partial<Record<VolumeAbility, AbilityAnswer>> = {
  'case-sensitive': 'yes',
  'any-bytes': 'yes',
  modes: 'yes',
  owners: 'yes',
  'hard-links': 'yes',
  symlinks: 'yes',
  holes: 'yes',
  nanoseconds: 'yes',
};
const dos: Partial<Record<VolumeAbility, AbilityAnswer>> = {
  'case-sensitive': 'no',
  'any-bytes': 'no',
  modes: 'no',
  owners: 'no',
  'hard-links': 'no',
  symlinks: 'no',
  holes: 'no',
  nanoseconds: 'no',
};

/** What is known of file systems by their kind, where looking does not tell. */
const byKind: Readonly<Record<string, Partial<Record<VolumeAbility, AbilityAnswer>>>> = {
  ext4: posix,
  xfs: posix,
  btrfs: posix,
  tmpfs: posix,
  overlay: posix,
  f2fs: posix,
  zfs: posix,
  bcachefs: posix,
  nfs: { ...posix, holes: 'unknown', nanoseconds: 'unknown' },
  vfat: dos,
  exfat: dos,
};

/** What the volume of a folder that is not ours has, without writing there: attributes are asked for, some entries are looked at. */
export function askVolume(path: AbsolutePath): VolumeTraits {
  const folder = statEntry(path)?.kind === 'folder' ? path : dirname(path);
  const fileSystem = volumeType(folder);
  const known = byKind[fileSystem] ?? {};
  const isRoot = process.geteuid?.() === 0;
  const attribute = (name: string): AbilityAnswer => (readOneExtended(folder, name) === 'unsupported' ? 'no' : 'yes');
  const abilities: Record<VolumeAbility, AbilityAnswer> = {
    'case-sensitive': known['case-sensitive'] ?? 'unknown',
    'any-bytes': known['any-bytes'] ?? 'unknown',
    modes: known.modes ?? 'unknown',
    owners: known.owners ?? 'unknown',
    nanoseconds: known.nanoseconds ?? 'unknown',
    'hard-links': known['hard-links'] ?? 'unknown',
    symlinks: known.symlinks ?? 'unknown',
    holes: known.holes ?? 'unknown',
    'user-attributes': attribute('user.understudy'),
    acl: attribute(ACL_ACCESS),
    // Only root can read them.
    'trusted-attributes': isRoot ? attribute('trusted.understudy') : 'no',
    'security-attributes': attribute('security.capability'),
    ...seenIn(folder),
  };
  return { fileSystem, isTried: false, abilities, nameBytes: 255 };
}

/** What the entries of a folder prove. */
function seenIn(folder: AbsolutePath): Partial<Record<VolumeAbility, AbilityAnswer>> {
  const seen: Partial<Record<VolumeAbility, AbilityAnswer>> = {};
  let names: readonly string[];
  try {
    names = readFolder(folder).slice(0, SAMPLE);
  } catch {
    return seen; // not readable for us: the kind of the file system tells
  }
  const all = new Set(names);
  for (const name of names) {
    const stat = statEntry(`${folder}/${name}`);
    if (stat === null) continue;
    if (stat.mtimeNs % 1000n !== 0n) seen.nanoseconds = 'yes';
    if (stat.kind === 'file' && stat.nlink > 1) seen['hard-links'] = 'yes';
    if (stat.kind === 'symlink') seen.symlinks = 'yes';
    if (stat.kind === 'file' && stat.allocatedBytes + 4096 <= stat.size) seen.holes = 'yes';
    const swapped = swapCase(name);
    if (seen['case-sensitive'] !== undefined || swapped === name) continue;
    const other = statEntry(`${folder}/${swapped}`);
    seen['case-sensitive'] = other !== null && !all.has(swapped) && other.ino === stat.ino ? 'no' : 'yes';
  }
  return seen;
}

function swapCase(name: string): string {
  return name.replace(/[a-zA-Z]/g, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));
}
