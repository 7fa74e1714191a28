import type { QueueStatus } from '../../../api/index.ts';

/** The present rate of change is that of the last minutes. */
const WINDOW_MS = 5 * 60_000;
const STEP_MS = 5_000;

interface Usage {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly roomBytes: number;
}

/** How fast changes come, and so how long they could be held back before the queue is full. */
export class QueueForecast {
  readonly #nowMs: () => number;
  /** `addedBytes` as it was, every few seconds. */
  readonly #samples: { readonly atMs: number; readonly addedBytes: number }[];
  /** What was told last, and when it was looked at. */
  #told: { readonly atMs: number; readonly addedBytes: number; readonly status: QueueStatus } | null = null;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
    this.#samples = [{ atMs: nowMs(), addedBytes: 0 }];
  }

  /**
   * `addedBytes`: what was ever put into the queue. Called often. While the queue stays as it is so does what is told, for some seconds: the
   * room on a disk that others use is another at every look, and each change of a state wakes whoever follows it.
   */
  read(addedBytes: number, usage: Usage): QueueStatus {
    const now = this.#nowMs();
    const told = this.#told;
    if (told !== null && now - told.atMs < STEP_MS && told.addedBytes === addedBytes && isAsTold(told.status, usage))
      return told.status;
    const status = this.#look(addedBytes, usage, now);
    this.#told = { atMs: now, addedBytes, status };
    return status;
  }

  #look(addedBytes: number, usage: Usage, now: number): QueueStatus {
    const samples = this.#samples;
    const last = samples.at(-1);
    const bytesPerSec = this.#rate(addedBytes, now);
    if (last === undefined || now - last.atMs >= STEP_MS) samples.push({ atMs: now, addedBytes });
    // The oldest stays until the next one covers the window.
    while (samples.length > 2 && now - (samples[1]?.atMs ?? now) >= WINDOW_MS) samples.shift();
    const { memoryBytes, diskBytes, roomBytes } = usage;
    const used = memoryBytes + diskBytes;
    return {
      memoryBytes,
      diskBytes,
      roomBytes,
      percent: Math.round((used * 1000) / Math.max(1, used + roomBytes)) / 10,
      bytesPerSec: Math.round(bytesPerSec),
      fullInMs: bytesPerSec > 0 ? Math.round((roomBytes * 1000) / bytesPerSec) : null,
    };
  }

  #rate(addedBytes: number, now: number): number {
    const first = this.#samples[0];
    if (first === undefined || now <= first.atMs) return 0;
    // A short look back would take one change for a flood.
    return ((addedBytes - first.addedBytes) * 1000) / Math.max(now - first.atMs, STEP_MS);
  }
}

function isAsTold(status: QueueStatus, { memoryBytes, diskBytes }: Usage): boolean {
  return status.memoryBytes === memoryBytes && status.diskBytes === diskBytes;
}
