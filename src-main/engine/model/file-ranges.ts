/** Bytes of a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** Where a file was written since this was last told of it; `ranges` null: anywhere. Told before the notice that the file changed. */
export interface FileRanges {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly ranges: readonly ByteRange[] | null;
}

/** The same bytes as few ranges, sorted, none touching another. */
export function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const joined: { offset: number; length: number }[] = [];
  for (const { offset, length } of ranges.toSorted((a, b) => a.offset - b.offset)) {
    const last = joined.at(-1);
    if (last === undefined || last.offset + last.length < offset) joined.push({ offset, length });
    else last.length = Math.max(last.length, offset + length - last.offset);
  }
  return joined;
}
