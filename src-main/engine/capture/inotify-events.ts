/** One event as the kernel wrote it; `name` is raw and '' when the event is about the watched folder itself. */
export interface InotifyEvent {
  readonly wd: number;
  readonly mask: number;
  /** Joins the two halves of a rename; 0 otherwise. */
  readonly cookie: number;
  readonly name: string;
}

export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_CLOSE_WRITE = 0x8;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
export const IN_UNMOUNT = 0x2000;
export const IN_Q_OVERFLOW = 0x4000;
export const IN_IGNORED = 0x8000;
export const IN_ONLYDIR = 0x1000000;
export const IN_EXCL_UNLINK = 0x4000000;
export const IN_ISDIR = 0x40000000;

const HEADER_BYTES = 16;

/** Decodes what one `read` of an inotify descriptor gave: whole events, each a header and a name padded with zeros. */
export function decodeEvents(buffer: Buffer, length: number): InotifyEvent[] {
  const events: InotifyEvent[] = [];
  for (let at = 0; at + HEADER_BYTES <= length;) {
    const nameBytes = buffer.readUInt32LE(at + 12);
    const start = at + HEADER_BYTES;
    let end = start;
    if (nameBytes > 0) {
      end = buffer.indexOf(0, start);
      if (end < 0 || end > start + nameBytes) end = start + nameBytes;
    }
    events.push({
      wd: buffer.readInt32LE(at),
      mask: buffer.readUInt32LE(at + 4),
      cookie: buffer.readUInt32LE(at + 8),
      name: end > start ? buffer.toString('latin1', start, end) : '',
    });
    at = start + nameBytes;
  }
  return events;
}

/** Whether both halves of every rename are there that may still be on their way: a lonely half among the last `tail` events. */
export function isRenameOpen(events: readonly InotifyEvent[], tail: number): boolean {
  let open: Set<number> | null = null;
  for (let i = Math.max(0, events.length - tail); i < events.length; i++) {
    const event = events[i];
    if (event === undefined) continue;
    if ((event.mask & IN_MOVED_FROM) !== 0) (open ??= new Set()).add(event.cookie);
    else if ((event.mask & IN_MOVED_TO) !== 0) open?.delete(event.cookie);
  }
  return open !== null && open.size > 0;
}
