import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * An ext4 volume whose power can be cut: what was not flushed is gone then, as it would be. The image behind the loop device holds what
 * reached the disk; a copy of it, taken before anything else is written, is the disk after the cut. Mounted without the habits by which
 * ext4 hides a forgotten flush, and with a journal that is not written by itself.
 */
export class CutDisk {
  readonly folder: string;
  readonly #image: string;
  readonly #bootFile: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#image = `${folder}.img`;
    this.#bootFile = `${folder}.boot`;
  }

  /** Why there can be none here; null when there can. */
  static obstacle(): string | null {
    const folder = mkdtempSync(join(tmpdir(), 'understudy-disk-'));
    try {
      const disk = CutDisk.make(`${folder}/disk`, 32);
      if (typeof disk === 'string') return disk;
      disk.remove();
      return null;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The reason as text where it is not possible; the caller then says so and leaves its tests out. */
  static make(folder: string, mebibytes: number): CutDisk | string {
    if (process.getuid?.() !== 0) return 'only root mounts disks';
    const disk = new CutDisk(folder);
    mkdirSync(folder, { recursive: true });
    if (!run('truncate', '-s', `${mebibytes}M`, disk.#image)) return 'no room for an image';
    if (!run('mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', disk.#image)) return 'no mkfs.ext4';
    disk.#newBoot();
    return disk.#mount() ? disk : 'no loop devices here';
  }

  /**
   * Starts a program as on the machine of this disk: after a cut it finds itself in another start of the machine. Put in front of a
   * command; each start of the machine needs it anew.
   */
  get launcher(): readonly string[] {
    const script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"';
    return ['unshare', '--mount', 'sh', '-c', script, this.#bootFile];
  }

  /** Cuts the power and puts it on again. Everything that ran on the disk was killed before, and nothing was flushed since. */
  cut(): void {
    const after = `${this.#image}.after`;
    if (!run('cp', '--sparse=always', this.#image, after)) throw new Error('the image could not be copied');
    this.#unmount();
    renameSync(after, this.#image);
    this.#newBoot();
    if (!this.#mount()) throw new Error('the disk cannot be mounted after the cut');
  }

  remove(): void {
    this.#unmount();
    for (const file of [this.#image, this.#bootFile]) rmSync(file, { force: true });
  }

  #newBoot(): void {
    writeFileSync(this.#bootFile, `${randomUUID()}\n`);
  }

  #mount(): boolean {
    return run('mount', '-o', 'loop,data=writeback,noauto_da_alloc,commit=600', this.#image, this.folder);
  }

  #unmount(): void {
    if (!run('umount', this.folder)) run('umount', '-l', this.folder);
  }
}

function run(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
}
