import { spawnSync } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { askVolume, tryVolume } from '../../../../src-main/engine/fs/index.ts';
import { tempFolder } from '../../../support/temp-folder.ts';

const isRoot = process.getuid?.() === 0;

/** An image of a file system, mounted until the test ends; null where that cannot be done. */
function mounted(make: readonly string[]): string | null {
  const folder = tempFolder();
  const image = `${folder}/image`;
  const place = `${folder}/mounted`;
  mkdirSync(place);
  spawnSync('truncate', ['-s', '16M', image]);
  const [program = '', ...args] = make;
  if (spawnSync(program, [...args, image]).status !== 0) return null;
  if (spawnSync('mount', ['-o', 'loop', image, place]).status !== 0) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', place]));
  return place;
}

test('trying a volume leaves nothing behind, and asking it writes nothing', () => {
  const folder = tempFolder();
  writeFileSync(`${folder}/a`, 'x');
  linkSync(`${folder}/a`, `${folder}/b`);
  const before = statSync(folder, { bigint: true }).mtimeNs;
  const asked = askVolume(folder);
  expect(statSync(folder, { bigint: true }).mtimeNs).toBe(before);
  const tried = tryVolume(folder);
  expect(readdirSync(folder).sort()).toEqual(['a', 'b']);
  expect(tried.isTried).toBe(true);
  for (const [ability, answer] of Object.entries(asked.abilities)) {
    if (answer === 'unknown' || ability === 'owners') continue;
    expect([ability, answer]).toEqual([ability, tried.abilities[ability as keyof typeof tried.abilities]]);
  }
  expect(tried.abilities['hard-links']).toBe('yes');
  expect(tried.nameBytes).toBe(255);
});

test('a folder that cannot be written tells nothing of its volume', () => {
  expect(tryVolume('/proc/self')).toMatchObject({ isTried: false, abilities: { acl: 'unknown' } });
});

test.skipIf(!isRoot)('an old ext with small inodes has no nanoseconds, and both ways find that out', () => {
  const place = mounted(['mkfs.ext4', '-q', '-I', '128']);
  if (place === null) {
    console.warn('An ext4 image with small inodes could not be mounted: not tested.');
    return;
  }
  expect(tryVolume(place).abilities).toMatchObject({ nanoseconds: 'no', 'user-attributes': 'yes', acl: 'yes' });
});
