import { SyncRope } from '../../capture/index.ts';

/**
 * Sync points of a capture: when a request is answered, everything that changed before it was made has been told in notices. Requests
 * are numbered upwards over the life of a session; an answer answers all requests before it.
 */
export class CaptureSync {
  readonly #path: string;
  #rope: SyncRope | null = null;
  #requested = 0;
  #answered = 0;

  /** `path`: where the capture makes its pipe. */
  constructor(path: string) {
    this.#path = path;
  }

  /** A capture has started; requests to an earlier one will not be answered. */
  started(): void {
    this.close();
    this.#rope = SyncRope.grasp(this.#path);
  }

  /** Whether requests can be made at all. */
  get isAvailable(): boolean {
    return this.#rope !== null;
  }

  /** The number of a new request; null when there is nobody to ask. */
  request(): number | null {
    const number = this.#requested + 1;
    if (this.#rope?.pull(number) !== true) return null;
    this.#requested = number;
    return number;
  }

  /** Lets nobody begin a write to a file whose bytes are noticed, for `ms` or until `releaseWriters`; takes effect before what is requested later. */
  holdWriters(ms: number): void {
    this.#rope?.holdWriters(ms);
  }

  releaseWriters(): void {
    this.#rope?.releaseWriters();
  }

  answered(request: number): void {
    this.#answered = Math.max(this.#answered, request);
  }

  isAnswered(request: number): boolean {
    return this.#answered >= request;
  }

  close(): void {
    this.#rope?.release();
    this.#rope = null;
  }
}
