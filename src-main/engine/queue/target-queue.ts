import { closeSync, constants, ftruncateSync, openSync, readdirSync, readFileSync, rmSync, unlinkSync, writeSync } from 'node:fs';
import { durableStep, invariant, makeFolders } from '../../base/index.ts';
import { codedError, syncFd, syncFolder, type FlushShare } from '../fs/index.ts';
import { Progress, readBootId } from './progress.ts';
import {
  decodeSegment,
  encodeRecords,
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type QueueRecord,
  type SegmentContent,
} from './segment.ts';

const SUFFIX = '.seg';
const DIGITS = 16;

interface Segment {
  readonly path: string;
  readonly firstSequence: number;
}

export interface TargetQueueOptions {
  /** A new file is begun when the last one is larger. */
  readonly segmentBytes?: number;
  readonly bootId?: string | null;
  /** Flushes an open file below the queue's folder, alone or with what others flush. */
  readonly syncFile?: FlushShare['file'];
}

/**
 * The ops that a target received and has not yet applied and flushed, in order, on disk. One owner, one thread.
 * `append` writes; only after `sync` may the ops be acknowledged. Applied ops leave when their segment holds nothing else.
 */
export class TargetQueue {
  readonly #folder: string;
  readonly #segmentBytes: number;
  readonly #syncFile: FlushShare['file'];
  readonly #progress: Progress;
  #segments: Segment[];
  #fd: number;
  #endOffset: number;
  /** Files that left the top but are not flushed; closed by the next `sync`. */
  #unsyncedFds: number[] = [];
  #isFolderUnsynced = false;
  #writtenSequence: number;
  #flushedSequence: number;
  #pendingMark: number | null = null;

  /** At opening: ops after `appliedSequence` up to here may have been applied already; they are applied once more. */
  readonly uncertainSequence: number;
  /** As `uncertainSequence`, when the machine stopped meanwhile: later ops may have been applied too, before these are repeated. Else 0. */
  readonly doubtfulSequence: number;
  /** What opening had to give up because the files were damaged in the middle; null when nothing. */
  readonly damage: string | null;

  private constructor(
    folder: string,
    { segmentBytes, syncFile }: Required<Omit<TargetQueueOptions, 'bootId'>>,
    progress: Progress,
    scan: Scan,
  ) {
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
    this.#syncFile = syncFile;
    this.#progress = progress;
    this.#segments = scan.segments;
    this.#writtenSequence = scan.lastSequence;
    this.#flushedSequence = scan.flushedSequence;
    this.damage = scan.damage;
    const counted = progress.left === 'unknown' ? scan.flushedSequence : progress.appliedSequence;
    const applied = Math.min(Math.max(counted, scan.flushedSequence), scan.lastSequence);
    progress.set(applied);
    const uncertainOps = { clean: 0, killed: 1, unknown: Infinity }[progress.left];
    this.uncertainSequence = Math.min(applied + uncertainOps, scan.lastSequence);
    this.doubtfulSequence = progress.left === 'unknown' ? this.uncertainSequence : 0;
    const top = scan.segments.at(-1);
    if (top === undefined) {
      this.#fd = -1;
      this.#endOffset = 0;
      this.#begin();
    } else {
      this.#fd = openSync(top.path, constants.O_WRONLY);
      this.#endOffset = scan.endOffset;
      ftruncateSync(this.#fd, scan.endOffset);
    }
  }

  /** Opens the queue in `folder`, creating it; cuts a torn tail. Throws coded errors of the disk. */
  static open(
    folder: string,
    { segmentBytes = 4 * 1024 * 1024, bootId = readBootId(), syncFile = syncFd }: TargetQueueOptions = {},
  ): TargetQueue {
    try {
      makeFolders(folder, 0o700);
      const progress = Progress.open(`${folder}/applied`, bootId);
      return new TargetQueue(folder, { segmentBytes, syncFile }, progress, scanSegments(folder, progress.appliedSequence));
    } catch (error) {
      throw codedError(error, folder);
    }
  }

  /** The last op written; durable once `sync` resolved. After `open` everything counts as durable. */
  get receivedSequence(): number {
    return this.#writtenSequence;
  }

  get appliedSequence(): number {
    return this.#progress.appliedSequence;
  }

  /** Writes ops, which follow the last one without a gap. After a throw (coded) nothing of them is there and the call can be repeated. */
  append(records: readonly QueueRecord[]): void {
    if (records.length === 0 && this.#pendingMark === null) return;
    records.forEach((record, i) => {
      invariant(record.sequence === this.#writtenSequence + 1 + i, 'the queue has no gaps');
    });
    try {
      if (this.#endOffset >= this.#segmentBytes) this.#begin();
      this.#write(encodeRecords(records, this.#pendingMark));
    } catch (error) {
      throw codedError(error, this.#folder);
    }
    this.#pendingMark = null;
    this.#writtenSequence += records.length;
  }

  /** Resolves when all that was appended before is on disk. A failure here is final for this opening: what the disk holds is unknown. */
  async sync(): Promise<void> {
    const fds = this.#unsyncedFds;
    const isFolderUnsynced = this.#isFolderUnsynced;
    this.#unsyncedFds = [];
    this.#isFolderUnsynced = false;
    try {
      await Promise.all([this.#fd, ...fds].map((fd) => this.#syncFile(fd, this.#folder)));
      if (isFolderUnsynced) await syncFolder(this.#folder);
    } catch (error) {
      throw codedError(error, this.#folder);
    } finally {
      for (const fd of fds) closeSync(fd);
    }
  }

  /** Everything up to `sequence` is applied; kept exact to one op through a kill. */
  markApplied(sequence: number): void {
    this.#progress.set(sequence);
  }

  /** Everything up to `sequence` is applied and flushed: written with the next `append`, and segments that hold nothing else go. */
  markFlushed(sequence: number): void {
    if (sequence <= this.#flushedSequence) return;
    this.#flushedSequence = sequence;
    this.#pendingMark = sequence;
    for (;;) {
      const [first, second] = this.#segments;
      // The last file stays: its header remembers the marks of those before it.
      if (first === undefined || second === undefined || second.firstSequence > sequence + 1) return;
      unlinkSync(first.path);
      durableStep('target.queue.file-deleted');
      this.#segments = this.#segments.slice(1);
    }
  }

  /** The ops after `sequence`, as many as their file holds; empty at the end of the queue. */
  readAfter(sequence: number): readonly QueueRecord[] {
    if (sequence >= this.#writtenSequence) return [];
    const at = this.#segments.findLastIndex((candidate) => candidate.firstSequence <= sequence + 1);
    const segment = this.#segments[at];
    invariant(segment !== undefined, 'an op that is not applied is still in the queue');
    try {
      const content = decodeSegment(readFileSync(segment.path));
      return content?.records.filter((record) => record.sequence > sequence) ?? [];
    } catch (error) {
      throw codedError(error, segment.path);
    }
  }

  /** Flushes marks and closes. After this the next opening knows exactly how far it got, whatever happened to the machine. */
  async close(): Promise<void> {
    try {
      this.append([]);
      await this.sync();
      this.#progress.close(this.#flushedSequence === this.appliedSequence);
    } finally {
      closeSync(this.#fd);
    }
  }

  /** Closes and deletes everything: the replica was released. */
  delete(): void {
    this.#progress.close(false);
    closeSync(this.#fd);
    for (const fd of this.#unsyncedFds) closeSync(fd);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #begin(): void {
    const firstSequence = this.#writtenSequence + 1;
    const path = `${this.#folder}/${String(firstSequence).padStart(DIGITS, '0')}${SUFFIX}`;
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      writeSync(fd, encodeSegmentHeader({ firstSequence, flushedSequence: this.#flushedSequence }), 0, SEGMENT_HEADER_BYTES, 0);
    } catch (error) {
      closeSync(fd);
      unlinkSync(path);
      throw error;
    }
    if (this.#fd >= 0) this.#unsyncedFds.push(this.#fd);
    this.#fd = fd;
    this.#endOffset = SEGMENT_HEADER_BYTES;
    this.#isFolderUnsynced = true;
    // A file begun twice at the same sequence (nothing but marks in the first) is the same file.
    this.#segments = [...this.#segments.filter((segment) => segment.path !== path), { path, firstSequence }];
    durableStep('target.queue.file-begun');
  }

  #write(bytes: Buffer): void {
    try {
      for (let done = 0; done < bytes.length;)
        done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#endOffset + done);
    } catch (error) {
      ftruncateSync(this.#fd, this.#endOffset);
      throw error;
    }
    this.#endOffset += bytes.length;
  }
}

interface Scan {
  readonly segments: Segment[];
  readonly lastSequence: number;
  readonly flushedSequence: number;
  readonly endOffset: number;
  readonly damage: string | null;
}

/** Reads all segment files in order, up to the first that does not join on; what lies behind that is deleted and comes again from the source. */
function scanSegments(folder: string, appliedSequence: number): Scan {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX))
    .sort();
  const segments: Segment[] = [];
  let last: SegmentContent | null = null;
  let damage: string | null = null;
  for (const [i, name] of names.entries()) {
    const path = `${folder}/${name}`;
    const content: SegmentContent | null = damage === null ? decodeSegment(readFileSync(path)) : null;
    const joins = content !== null && (last === null || content.header.firstSequence === nextSequence(last));
    if (!joins) {
      // A last file without a whole header was being begun when the machine stopped; any other break is damage.
      if (i < names.length - 1 || content !== null) damage ??= `the queue breaks off at ${name}`;
      unlinkSync(path);
      continue;
    }
    segments.push({ path, firstSequence: content.header.firstSequence });
    last = content;
  }
  if (last === null) {
    // Without a single file the counter alone still says where the source has to go on.
    return { segments, lastSequence: appliedSequence, flushedSequence: appliedSequence, endOffset: 0, damage };
  }
  return {
    segments,
    lastSequence: nextSequence(last) - 1,
    flushedSequence: last.flushedSequence,
    endOffset: last.endOffset,
    damage,
  };
}

function nextSequence({ header, records }: SegmentContent): number {
  return header.firstSequence + records.length;
}
