import { flush } from '../measure.ts';

/** A way to bring the tree at `source` to `target`, both existing folders of this machine; `last` is a file that any walk reaches late. */
export interface Job {
  readonly source: string;
  readonly target: string;
  readonly last: string;
}

/** When the trees were equal, and when the copy would have survived a power cut. */
export interface Measure {
  readonly equalMs: number;
  readonly durableMs: number;
}

/** A running live replication of one job. */
export interface Following {
  /** Bytes that went over the line so far; null where the tool does not say. */
  wireBytes(): Promise<number | null>;
  stop(): Promise<void>;
}

export interface FollowOptions {
  /** Notices where large files were written, where the tool can. */
  readonly ranges?: boolean;
}

/** A tool under measurement. What it cannot do is null, and stays empty in the table. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** What is particular about how it is run, for the reader of the table. */
  readonly note: string;
  /** What of a copy survives a power cut, and from when on. */
  readonly durability: string;
  /** False where folders are known to keep the time at which they were filled; such a difference is then no fault of the run. */
  readonly keepsFolderTimes: boolean;
  /** So slow with many files that it is measured only when it is named. */
  readonly isSlow: boolean;
  mirror(job: Job): Promise<Measure>;
  /** A difference mirror of a job that was mirrored before; `checksum` reads every byte on both sides. */
  readonly again: ((job: Job, checksum: boolean) => Promise<Measure>) | null;
  /** Resolves when the trees are equal and changes are being followed. */
  readonly follow: ((job: Job, options?: FollowOptions) => Promise<Following>) | null;
  /** Forgets what it knows about the job; the trees are removed by the caller. */
  forget(job: Job): Promise<void>;
  close(): Promise<void>;
}

/** A mirror by a tool that can only follow: from its start until the trees are equal. */
export async function mirrorByFollowing(job: Job, follow: (job: Job) => Promise<Following>): Promise<Measure> {
  const startMs = performance.now();
  const following = await follow(job);
  const equalMs = performance.now() - startMs;
  flush(job.target);
  const durableMs = performance.now() - startMs;
  await following.stop();
  return { equalMs, durableMs };
}
