import type { Place } from '../model/index.ts';

/**
 * One thing to look at or follow, in the order of the changes. `noticedAtMs`: ms since 1970. `isSettled`: no notice will tell why the
 * entry is missing, if it is: it is gone. `deep`: with all below it. `bytes`: what it stands for, the size of the file whose content
 * changed when it was last looked at; the item itself holds no data.
 */
export type QueueItem = { readonly noticedAtMs: number; bytes: number } & (
  | { readonly kind: 'examine'; readonly place: Place; content: boolean; deep: boolean; readonly isSettled: boolean }
  | { readonly kind: 'gone'; readonly place: Place; readonly isFolder: boolean; readonly isMoved?: boolean | undefined }
  | { readonly kind: 'renamed'; readonly from: Place; readonly to: Place; readonly isFolder: boolean }
);

/** An item in memory without its path: the object, its place and times, its entry among those that wait. */
const ITEM_BYTES = 360;
const FIXED_BYTES = 17;
const PLACE_BYTES = 8;

const EXAMINE = 0;
const GONE = 1;
const RENAMED = 2;
const CONTENT = 4;
const DEEP = 8;
const SETTLED = 16;
const FOLDER = 32;
const MOVED = 64;

/** What an item takes in memory, about. */
export function memoryBytesOf(item: QueueItem): number {
  if (item.kind === 'renamed') return ITEM_BYTES + item.from.path.length + item.to.path.length;
  return ITEM_BYTES + item.place.path.length;
}

/** The bytes of items, one after the other. Paths are raw: one byte a character. */
export function encodeItems(items: readonly QueueItem[]): Buffer {
  const size = items.reduce((sum, item) => sum + encodedBytes(item), 0);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (const item of items) {
    at = out.writeUInt8(flagsOf(item), at);
    at = out.writeDoubleLE(item.noticedAtMs, at);
    at = out.writeDoubleLE(item.bytes, at);
    if (item.kind === 'renamed') at = writePlace(out, writePlace(out, at, item.from), item.to);
    else at = writePlace(out, at, item.place);
  }
  return out;
}

export function decodeItems(bytes: Buffer): QueueItem[] {
  const items: QueueItem[] = [];
  for (let at = 0; at < bytes.length;) {
    const flags = bytes.readUInt8(at);
    const common = { noticedAtMs: bytes.readDoubleLE(at + 1), bytes: bytes.readDoubleLE(at + 9) };
    const isFolder = (flags & FOLDER) !== 0;
    const first = readPlace(bytes, at + FIXED_BYTES);
    at = first.end;
    const { place } = first;
    switch (flags & 3) {
      case EXAMINE: {
        const how = { content: (flags & CONTENT) !== 0, deep: (flags & DEEP) !== 0, isSettled: (flags & SETTLED) !== 0 };
        items.push({ kind: 'examine', place, ...how, ...common });
        break;
      }
      case GONE:
        items.push({ kind: 'gone', place, isFolder, ...((flags & MOVED) === 0 ? {} : { isMoved: true }), ...common });
        break;
      default: {
        const second = readPlace(bytes, at);
        at = second.end;
        items.push({ kind: 'renamed', from: place, to: second.place, isFolder, ...common });
      }
    }
  }
  return items;
}

function encodedBytes(item: QueueItem): number {
  if (item.kind === 'renamed') return FIXED_BYTES + 2 * PLACE_BYTES + item.from.path.length + item.to.path.length;
  return FIXED_BYTES + PLACE_BYTES + item.place.path.length;
}

function flagsOf(item: QueueItem): number {
  if (item.kind === 'examine')
    return EXAMINE | (item.content ? CONTENT : 0) | (item.deep ? DEEP : 0) | (item.isSettled ? SETTLED : 0);
  const isMoved = item.kind === 'gone' && item.isMoved === true;
  return (item.kind === 'gone' ? GONE : RENAMED) | (item.isFolder ? FOLDER : 0) | (isMoved ? MOVED : 0);
}

function writePlace(out: Buffer, at: number, { root, path }: Place): number {
  out.writeUInt32LE(root, at);
  out.writeUInt32LE(path.length, at + 4);
  return at + PLACE_BYTES + out.write(path, at + PLACE_BYTES, 'latin1');
}

function readPlace(bytes: Buffer, at: number): { place: Place; end: number } {
  const start = at + PLACE_BYTES;
  const end = start + bytes.readUInt32LE(at + 4);
  return { place: { root: bytes.readUInt32LE(at), path: bytes.toString('latin1', start, end) }, end };
}
