import { invariant } from '../../base/index.ts';
import type { FileRanges, Notice } from '../model/index.ts';
import type { Capture, CaptureOptions, PastHold } from './capture.ts';
import { FanotifyFollower } from './fanotify-follower.ts';
import { FollowedSet } from './followed-set.ts';
import { RangeTracker } from './range-tracker.ts';

/** Follows one set with fanotify, by a `FanotifyFollower` of its own, and notices which bytes are written where that is asked for. */
export class FanotifyCapture implements Capture {
  readonly #options: CaptureOptions;
  readonly #set: FollowedSet;
  #follower: FanotifyFollower | null = null;
  #ranges: RangeTracker | null = null;

  constructor(options: CaptureOptions) {
    this.#options = options;
    this.#set = new FollowedSet({
      options,
      onContent: (object, path) => this.#ranges?.written(object, path),
      onOverflow: () => this.#ranges?.lost(),
      now: () => performance.now(),
    });
  }

  get isDrained(): boolean {
    return this.#follower?.isDrained ?? true;
  }

  start(): void {
    invariant(this.#follower === null, 'a capture starts once');
    this.#follower = new FanotifyFollower();
    try {
      this.#follower.add(this.#set);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(timeoutMs: number): Notice[] {
    const follower = this.#follower;
    invariant(follower !== null, 'a capture is read between start and close');
    this.#ranges?.serve();
    const fds = [this.#options.bellFd, this.#ranges?.fd].filter((fd) => fd !== undefined);
    // While writers wait for answers, little is taken at a time.
    follower.wait(this.#ranges?.patience(timeoutMs) ?? timeoutMs, fds, this.#ranges !== null);
    this.#ranges?.serve();
    follower.handle();
    this.#ranges?.handled(follower.isDrained);
    this.#set.lookAtRoots();
    return this.#set.take();
  }

  trackRanges(fromBytes: number): void {
    const follower = this.#follower;
    invariant(follower !== null, 'ranges are noticed between start and close');
    this.#ranges = new RangeTracker(fromBytes, (fd) => follower.group.keyOfOpen(fd));
  }

  get answersFd(): number | null {
    return this.#ranges?.fd ?? null;
  }

  takeRanges(): FileRanges[] {
    return this.#ranges?.take() ?? [];
  }

  holdWriters(ms: number): void {
    this.#ranges?.hold(ms);
  }

  releaseWriters(): void {
    this.#ranges?.release();
  }

  takeHold(): PastHold | null {
    return this.#ranges?.takeHold() ?? null;
  }

  close(): void {
    this.#ranges?.dispose();
    this.#ranges = null;
    this.#follower?.dispose();
    this.#follower = null;
  }
}
