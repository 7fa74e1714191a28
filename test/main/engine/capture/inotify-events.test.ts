import { expect, test } from 'vitest';
import {
  decodeEvents,
  IN_CREATE,
  IN_MOVED_FROM,
  IN_MOVED_TO,
  isRenameOpen,
  type InotifyEvent,
} from '../../../../src-main/engine/capture/inotify-events.ts';

/** An event in the kernel's form; the name is padded with zeros to a multiple of 16 bytes. */
function encode(wd: number, mask: number, cookie: number, name: string): Buffer {
  const nameBytes = name === '' ? 0 : Math.ceil((name.length + 1) / 16) * 16;
  const bytes = Buffer.alloc(16 + nameBytes);
  bytes.writeInt32LE(wd, 0);
  bytes.writeUInt32LE(mask, 4);
  bytes.writeUInt32LE(cookie, 8);
  bytes.writeUInt32LE(nameBytes, 12);
  bytes.write(name, 16, 'latin1');
  return bytes;
}

const event = (mask: number, cookie: number): InotifyEvent => ({ wd: 1, mask, cookie, name: 'x' });

test('events come out as the kernel wrote them, names by their bytes', () => {
  const bytes = Buffer.concat([
    encode(-1, 0x4000, 0, ''),
    encode(7, IN_CREATE, 0, 'a\xff\n'),
    encode(8, IN_MOVED_TO, 99, 'sixteen-bytes-ab'),
  ]);
  expect(decodeEvents(bytes, bytes.length)).toEqual([
    { wd: -1, mask: 0x4000, cookie: 0, name: '' },
    { wd: 7, mask: IN_CREATE, cookie: 0, name: 'a\xff\n' },
    { wd: 8, mask: IN_MOVED_TO, cookie: 99, name: 'sixteen-bytes-ab' },
  ]);
  expect(decodeEvents(bytes, 0)).toEqual([]);
});

test('a rename is open while its second half may still be on its way', () => {
  expect(isRenameOpen([event(IN_MOVED_FROM, 1)], 64)).toBe(true);
  expect(isRenameOpen([event(IN_MOVED_FROM, 1), event(IN_MOVED_TO, 1)], 64)).toBe(false);
  expect(isRenameOpen([event(IN_MOVED_FROM, 1), event(IN_CREATE, 0), event(IN_MOVED_FROM, 2), event(IN_MOVED_TO, 1)], 64)).toBe(
    true,
  );
  // Long past: it moved out of what is watched.
  expect(isRenameOpen([event(IN_MOVED_FROM, 1), event(IN_CREATE, 0), event(IN_CREATE, 0)], 2)).toBe(false);
});
