import type { CaptureFacts } from '../../../api/index.ts';
import type { SourceStages } from './assemble-source.ts';

export interface WatchingParts {
  readonly stages: Pick<SourceStages, 'catalog' | 'changedRanges' | 'mirrors' | 'sync'>;
  /** False while the connection is away from its target: a mirror is to come then, and nothing need be compared. */
  readonly isFollowing: () => boolean;
  /** The roots are to be watched anew; `started` follows. */
  readonly recapture: () => void;
  /** The roots need not be watched for now. */
  readonly endCapture: () => void;
  readonly event: (severity: 'warning', text: string) => void;
}

/**
 * Whether the source's changes are being noticed. Whatever went unseen is found by comparing the disk with the catalog, as soon as
 * changes are noticed again: not before, or those in between would be lost.
 */
export class Watching {
  readonly #parts: WatchingParts;
  #capture: CaptureFacts = { method: 'starting', why: 'watches are being set' };
  #isReady = false;
  /** The disk must be compared with the catalog, because changes went unseen. */
  #mustCompare: boolean;

  constructor(parts: WatchingParts, mustCompare: boolean) {
    this.#parts = parts;
    this.#mustCompare = mustCompare;
  }

  /** What notices changes, and why it and nothing better. */
  get capture(): CaptureFacts {
    return this.#capture;
  }

  /** Changes are noticed from now on, or have been all the time. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Every change since the last comparison was, or will be, told. */
  get isComplete(): boolean {
    return this.#isReady && !this.#mustCompare;
  }

  started(method: string, why: string): void {
    this.#capture = { method, why };
    this.#parts.stages.changedRanges.clear();
    this.#parts.stages.sync.started();
    this.#isReady = true;
  }

  /** Writers of large files were held for a cut. */
  held({ ms, writes }: { readonly ms: number; readonly writes: number }): void {
    const before = this.#capture.writersHeld;
    const lastMs = Math.round(ms * 10) / 10;
    const writersHeld = {
      times: (before?.times ?? 0) + 1,
      lastMs,
      lastWrites: writes,
      mostMs: Math.max(lastMs, before?.mostMs ?? 0),
    };
    this.#capture = { ...this.#capture, writersHeld };
  }

  /** Compares if it has to and can. */
  compareIfDue(): void {
    if (this.#mustCompare && this.#isReady) this.#compare();
  }

  /** Notices were lost. */
  compareBecause(why: string): void {
    this.#parts.stages.changedRanges.clear();
    this.#parts.event('warning', `${why} The disk is compared with what the target has instead; nothing is lost.`);
    this.#compare();
  }

  /** Something else compares everything. */
  isCompared(): void {
    this.#mustCompare = false;
  }

  /** Nothing is noticed until `restart`, or until the capture starts of itself. */
  suspend(): void {
    this.#mustCompare = true;
    this.#isReady = false;
  }

  /** Nothing is noticed, and nothing needs to be. */
  end(): void {
    this.#isReady = false;
    this.#parts.endCapture();
  }

  /** Watches anew, and compares then what went unseen meanwhile. */
  anew(): void {
    this.suspend();
    this.restart();
  }

  restart(): void {
    this.#parts.recapture();
  }

  #compare(): void {
    this.#mustCompare = false;
    if (!this.#parts.isFollowing()) return; // a mirror is to come
    this.#parts.stages.catalog.noticesLost();
    this.#parts.stages.mirrors.compare();
  }
}
