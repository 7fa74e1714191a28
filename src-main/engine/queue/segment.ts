import { crc32 } from 'node:zlib';

/** `USQ` and the version of the format. */
const MAGIC = 0x01515355;
export const SEGMENT_HEADER_BYTES = 32;
const RECORD_PREFIX_BYTES = 8;
const RECORD_FIXED_BYTES = 9;
/** Larger than any op: two paths and their attributes. A length above it is damage. */
const MAX_RECORD_BYTES = 512 * 1024;
const TYPE_OP = 1;
const TYPE_MARK = 2;

/** One op in the queue: its place in the order and the bytes its owner gave. */
export interface QueueRecord {
  readonly sequence: number;
  readonly bytes: Buffer;
}

export interface SegmentHeader {
  /** The sequence of the first op that may stand in this file. */
  readonly firstSequence: number;
  /** Everything up to here was applied and flushed when the file was begun. */
  readonly flushedSequence: number;
}

/** What a segment file holds up to its first damaged byte. */
export interface SegmentContent {
  readonly header: SegmentHeader;
  readonly records: readonly QueueRecord[];
  /** The last mark in the file, or the header's. */
  readonly flushedSequence: number;
  /** Where the next record goes; what lies beyond is a torn tail. */
  readonly endOffset: number;
}

export function encodeSegmentHeader({ firstSequence, flushedSequence }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeBigUInt64LE(BigInt(firstSequence), 8);
  bytes.writeBigUInt64LE(BigInt(flushedSequence), 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24);
  return bytes;
}

/** The bytes of a batch: at first the mark, if there is one, then the ops. */
export function encodeRecords(records: readonly QueueRecord[], flushedSequence: number | null): Buffer {
  let size = flushedSequence === null ? 0 : RECORD_PREFIX_BYTES + RECORD_FIXED_BYTES;
  for (const { bytes } of records) size += RECORD_PREFIX_BYTES + RECORD_FIXED_BYTES + bytes.length;
  const out = Buffer.allocUnsafe(size);
  let at = flushedSequence === null ? 0 : writeRecord(out, 0, TYPE_MARK, flushedSequence, null);
  for (const { sequence, bytes } of records) at = writeRecord(out, at, TYPE_OP, sequence, bytes);
  return out;
}

function writeRecord(out: Buffer, at: number, type: number, sequence: number, content: Buffer | null): number {
  const bodyStart = at + RECORD_PREFIX_BYTES;
  const bodyEnd = bodyStart + RECORD_FIXED_BYTES + (content?.length ?? 0);
  out.writeUInt32LE(bodyEnd - bodyStart, at);
  out.writeUInt8(type, bodyStart);
  const high = Math.floor(sequence / 0x1_0000_0000);
  out.writeUInt32LE(sequence - high * 0x1_0000_0000, bodyStart + 1);
  out.writeUInt32LE(high, bodyStart + 5);
  content?.copy(out, bodyStart + RECORD_FIXED_BYTES);
  out.writeUInt32LE(crc32(out.subarray(bodyStart, bodyEnd)), at + 4);
  return bodyEnd;
}

/** Reads a segment file's bytes up to the first record that is torn, damaged or out of order; null when not even the header is whole. */
export function decodeSegment(bytes: Buffer): SegmentContent | null {
  if (bytes.length < SEGMENT_HEADER_BYTES || bytes.readUInt32LE(0) !== MAGIC) return null;
  if (bytes.readUInt32LE(24) !== crc32(bytes.subarray(0, 24))) return null;
  const header = { firstSequence: Number(bytes.readBigUInt64LE(8)), flushedSequence: Number(bytes.readBigUInt64LE(16)) };
  const records: QueueRecord[] = [];
  let flushedSequence = header.flushedSequence;
  let at = SEGMENT_HEADER_BYTES;
  while (at + RECORD_PREFIX_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const bodyStart = at + RECORD_PREFIX_BYTES;
    const bodyEnd = bodyStart + length;
    if (length < RECORD_FIXED_BYTES || length > MAX_RECORD_BYTES || bodyEnd > bytes.length) break;
    if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(bodyStart, bodyEnd))) break;
    const sequence = bytes.readUInt32LE(bodyStart + 5) * 0x1_0000_0000 + bytes.readUInt32LE(bodyStart + 1);
    if (bytes.readUInt8(bodyStart) === TYPE_MARK) {
      flushedSequence = Math.max(flushedSequence, sequence);
    } else {
      if (sequence !== header.firstSequence + records.length) break;
      records.push({ sequence, bytes: bytes.subarray(bodyStart + RECORD_FIXED_BYTES, bodyEnd) });
    }
    at = bodyEnd;
  }
  return { header, records, flushedSequence, endOffset: at };
}
