import {
  chmodSync,
  closeSync,
  ftruncateSync,
  linkSync,
  openSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { volumeAbilities, type AbilityAnswer, type AbsolutePath, type VolumeAbility, type VolumeTraits } from '../model/index.ts';
import { statEntry, volumeType } from './entries.ts';
import { ACL_ACCESS, readOneExtended, setExtended } from './extended-attributes.ts';
import { native } from './native.ts';
import { setOwner, setTimes } from './times-and-owner.ts';

const LONG_NAMES = [255, 143, 100];
const ODD_TIME_NS = 1_600_000_000_123_456_789n;
const HOLE_BYTES = 16 * 1024 * 1024;
/** No user has this number; only whoever may give files away can set it. */
const STRANGER = 0x7fff_fff0;

const unknown = volumeAbilities.map((ability): [VolumeAbility, AbilityAnswer] => [ability, 'unknown']);
const NOTHING_KNOWN: VolumeTraits = {
  fileSystem: 'unknown',
  isTried: false,
  abilities: Object.fromEntries(unknown) as VolumeTraits['abilities'],
  nameBytes: 255,
};

/** Rights for the owner, one user by number, the group and the mask: an ACL that is more than a mode. */
const SOME_ACL = Buffer.from(
  '0200000001000600ffffffff0200060001000000' + '04000400ffffffff' + '10000600ffffffff' + '20000000ffffffff',
  'hex',
);

/**
 * Finds out what the volume of `folder` can do, by doing it with small files there; the folder must be our own. Each file is taken away
 * again; one that a kill leaves behind begins with `probe`.
 */
export function tryVolume(folder: AbsolutePath): VolumeTraits {
  const made = new Set<AbsolutePath>();
  const make = (name: string): AbsolutePath => {
    const path = `${folder}/${name}`;
    writeFileSync(native(path), 'x');
    made.add(path);
    return path;
  };
  try {
    let file: AbsolutePath;
    try {
      file = make('probe');
    } catch {
      return NOTHING_KNOWN; // full, read-only or gone: that is told elsewhere, and says nothing of what the volume is
    }
    const attribute = (name: string, value: Buffer) =>
      answer(() => {
        setExtended(file, { name, value });
        return readOneExtended(file, name) instanceof Buffer;
      });
    const abilities = {
      'case-sensitive': answer(() => statEntry(`${folder}/PROBE`) === null),
      'any-bytes': answer(() => statEntry(make('probe\xff\xfe\n')) !== null),
      modes: answer(() => {
        chmodSync(native(file), 0o751);
        return statEntry(file)?.mode === 0o751;
      }),
      nanoseconds: answer(() => {
        setTimes(file, ODD_TIME_NS);
        return statEntry(file)?.mtimeNs === ODD_TIME_NS;
      }),
      'hard-links': answer(() => {
        linkSync(native(file), native(`${folder}/probe.link`));
        made.add(`${folder}/probe.link`);
        return statEntry(file)?.nlink === 2;
      }),
      symlinks: answer(() => {
        symlinkSync('nowhere', native(`${folder}/probe.symlink`));
        made.add(`${folder}/probe.symlink`);
        return statEntry(`${folder}/probe.symlink`)?.kind === 'symlink';
      }),
      holes: answer(() => keepsHoles(make('probe.hole'))),
      'user-attributes': attribute('user.understudy', Buffer.from('1')),
      acl: attribute(ACL_ACCESS, SOME_ACL),
      'trusted-attributes': attribute('trusted.understudy', Buffer.from('1')),
      'security-attributes': attribute('security.understudy', Buffer.from('1')),
      owners: answer(() => {
        setOwner(file, STRANGER, STRANGER);
        return statEntry(file)?.uid === STRANGER;
      }),
    };
    return { fileSystem: volumeType(folder), isTried: true, abilities, nameBytes: longestName(folder, file, made) };
  } finally {
    for (const path of made) quietly(() => unlinkSync(native(path)));
  }
}

function keepsHoles(path: AbsolutePath): boolean {
  const fd = openSync(native(path), 'r+');
  try {
    ftruncateSync(fd, HOLE_BYTES);
  } finally {
    closeSync(fd);
  }
  return (statEntry(path)?.allocatedBytes ?? HOLE_BYTES) < HOLE_BYTES / 2;
}

function longestName(folder: AbsolutePath, file: AbsolutePath, made: Set<AbsolutePath>): number {
  for (const length of LONG_NAMES) {
    const long = `${folder}/${'probe'.padEnd(length, '-')}`;
    if (answer(() => (renameSync(native(file), native(long)), true)) === 'no') continue;
    made.add(long);
    return length;
  }
  return 0;
}

function answer(attempt: () => boolean): AbilityAnswer {
  try {
    return attempt() ? 'yes' : 'no';
  } catch {
    return 'no'; // whatever the reason: this service cannot do it there
  }
}

function quietly(step: () => void): void {
  try {
    step();
  } catch {
    // Moved to another name, or never made.
  }
}
