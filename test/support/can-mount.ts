import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Why volumes cannot be mounted here; null when they can. */
export function whyNoMounts(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-mount-'));
  try {
    const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', 'none', folder], { encoding: 'utf8' });
    if (status !== 0) return error?.message ?? stderr.trim();
    spawnSync('umount', [folder]);
    return null;
  } finally {
    rmdirSync(folder);
  }
}

/** Mounts a tmpfs, or with `from` that folder, until the test ends or `unmount` is called. */
export function mountAt(folder: string, from?: string): void {
  const args = from === undefined ? ['-t', 'tmpfs', 'none', folder] : ['--bind', from, folder];
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  // Lazily: a test that failed may have files open there.
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]));
}

export function unmount(folder: string): void {
  const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}
