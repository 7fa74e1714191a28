import type { ReplicationError } from '../../base/index.ts';
import { toReplicationError } from '../../base/index.ts';
import type { Notice, Place } from '../model/index.ts';
import { decodeItems, encodeItems, memoryBytesOf, type QueueItem } from './source-item.ts';
import type { SpillLimits, SpillLog, SpillRefusal } from './spill-log.ts';
import { WaitingPlaces } from './waiting-places.ts';

export interface SourceQueueLimits extends SpillLimits {
  /** What the items in memory may take. */
  readonly memoryBytes: number;
}

/** Why the queue had to forget all that waited. `damaged`: what lay on disk could not be read back. */
export type QueueLoss = SpillRefusal | { readonly kind: 'damaged'; readonly error: ReplicationError };

export interface SourceQueueOptions {
  /** Estimates what a change will send; asked for each new item, and again when its file changed while it waits. */
  readonly sizeOf: (place: Place) => number;
  /** Null: memory only. */
  readonly spill: SpillLog | null;
  readonly limits: () => SourceQueueLimits;
  /** Called when everything was forgotten, so that nothing is lost: the disk has then to be compared with what the target has. */
  readonly onLost: (loss: QueueLoss) => void;
}

/** Items are written to disk so many bytes at a time. */
const MOST_BLOCK_BYTES = 256 * 1024;
/** So many files are measured again at a time. */
const MOST_MEASURED = 500;

/** Ops and the bytes they stand for. */
interface Count {
  ops: number;
  bytes: number;
}

/**
 * Changes that wait to be sent, in the order in which they happened; they hold no data. A further change of a path that waits already adds
 * nothing, unless a rename or removal came between. Memory first: `head`, the oldest. When that is full, new items gather in `tail` and go
 * to disk in blocks, which are read back in order when the head is used up; once the disk is empty, memory again.
 */
export class SourceQueue {
  readonly #options: SourceQueueOptions;
  #head: QueueItem[] = [];
  #next = 0;
  #tail: QueueItem[] = [];
  readonly #memory: Count = { ops: 0, bytes: 0 };
  readonly #disk: Count = { ops: 0, bytes: 0 };
  #headBytes = 0;
  #tailBytes = 0;
  readonly #waiting = new WaitingPlaces();
  /** Items in memory whose files changed again since they were measured. Measured when somebody asks: a change itself has to be cheap. */
  readonly #grown = new Set<QueueItem & { kind: 'examine' }>();
  /** Memory that was ever asked for by items; its growth is the rate at which the queue fills. */
  addedBytes = 0;

  constructor(options: SourceQueueOptions) {
    this.#options = options;
  }

  /** All that waits. */
  get ops(): number {
    return this.#memory.ops + this.#disk.ops;
  }

  /** Ops in memory and on disk, and the data that they stand for; each counts in one place. */
  get counts(): { readonly memory: Readonly<Count>; readonly disk: Readonly<Count> } {
    this.#measureGrown();
    return { memory: this.#memory, disk: this.#disk };
  }

  /** What the items take, about, and what they could take. */
  get usage(): { readonly memoryBytes: number; readonly diskBytes: number; readonly roomBytes: number } {
    const limits = this.#options.limits();
    const { spill } = this.#options;
    const memoryBytes = this.#headBytes + this.#tailBytes;
    const roomBytes = Math.max(0, limits.memoryBytes - memoryBytes) + (spill?.roomBytes(limits) ?? 0);
    return { memoryBytes, diskBytes: spill?.storedBytes ?? 0, roomBytes };
  }

  add(notice: Exclude<Notice, { kind: 'overflow' | 'root-gone' }>, noticedAtMs: number): void {
    switch (notice.kind) {
      case 'touched':
        this.examine(notice.place, { content: notice.content, deep: false, isSettled: false }, noticedAtMs);
        return;
      case 'appeared':
        this.examine(notice.place, { content: true, deep: true, isSettled: false }, noticedAtMs);
        return;
      case 'gone':
      case 'renamed':
        // What waits was about the old names: later changes must come after this one.
        this.#waiting.clear();
        this.#push({ ...notice, noticedAtMs, bytes: 0 });
        return;
    }
  }

  examine(place: Place, how: { content: boolean; deep: boolean; isSettled: boolean }, noticedAtMs: number): void {
    const joined = this.#waiting.join(place, how);
    if (joined === true) return;
    if (joined !== false) {
      this.#grown.add(joined);
      return;
    }
    const bytes = how.content ? this.#options.sizeOf(place) : 0;
    const item: QueueItem = { kind: 'examine', place, ...how, noticedAtMs, bytes };
    this.#waiting.add(item);
    this.#push(item);
  }

  /** The oldest item, without taking it. */
  peek(): QueueItem | undefined {
    if (this.#next >= this.#head.length) this.#refill();
    return this.#head[this.#next];
  }

  /** Takes the oldest item, once its ops are in the outbox; nothing when it was forgotten meanwhile. */
  shift(item: QueueItem): void {
    if (this.#head[this.#next] !== item) return;
    this.#next++;
    this.#memory.ops--;
    this.#memory.bytes -= item.bytes;
    this.#headBytes -= memoryBytesOf(item);
    this.#waiting.close(item);
    if (item.kind === 'examine') this.#grown.delete(item);
    if (this.#next > 1024 && this.#next * 2 > this.#head.length) {
      this.#head = this.#head.slice(this.#next);
      this.#next = 0;
    }
  }

  /**
   * A folder was just read, and all below it is looked at, for the item that is followed: that serves who waits for the same, too. A chain of new
   * folders would be walked from each of them else. What is told from now on asks for a walk of its own.
   */
  walked(folder: Place): void {
    this.#waiting.walked(folder);
  }

  /** No further change joins this item: its place is being looked at now. */
  close(item: QueueItem): void {
    this.#waiting.close(item);
  }

  clear(): void {
    this.#head = [];
    this.#tail = [];
    this.#next = 0;
    this.#headBytes = 0;
    this.#tailBytes = 0;
    for (const count of [this.#memory, this.#disk]) count.ops = count.bytes = 0;
    this.#waiting.clear();
    this.#grown.clear();
    this.#options.spill?.clear();
  }

  #push(item: QueueItem): void {
    const { memoryBytes } = this.#options.limits();
    const itemBytes = memoryBytesOf(item);
    this.addedBytes += itemBytes;
    this.#memory.ops++;
    this.#memory.bytes += item.bytes;
    const isSpilling = this.#disk.ops > 0 || this.#tail.length > 0;
    if (!isSpilling && this.#headBytes + itemBytes <= memoryBytes) {
      this.#head.push(item);
      this.#headBytes += itemBytes;
      return;
    }
    this.#tail.push(item);
    this.#tailBytes += itemBytes;
    if (this.#tailBytes >= Math.min(MOST_BLOCK_BYTES, memoryBytes / 4)) this.#spill();
  }

  #measureGrown(): void {
    let count = 0;
    for (const item of this.#grown) {
      if (++count > MOST_MEASURED) return;
      this.#grown.delete(item);
      const bytes = this.#options.sizeOf(item.place);
      this.#memory.bytes += bytes - item.bytes;
      item.bytes = bytes;
    }
  }

  #spill(): void {
    const limits = this.#options.limits();
    const refusal: SpillRefusal | null =
      this.#options.spill === null
        ? { kind: 'limit', limitBytes: 0 }
        : this.#options.spill.append(encodeItems(this.#tail), limits);
    if (refusal !== null) {
      this.clear();
      this.#options.onLost(refusal);
      return;
    }
    for (const item of this.#tail) {
      this.#waiting.spilled(item);
      if (item.kind === 'examine') this.#grown.delete(item);
      move(item, this.#memory, this.#disk);
    }
    this.#tail = [];
    this.#tailBytes = 0;
  }

  /** The head is used up: the oldest block comes from disk, or what gathered behind it. */
  #refill(): void {
    this.#next = 0;
    this.#headBytes = 0;
    if (this.#disk.ops === 0) {
      this.#head = this.#tail;
      this.#headBytes = this.#tailBytes;
      this.#tail = [];
      this.#tailBytes = 0;
      return;
    }
    this.#head = [];
    let items: QueueItem[];
    try {
      const block = this.#options.spill?.take() ?? null;
      items = block === null ? [] : decodeItems(block);
    } catch (error) {
      this.clear();
      this.#options.onLost({ kind: 'damaged', error: toReplicationError(error) });
      return;
    }
    for (const item of items) {
      this.#waiting.readBack(item);
      move(item, this.#disk, this.#memory);
      this.#headBytes += memoryBytesOf(item);
    }
    this.#head = items;
  }
}

function move(item: QueueItem, from: Count, to: Count): void {
  from.ops--;
  from.bytes -= item.bytes;
  to.ops++;
  to.bytes += item.bytes;
}
