import type { MirrorOptions, MirrorProgress, MirrorResult, MirrorStatus } from '../../api/index.ts';

/** Rates look back over this much time. */
const RATE_WINDOW_MS = 5_000;

/** Counts one mirror. Bytes are those of files; `remaining + sent + skipped = calculated` once the size is known. */
export class Progress {
  readonly options: MirrorOptions;
  readonly #startedAt: string;
  readonly #now: () => number;
  #calculated: { readonly files: number; readonly bytes: number } | null = null;
  #sentBytes = 0;
  #sentFiles = 0;
  #skippedBytes = 0;
  #skippedFiles = 0;
  #leftFiles = 0;
  #leftBytes = 0;
  #percent = 0;
  readonly #samples: { at: number; bytes: number }[] = [];

  constructor(options: MirrorOptions, startedAt: string, now: () => number = Date.now) {
    this.options = options;
    this.#startedAt = startedAt;
    this.#now = now;
  }

  calculated(size: { readonly files: number; readonly bytes: number }): void {
    this.#calculated = size;
  }

  sent(bytes: number): void {
    this.#sentFiles++;
    this.#sentBytes += bytes;
  }

  skipped(bytes: number): void {
    this.#skippedFiles++;
    this.#skippedBytes += bytes;
  }

  /** One of the skipped differs, and was left because the options say so. */
  left(bytes: number): void {
    this.#leftFiles++;
    this.#leftBytes += bytes;
  }

  /** Everything was looked at: what was calculated and is no longer there to be looked at remains no more. */
  allLookedAt(): void {
    this.#calculated = { files: this.#sentFiles + this.#skippedFiles, bytes: this.#sentBytes + this.#skippedBytes };
  }

  /** Over the whole mirror, of what was sent; null when that is too little to say anything. */
  get averageBytesPerSec(): number | null {
    const elapsedMs = this.#now() - Date.parse(this.#startedAt);
    if (elapsedMs < 1_000 || this.#sentBytes < 1_000_000) return null;
    return Math.round((this.#sentBytes * 1000) / elapsedMs);
  }

  /** What came of it. */
  get result(): Omit<MirrorResult, 'completedAt'> {
    return {
      options: this.options,
      sentFiles: this.#sentFiles,
      sentBytes: this.#sentBytes,
      skippedFiles: this.#skippedFiles,
      skippedBytes: this.#skippedBytes,
      leftFiles: this.#leftFiles,
      leftBytes: this.#leftBytes,
    };
  }

  /** `underWayBytes`: of files that are not sent whole. */
  status(isPaused: boolean, underWayBytes = 0): MirrorStatus {
    const sentBytes = this.#sentBytes + underWayBytes;
    const done = sentBytes + this.#skippedBytes;
    const size = this.#calculated;
    // Files that grew or came meanwhile are part of the work: the total follows, so that the sum always holds.
    const total = size === null ? null : Math.max(size.bytes, done);
    const share = total === null ? null : total === 0 ? 1 : done / total;
    if (share !== null) this.#percent = Math.max(this.#percent, Math.floor(share * 1000) / 10);
    const bytesPerSec = this.#rate(done);
    const progress: MirrorProgress = {
      options: this.options,
      startedAt: this.#startedAt,
      calculatedBytes: total,
      calculatedFiles: size === null ? null : Math.max(size.files, this.#sentFiles + this.#skippedFiles),
      sentBytes,
      skippedBytes: this.#skippedBytes,
      remainingBytes: total === null ? null : total - done,
      sentFiles: this.#sentFiles,
      skippedFiles: this.#skippedFiles,
      percent: share === null ? null : this.#percent,
      bytesPerSec,
      timeLeftMs: total === null || bytesPerSec === 0 || isPaused ? null : Math.round(((total - done) / bytesPerSec) * 1000),
    };
    return { kind: isPaused ? 'paused' : size === null ? 'calculating' : 'mirroring', ...progress };
  }

  #rate(bytes: number): number {
    const now = this.#now();
    this.#samples.push({ at: now, bytes });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.at ?? now) > RATE_WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || now === first.at) return 0;
    return Math.round(((bytes - first.bytes) * 1000) / (now - first.at));
  }
}
