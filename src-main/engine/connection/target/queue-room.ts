import { statfsSync } from 'node:fs';
import type { ReplicaQueue, ReplicaSettings } from '../../../api/index.ts';
import { formatBytes } from '../../../base/index.ts';
import { native } from '../../fs/index.ts';
import type { AbsolutePath } from '../../model/index.ts';

/** The free space is asked for this often while changes come; while the queue is full, all of it is looked at this often. */
const LOOK_MS = 500;

export interface QueueRoomParts {
  readonly settings: () => ReplicaSettings['targetQueue'];
  /** Data that is received and not yet applied. */
  readonly queuedBytes: () => number;
  /** Where the queue and the data that wait lie. */
  readonly folders: readonly AbsolutePath[];
  /** It became full, or has room again. */
  readonly onChanged: (full: ReplicaQueue['full']) => void;
  readonly freeBytesOf?: (folder: AbsolutePath) => number | null;
  readonly nowMs?: () => number;
}

/**
 * Whether the queue of a replica may take more, by its limit and by the space that is to be left. Full is a mark, not a wall: what is under way
 * still comes, and the source pauses. There is room again when half of the limit is free, so that a source is not stopped for every change.
 */
export class QueueRoom {
  readonly #parts: QueueRoomParts;
  readonly #freeBytesOf: (folder: AbsolutePath) => number | null;
  readonly #nowMs: () => number;
  #full: ReplicaQueue['full'] = null;
  #freeBytes: number | null = null;
  #lookedMs = -Infinity;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: QueueRoomParts) {
    this.#parts = parts;
    this.#freeBytesOf = parts.freeBytesOf ?? freeBytesOf;
    this.#nowMs = parts.nowMs ?? (() => performance.now());
  }

  get isFull(): boolean {
    return this.#full !== null;
  }

  get figures(): ReplicaQueue {
    return { freeBytes: this.#freeBytes, full: this.#full };
  }

  /** To be called whenever something came or went; cheap. */
  check(): void {
    this.#measure();
    const why = this.#reason();
    if ((why === null) !== (this.#full === null)) {
      this.#full = why === null ? null : { since: new Date().toISOString(), why };
      this.#parts.onChanged(this.#full);
    }
    // Space may come back although nothing is applied.
    if (this.#full !== null && this.#timer === null)
      this.#timer = setTimeout(() => {
        this.#timer = null;
        this.#lookedMs = -Infinity;
        this.check();
      }, LOOK_MS).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #measure(): void {
    if (this.#parts.settings().keepFreeBytes === 0) {
      this.#freeBytes = null;
      return;
    }
    const now = this.#nowMs();
    if (now - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = now;
    const free = this.#parts.folders.map((folder) => this.#freeBytesOf(folder)).filter((bytes) => bytes !== null);
    this.#freeBytes = free.length === 0 ? null : Math.min(...free);
  }

  /** Why it takes no more; null when it does. Once full, it needs more room than it lacked. */
  #reason(): string | null {
    const { maxBytes, keepFreeBytes } = this.#parts.settings();
    const queuedBytes = this.#parts.queuedBytes();
    if (maxBytes !== null && (this.isFull ? queuedBytes > maxBytes / 2 : queuedBytes >= maxBytes))
      return `${formatBytes(queuedBytes)} wait to be applied, and ${formatBytes(maxBytes)} are allowed`;
    const wanted = this.isFull ? keepFreeBytes * 1.1 : keepFreeBytes;
    if (this.#freeBytes !== null && this.#freeBytes < wanted)
      return `only ${formatBytes(this.#freeBytes)} are free where it lies, and ${formatBytes(keepFreeBytes)} are to be left`;
    return null;
  }
}

/** Null where it cannot be told: then there is no such limit. */
function freeBytesOf(folder: AbsolutePath): number | null {
  try {
    const { bavail, bsize } = statfsSync(native(folder));
    return bavail * bsize;
  } catch {
    return null;
  }
}
