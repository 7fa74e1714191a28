import { dataRanges, readInto } from '../../fs/index.ts';
import { joinRanges, type ByteRange } from '../../model/index.ts';
import type { Outbox } from '../../transmit/index.ts';
import type { Patch } from './transfer.ts';

export function bytesIn(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { length }) => sum + length, 0);
}

/** Where a file has data. */
export function wholeRanges(fd: number, size: number): readonly ByteRange[] {
  return [...dataRanges(fd, size)];
}

/** What to send of a file that is `size` long now. Where appended data landed no record says, but it is all behind the old end. */
export function rangesOf({ baseSize, changed, isRecorded }: Patch, size: number): readonly ByteRange[] {
  if (!isRecorded) return changed;
  const grown = size > baseSize ? [{ offset: baseSize, length: size - baseSize }] : [];
  const inside = changed.map(({ offset, length }) => ({ offset, length: Math.min(length, size - offset) }));
  return joinRanges([...inside.filter(({ length }) => length > 0), ...grown]);
}

/** Sends a part of an open file, with a rest after each piece. */
export function* sendRange(
  outbox: Outbox,
  fd: number,
  stream: number,
  range: ByteRange,
  onSent: (bytes: number) => void,
): Generator<void, void> {
  let offset = range.offset;
  const end = range.offset + range.length;
  while (offset < end) {
    // The socket may hold the bytes for a while; a piece of its own for each frame.
    const piece = outbox.pieces.take();
    const wanted = Math.min(piece.length, outbox.meter.pieceBytes, outbox.window.pieceBytes, end - offset);
    const got = readInto(fd, piece, 0, wanted, offset);
    if (got === 0) {
      outbox.pieces.give(piece);
      return; // it shrank: the end's attributes will not match, and it is sent again
    }
    outbox.sendData(stream, offset, piece.subarray(0, got), () => outbox.pieces.give(piece));
    onSent(got);
    offset += got;
    yield;
  }
}
