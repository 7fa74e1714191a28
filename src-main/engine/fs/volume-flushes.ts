import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ReplicationError, showName } from '../../base/index.ts';
import type { AbsolutePath } from '../model/index.ts';
import { codedError } from './coded-error.ts';
import { fileSystemOf } from './file-system-of.ts';
import { syncFd, syncVolume } from './flush.ts';
import { native } from './native.ts';

/**
 * A flush that was asked for while another ran begins no sooner than this after that one began: to a file system each flush is a commit of its
 * own, which writes the same folders and tables of inodes again and keeps new files waiting.
 */
const PACE_MS = 20;

/** A flush that has not begun; who joins it is covered by it. */
interface Joint {
  readonly done: Promise<void>;
}

interface Volume {
  /** The flush that runs, and the one that comes after it. */
  running: Promise<void> | null;
  beganAtMs: number;
  next: Joint | null;
  readonly failures: Failures;
}

/** Of one file system: subvolumes are volumes of their own, but the system tells of a lost write to any of them, and only once. */
interface Failures {
  /** How many flushes failed, and how the last one did. */
  count: number;
  last: unknown;
}

/** What tests put in the place of the disk. */
export interface VolumeFlushesParts {
  readonly syncVolume: (folder: AbsolutePath) => Promise<void>;
  readonly syncFd: (fd: number) => Promise<void>;
}

/**
 * Flushes of whole volumes for all who write in a thread. A flush covers what anybody wrote before it began, so whoever asks while one runs shares
 * the next with all others: however many ask, one runs and one waits for each volume.
 */
export class VolumeFlushes {
  readonly #parts: VolumeFlushesParts;
  readonly #volumes = new Map<number, Volume>();
  readonly #failures = new Map<string, Failures>();

  constructor(parts: VolumeFlushesParts = { syncVolume, syncFd }) {
    this.#parts = parts;
  }

  /** For one who writes. From now on each flush that fails, whoever asked for it, fails for him too: the system tells of a lost write only once. */
  share(): FlushShare {
    const countsBefore = new Map([...this.#failures.values()].map((failures) => [failures, failures.count]));
    const check = ({ failures }: Volume, folder: AbsolutePath): void => {
      if (failures.count === (countsBefore.get(failures) ?? 0)) return;
      const { code, details } = codedError(failures.last, folder);
      throw new ReplicationError(code, { ...details, path: showName(folder) }, { cause: failures.last });
    };
    return {
      all: async (folder) => {
        const volume = this.#volumeOf(folder);
        await this.#join(volume, folder);
        check(volume, folder);
      },
      file: async (fd, folder) => {
        const volume = this.#volumeOf(folder);
        if (volume.next === null) await this.#parts.syncFd(fd);
        else await this.#join(volume, folder);
        check(volume, folder);
      },
    };
  }

  #volumeOf(folder: AbsolutePath): Volume {
    let device: number;
    try {
      device = statSync(native(folder)).dev;
    } catch (error) {
      throw codedError(error, folder);
    }
    const known = this.#volumes.get(device);
    if (known !== undefined) return known;
    const volume: Volume = { running: null, beganAtMs: -Infinity, next: null, failures: this.#failuresOf(folder, device) };
    this.#volumes.set(device, volume);
    return volume;
  }

  #failuresOf(folder: AbsolutePath, device: number): Failures {
    const name = fileSystemOf(folder) ?? `device ${device}`;
    const known = this.#failures.get(name);
    if (known !== undefined) return known;
    const failures: Failures = { count: 0, last: null };
    this.#failures.set(name, failures);
    return failures;
  }

  /** Resolves when it is over; how it ended is in the volume. */
  async #join(volume: Volume, folder: AbsolutePath): Promise<void> {
    volume.next ??= { done: this.#run(volume, folder) };
    await volume.next.done;
  }

  async #run(volume: Volume, folder: AbsolutePath): Promise<void> {
    const { running } = volume;
    await running;
    const waitMs = running === null ? 0 : volume.beganAtMs + PACE_MS - performance.now();
    if (waitMs > 0) await delay(waitMs);
    // Whoever asks from now on is not covered any more.
    volume.next = null;
    volume.beganAtMs = performance.now();
    volume.running = this.#flush(volume, folder);
    await volume.running;
    volume.running = null;
  }

  async #flush(volume: Volume, folder: AbsolutePath): Promise<void> {
    try {
      await this.#parts.syncVolume(folder);
    } catch (error) {
      volume.failures.count++;
      volume.failures.last = error;
    }
  }
}

/** What one who writes asks of `VolumeFlushes`. Coded errors, except those of a file that is flushed alone. */
export interface FlushShare {
  /** Resolves when everything that was written on the volume of `folder` before this call is on disk. */
  readonly all: (folder: AbsolutePath) => Promise<void>;
  /**
   * The same for one open file on the volume of `folder`: flushed alone, or where others wait for a flush of the volume, with that. One for all
   * costs less than one for each.
   */
  readonly file: (fd: number, folder: AbsolutePath) => Promise<void>;
}
