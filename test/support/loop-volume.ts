import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { whyNoMounts } from './can-mount.ts';

/** The smallest that each can be made, in MiB. */
const leastMiB = { xfs: 320, btrfs: 256, ext2: 2 } as const;
/** So small inodes keep whole seconds. */
const options = { xfs: [], btrfs: [], ext2: ['-I', '128'] } as const;
export type LoopFileSystem = keyof typeof leastMiB;
export type CloningFileSystem = Exclude<LoopFileSystem, 'ext2'>;

/** Why no volume of this kind can be made and mounted here; null when one can. */
export function whyNoVolume(kind: LoopFileSystem): string | null {
  if (process.getuid?.() !== 0) return 'mounting needs root';
  if (!existsSync('/dev/loop-control')) return 'there are no loop devices';
  if (spawnSync(`mkfs.${kind}`, ['-V']).error !== undefined) return `there is no mkfs.${kind}`;
  return whyNoMounts();
}

/** Makes a fresh volume in a file beside `folder`, as small as can be if no size is given, and mounts it there until the test ends. */
export function mountFresh(kind: LoopFileSystem, folder: string, sizeMiB: number = leastMiB[kind]): void {
  const image = `${folder}.${kind}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(image, '');
  truncateSync(image, sizeMiB * 1024 * 1024);
  run(`mkfs.${kind}`, '-q', ...options[kind], image);
  run('mount', '-o', 'loop', image, folder);
  onTestFinished(() => {
    // Lazily: a service may still have files open there.
    spawnSync('umount', ['--lazy', folder]);
    rmSync(image, { force: true });
  });
}

/** Nothing can be written there from now on. */
export function makeReadOnly(folder: string): void {
  run('mount', '-o', 'remount,ro', folder);
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? stderr}`);
}
