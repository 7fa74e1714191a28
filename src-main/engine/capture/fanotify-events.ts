/** A folder or file as the kernel names it, whatever its path: file system, handle type and handle, as one raw string. */
export type ObjectKey = string;

/** One event as the kernel wrote it; names are raw. Equal events that wait in the kernel's queue are merged: `mask` may say several. */
export interface FanotifyEvent {
  readonly mask: number;
  /** Who did it: a process, or a thread where the group asks for threads. */
  readonly pid: number;
  /** The folder around the entry, or the folder itself when `name` is '.'; '' when only the object is known. */
  readonly folder: ObjectKey;
  readonly name: string;
  /** Where a rename led to. */
  readonly toFolder: ObjectKey;
  readonly toName: string;
  /** The entry itself; '' for events of a folder on itself. */
  readonly object: ObjectKey;
}

export const FAN_MODIFY = 0x2;
export const FAN_ATTRIB = 0x4;
export const FAN_CLOSE_WRITE = 0x8;
export const FAN_CREATE = 0x100;
export const FAN_DELETE = 0x200;
export const FAN_Q_OVERFLOW = 0x4000;
export const FAN_RENAME = 0x10000000;
export const FAN_ONDIR = 0x40000000;

const INFO_FID = 1;
const INFO_DFID_NAME = 2;
const INFO_DFID = 3;
const INFO_OLD_DFID_NAME = 10;
const INFO_NEW_DFID_NAME = 12;

const FSID_BYTES = 8;
const INFO_HEADER_BYTES = 4;
const HANDLE_HEADER_BYTES = 8;

/** Decodes what one `read` of a fanotify descriptor gave. */
export function decodeFanotifyEvents(buffer: Buffer, length: number): FanotifyEvent[] {
  const events: FanotifyEvent[] = [];
  for (let at = 0; at + 24 <= length;) {
    const eventBytes = buffer.readUInt32LE(at);
    const metadataBytes = buffer.readUInt16LE(at + 6);
    if (eventBytes < metadataBytes || at + eventBytes > length) break;
    const event = {
      mask: buffer.readUInt32LE(at + 8),
      pid: buffer.readInt32LE(at + 20),
      folder: '',
      name: '',
      toFolder: '',
      toName: '',
      object: '',
    };
    for (let info = at + metadataBytes; info + INFO_HEADER_BYTES <= at + eventBytes;) {
      const infoBytes = buffer.readUInt16LE(info + 2);
      if (infoBytes === 0) break;
      switch (buffer[info]) {
        case INFO_FID:
          event.object = keyAt(buffer, info);
          break;
        case INFO_DFID:
          event.folder = keyAt(buffer, info);
          event.name = '.';
          break;
        case INFO_DFID_NAME:
        case INFO_OLD_DFID_NAME:
          event.folder = keyAt(buffer, info);
          event.name = nameAt(buffer, info, infoBytes);
          break;
        case INFO_NEW_DFID_NAME:
          event.toFolder = keyAt(buffer, info);
          event.toName = nameAt(buffer, info, infoBytes);
          break;
      }
      info += infoBytes;
    }
    events.push(event);
    at += eventBytes;
  }
  return events;
}

/** The key of an object by its file system's number and the handle as `name_to_handle_at` fills it in. */
export function keyOf(fsid: Buffer, handle: Buffer): ObjectKey {
  const bytes = handle.readUInt32LE(0);
  return fsid.toString('latin1', 0, FSID_BYTES) + handle.toString('latin1', 0, HANDLE_HEADER_BYTES + bytes);
}

/** The handle in a key, as `open_by_handle_at` takes it. */
export function handleIn(key: ObjectKey): Buffer {
  return Buffer.from(key.slice(FSID_BYTES), 'latin1');
}

/** The number of the file system in a key. */
export function fileSystemOf(key: ObjectKey): string {
  return key.slice(0, FSID_BYTES);
}

function keyAt(buffer: Buffer, info: number): ObjectKey {
  const start = info + INFO_HEADER_BYTES;
  return buffer.toString('latin1', start, handleEnd(buffer, info));
}

function nameAt(buffer: Buffer, info: number, infoBytes: number): string {
  const start = handleEnd(buffer, info);
  const end = buffer.indexOf(0, start);
  return buffer.toString('latin1', start, end < 0 || end > info + infoBytes ? info + infoBytes : end);
}

function handleEnd(buffer: Buffer, info: number): number {
  const handle = info + INFO_HEADER_BYTES + FSID_BYTES;
  return handle + HANDLE_HEADER_BYTES + buffer.readUInt32LE(handle);
}
